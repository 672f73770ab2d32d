import { registry } from '../base/registry.ts';
import { dnsBind } from './dns-bind/index.ts';
import { dnsEmbedded } from './dns-embedded/index.ts';
import { dnsUpdate } from './dns-update/index.ts';
import type { EndpointDriver } from './driver.ts';
import { haproxy } from './haproxy/index.ts';
import { keepalived } from './keepalived/index.ts';
import { nginx } from './nginx/index.ts';

/** Every driver; one line each, in the order of the documentation. */
// biome-ignore lint/suspicious/noExplicitAny: a family's members have different configurations
export const drivers = registry<EndpointDriver<any>>(
  'driver',
  [dnsEmbedded, dnsUpdate, dnsBind, keepalived, haproxy, nginx],
  (driver) => driver.name,
);
