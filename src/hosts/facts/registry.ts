/** Every fact, one line each. */
import { registry } from '../../base/registry.ts';
import type { FactKind } from '../fact.ts';
import { addresses } from './addresses.ts';
import { bridges } from './bridges.ts';
import { clockOffset } from './clock-offset.ts';
import { cpu } from './cpu.ts';
import { disks } from './disks.ts';
import { firewall } from './firewall.ts';
import { hostsFile } from './hosts-file.ts';
import { init } from './init.ts';
import { kernel } from './kernel.ts';
import { listeningPorts } from './listening-ports.ts';
import { memory } from './memory.ts';
import { os } from './os.ts';
import { packageManager } from './package-manager.ts';
import { resolver } from './resolver.ts';
import { selinux } from './selinux.ts';

// biome-ignore lint/suspicious/noExplicitAny: a family's members have different types
export const factKinds = registry<FactKind<any, any>>(
  'fact',
  [
    os,
    kernel,
    packageManager,
    init,
    cpu,
    memory,
    disks,
    addresses,
    bridges,
    selinux,
    firewall,
    listeningPorts,
    clockOffset,
    resolver,
    hostsFile,
  ],
  (kind) => kind.name,
);
