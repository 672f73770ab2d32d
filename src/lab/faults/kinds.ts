import { type Registry, registry } from '../../base/registry.ts';
import { type ClockSkewFault, clockSkew } from './clock-skew.ts';
import type { FaultKind } from './fault.ts';
import { type FullDiskFault, fullDisk } from './full-disk.ts';
import { type IsolateFault, isolate } from './isolate.ts';
import { type KillFault, kill } from './kill.ts';
import { type PauseFault, pause } from './pause.ts';
import { type SlowFault, slow } from './slow.ts';
import { type StopServiceFault, stopService } from './stop-service.ts';

/** A fault as it is asked for. */
export type Fault =
  | KillFault
  | PauseFault
  | IsolateFault
  | SlowFault
  | FullDiskFault
  | ClockSkewFault
  | StopServiceFault;

/** Every kind of fault; the name is that of its file. */
// biome-ignore lint/suspicious/noExplicitAny: each kind has arguments of its own, and its schema has read them.
export const faultKinds: Registry<FaultKind<any>> = registry<FaultKind<any>>(
  'fault',
  [kill, pause, isolate, slow, fullDisk, clockSkew, stopService],
  ({ kind }) => kind,
);
