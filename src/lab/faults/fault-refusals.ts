/** Why a fault was not begun, or does not end. */
import { formatDuration } from '../../base/duration.ts';
import { LabError } from '../lab-error.ts';
import type { FaultRecord } from './fault-folder.ts';

export function badFault(kind: string, got: string): LabError {
  return new LabError({
    code: 'lab/bad-fault',
    message: `'${kind}' cannot be done like this`,
    expected: 'the options of this kind of fault',
    got,
    hint: "'holdfast lab fault --help' says what each kind takes.",
  });
}

/** @param leftMs undefined where it is just ending */
export function faultExists({ host, kind }: FaultRecord, leftMs: number | undefined): LabError {
  return new LabError({
    code: 'lab/fault-exists',
    where: { host },
    message: `it has the fault ${kind} already`,
    expected: 'a host without it',
    got:
      leftMs === undefined
        ? 'one that is ending'
        : `one that lasts ${formatDuration(Math.max(0, leftMs))} more`,
    hint: `Wait for its end, or end it: 'holdfast lab heal ${host}'.`,
    retryable: true,
  });
}

export function hostNotFit(host: string, state: 'off' | 'paused'): LabError {
  return new LabError({
    code: state === 'off' ? 'lab/host-off' : 'lab/fault-not-begun',
    where: { host },
    message: `it is ${state}`,
    expected: 'a host that runs',
    got: state,
    hint:
      state === 'off'
        ? `Boot it: 'holdfast lab boot ${host}', or 'holdfast lab heal ${host}' where a fault has powered it off.`
        : `This fault needs processes that run there: 'holdfast lab heal ${host}' first.`,
  });
}

/** @param said by the keeper: what the script said, then `failed CODE` */
export function notBegun({ host, kind }: FaultRecord, said: string): LabError {
  const lines = said.trim().split('\n');
  const reason = lines.filter((line) => !/^failed \d+$/.test(line)).at(-1);
  return new LabError({
    code: 'lab/fault-not-begun',
    where: { host },
    message: `the fault ${kind} could not be begun; the host is as it was`,
    expected: 'a host and a kernel that allow it',
    got: reason ?? 'no reason',
    hint: 'Choose another fault, or mend what the message names; --verbose shows everything that was said.',
    evidence: said,
  });
}

export function faultStuck({ host, kind }: FaultRecord, said: string): LabError {
  return new LabError({
    code: 'lab/fault-stuck',
    where: { host },
    message: `the fault ${kind} cannot be undone`,
    expected: 'an end without an error',
    got: said.trim().split('\n').at(-1) ?? 'no reason',
    hint: "Try 'holdfast lab heal' again; 'holdfast lab reset' or 'lab down' end it in any case.",
    evidence: said,
  });
}
