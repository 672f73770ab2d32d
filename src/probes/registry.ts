/** Every kind of probe that stands alone; stacks bring their own. One line and one file each. */
import { type Registry, registry } from '../base/registry.ts';
import { dns } from './dns.ts';
import { exec } from './exec.ts';
import { http } from './http.ts';
import { https } from './https.ts';
import type { ProbeKind } from './probe.ts';
import { tcp } from './tcp.ts';

// biome-ignore lint/suspicious/noExplicitAny: a family's members have different argument types
export const probeKinds: Registry<ProbeKind<any>> = registry<ProbeKind<any>>(
  'probe kind',
  [tcp, http, https, dns, exec],
  (member) => member.kind,
);
