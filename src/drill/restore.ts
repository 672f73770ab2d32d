/** Restores a backup on purpose, and throws it away again: a backup that nobody ever restored is a hope. */
import { gatherFacts } from '../hosts/facts/gather.ts';
import type { HostName, StackName, StackSpec } from '../site/model.ts';
import type { RestoreResult, RestoreTrial, StoredBackup } from '../stacks/stack.ts';
import type { StackWorld } from '../stacks/stack-world.ts';
import { DrillError } from './error.ts';

export interface RestoreRequest {
  /** Absent: the only one that has backups. */
  readonly stack?: StackName | undefined;
  /** The backup's id. Absent: the newest. */
  readonly from?: string | undefined;
  /** Of the backups on this host. Absent: of all. */
  readonly on?: HostName | undefined;
}

export interface RestoreReport extends RestoreResult {
  readonly stack: StackName;
  readonly backup: StoredBackup;
  readonly ageMs: number;
  /** All of it: what a restore takes at the least. */
  readonly tookMs: number;
}

/** A terabyte from a slow disk takes its hours. */
const TIMEOUT_MS = 12 * 3_600_000;

/**
 * Picks the backup, restores it on its host, and gives what was found; that it is broken is a finding, not an error.
 * @param began told before it begins, because it takes long
 * @throws DrillError where there is nothing to restore, or it could not be tried
 */
export async function drillRestore(
  o: StackWorld,
  request: RestoreRequest,
  began: (backup: StoredBackup) => void = () => {},
): Promise<RestoreReport> {
  const { stack, trial } = pickStack(o, request.stack);
  const facts = await gatherFacts(trial.facts, o.hosts, o);
  const backup = pickBackup(stack, trial.backups(facts), request, [...facts.unreachable.keys()]);
  began(backup);
  const startMs = o.clock.monotonicMs();
  const host = await o.hosts.connect(backup.host, o.signal);
  const command = trial.command(backup);
  const { signal } = o;
  const { stdout, stderr } = await host.run(command, { timeoutMs: TIMEOUT_MS, signal, as: 'root' });
  const result = trial.parse(stdout);
  if (result === undefined) throw notTried(backup, stderr);
  const tookMs = o.clock.monotonicMs() - startMs;
  return { ...result, stack, backup, ageMs: o.clock.now() - backup.beganMs, tookMs };
}

function pickStack(
  { site, stacks }: StackWorld,
  name: StackName | undefined,
): { stack: StackName; trial: RestoreTrial } {
  const trialOf = (spec: StackSpec): RestoreTrial | undefined => stacks.get(spec.kind).restores?.(site, spec);
  const all = [...site.stacks.values()].flatMap((spec) => {
    const trial = trialOf(spec);
    return trial === undefined ? [] : [{ stack: spec.name, trial }];
  });
  const wanted = name === undefined ? all : all.filter(({ stack }) => stack === name);
  const [first, second] = wanted;
  if (first !== undefined && second === undefined) return first;
  throw new DrillError({
    code: 'drill/no-backups',
    message:
      first === undefined
        ? 'no stack that makes backups'
        : 'several stacks make backups: which one is meant?',
    where: { position: site.where(['stacks']) },
    expected: name === undefined ? 'one stack with backups' : `backups of '${name}'`,
    got: all.map(({ stack }) => stack).join(', ') || 'none',
    hint:
      first === undefined
        ? 'Give the stack its `backup:` (a MariaDB pair has one), then `holdfast apply`.'
        : 'Name the stack: `holdfast drill restore STACK`.',
  });
}

function pickBackup(
  stack: StackName,
  all: readonly StoredBackup[],
  { from, on }: RestoreRequest,
  unreachable: readonly HostName[],
): StoredBackup {
  const fits = all.filter(({ id, host }) => (from ?? id) === id && (on ?? host) === host);
  const newest = fits.toSorted((a, b) => a.beganMs - b.beganMs).at(-1);
  if (newest !== undefined) return newest;
  const known = all.map(({ id, host }) => `${id} on ${host}`);
  throw new DrillError({
    code: 'drill/no-such-backup',
    message: `'${stack}' has no such backup`,
    expected: `${from ?? 'a whole one'}${on === undefined ? '' : ` on ${on}`}`,
    got: [...known, ...unreachable.map((host) => `${host} did not answer`)].join(', ') || 'none at all',
    hint: 'See `holdfast verify` for how backups stand.',
  });
}

function notTried({ id, host }: StoredBackup, stderr: string): DrillError {
  return new DrillError({
    code: 'drill/not-restored',
    message: `the restore of ${id} could not be tried`,
    where: { host },
    expected: 'room, and no other drill at work',
    got: stderr.trim().split('\n').at(-1) || 'no word of it',
    hint: 'Make room where the backups lie, or name another backup with --from.',
    evidence: stderr,
  });
}
