/**
 * Commands that a Holdfast which is gone left running on a host: kill -9 takes the controller, not what it had started
 * elsewhere. Whoever goes on, or back, waits for them first: a file that is put in place after its rollback would be
 * worse than the crash.
 */
import type { Clock } from '../base/clock.ts';
import type { Finding } from '../base/finding.ts';
import { type Command, script } from '../hosts/shell.ts';
import type { HostName } from '../site/model.ts';
import { engineReasons } from './reasons.ts';

const LONGEST_WAIT_MS = 60_000;
const POLL_MS = 300;

/** One command of a Holdfast, found at work on a host. */
export interface Straggler {
  /** Pid and start time: a pid alone is used again. */
  readonly id: string;
  readonly pid: number;
  /** The beginning of what it runs, for people. */
  readonly text: string;
}

/**
 * Prints `<pid> <start> <text>` for each process whose command line has the mark that `hosts/envelope.ts` puts around
 * every command, but for those that run this very script. Prints nothing where there is no /proc.
 * The brackets keep the patterns from matching the processes that look for them.
 */
export const stragglersScript: Command = script(`: hf-look
grep -l 'hf-begi[n]-' /proc/[0-9]*/cmdline 2>/dev/null | while read -r f; do
  grep -q 'hf-loo[k]' "$f" 2>/dev/null && continue
  p=\${f#/proc/}; p=\${p%/cmdline}
  { read -r stat <"/proc/$p/stat"; } 2>/dev/null || continue
  set -- \${stat##*) }
  [ "$1" = Z ] && continue
  printf '%s %s %s\\n' "$p" "\${20}" "$(tr '\\000\\n' '  ' <"$f" 2>/dev/null | sed 's/.*set --  *//' | cut -c1-120)"
done; :`);

/** Understands what `stragglersScript` prints. */
export function parseStragglers(output: string): readonly Straggler[] {
  return output.split('\n').flatMap((line) => {
    const found = /^(\d+) (\d+) ?(.*)$/.exec(line);
    if (found === null) return [];
    const [, pid = '', start = '', text = ''] = found;
    return [{ id: `${pid}@${start}`, pid: Number(pid), text: text.trim() }];
  });
}

/** Who can say what is at work on a host, and the clock to wait by: the engine, without its whole. */
export interface StragglerWatch {
  readonly clock: Clock;
  readonly locks: {
    stragglers(host: HostName | undefined, signal: AbortSignal): Promise<readonly Straggler[]>;
  };
}

/**
 * Waits until what is at work on the hosts now has ended. What begins meanwhile (somebody's `plan`) does not count.
 * @returns a refusal for each host where it takes too long; empty where all is quiet
 */
export async function awaitStragglers(
  engine: StragglerWatch,
  hosts: readonly (HostName | undefined)[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const found = await Promise.all(hosts.map((host) => awaitQuiet(engine, host, signal)));
  return found.flat();
}

async function awaitQuiet(
  engine: StragglerWatch,
  host: HostName | undefined,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const deadlineMs = engine.clock.monotonicMs() + LONGEST_WAIT_MS;
  let left = await engine.locks.stragglers(host, signal);
  const first = new Set(left.map(({ id }) => id));
  while (left.length > 0) {
    if (engine.clock.monotonicMs() >= deadlineMs) return left.map((straggler) => refusalOf(host, straggler));
    await engine.clock.sleep(POLL_MS, signal);
    left = (await engine.locks.stragglers(host, signal)).filter(({ id }) => first.has(id));
  }
  return [];
}

function refusalOf(host: HostName | undefined, { pid, text }: Straggler): Finding {
  const params = { host: host ?? 'localhost', pid, text };
  return {
    rule: 'engine/straggler',
    severity: 'error',
    because: engineReasons.of('engine/straggler', params),
    hint: engineReasons.of('engine/straggler-hint', params),
  };
}
