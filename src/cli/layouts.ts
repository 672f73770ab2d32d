/** The layouts that `holdfast init` knows; one line and one file each. The first is the default. */
import { registry } from '../base/registry.ts';
import { apiRoundRobin } from './layouts/api-round-robin.ts';
import { bootstrapDnsBind } from './layouts/bootstrap-dns-bind.ts';
import { bootstrapDnsUpdate } from './layouts/bootstrap-dns-update.ts';
import { bootstrapPair } from './layouts/bootstrap-pair.ts';

export const layouts = registry(
  'layout',
  [bootstrapPair, bootstrapDnsBind, bootstrapDnsUpdate, apiRoundRobin],
  (layout) => layout.name,
);
