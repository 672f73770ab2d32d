/** Every step kind there is, one line each. Drivers and stacks bring their own beside these. */
import { randomInt } from 'node:crypto';
import { type Registry, registry } from '../../base/registry.ts';
import type { StepKind } from '../step.ts';
import { command } from './command.ts';
import { directory } from './directory.ts';
import { dnsRecordStep } from './dns-record.ts';
import { file } from './file.ts';
import { hostsFile } from './hosts-file.ts';
import { packageKind } from './package.ts';
import { type Probers, probeStep } from './probe.ts';
import { service } from './service.ts';
import { serviceConfig } from './service-config.ts';
import { sysctl } from './sysctl.ts';

// biome-ignore lint/suspicious/noExplicitAny: a family's members have different argument types
export type StepKinds = Registry<StepKind<any, any>>;

/**
 * Makes the registry over what some kinds need.
 * @param random 0…1, for the IDs of DNS messages; the system's own unless a test fixes it
 */
export function stepKindsWith(probers: Probers, random: () => number = systemRandom): StepKinds {
  return registry(
    'step',
    [
      command,
      directory,
      dnsRecordStep(random),
      file,
      hostsFile,
      packageKind,
      probeStep(probers),
      service,
      serviceConfig,
      sysctl,
    ],
    ({ kind }) => kind,
  );
}

const RANGE = 2 ** 32;

function systemRandom(): number {
  return randomInt(RANGE) / RANGE;
}
