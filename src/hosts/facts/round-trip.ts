/** Many fragments of shell as one command, and its output as many. Pure. */
import type { FactTiming } from '../fact.ts';
import type { CommandResult } from '../host.ts';
import { HostError } from '../host-error.ts';
import { type Command, quote, script } from '../shell.ts';

/**
 * Each fragment runs in a subshell of its own with no input; one that exits, fails or does not even parse leaves the
 * others alone (`eval` keeps its syntax error inside). The host's time stands at both ends.
 * @param separator random, so that no file on the host can hold it by chance or on purpose
 */
export function joinFragments(fragments: readonly string[], separator: string): Command {
  const time = `printf '\\n%s time ' ${separator}; date +%s%N`;
  const parts = fragments.map(
    (fragment, index) =>
      `printf '\\n%s %s\\n' ${separator} ${index}; (eval ${quote(fragment)}) </dev/null 2>/dev/null`,
  );
  return script([time, ...parts, time, 'exit 0'].join('\n'));
}

/** A fragment's output ends with the newline that stands before the next separator: that one is ours. */
export function splitOutput(
  host: string,
  result: CommandResult,
  separator: string,
  count: number,
): { outputs: string[] } & Omit<FactTiming, 'sentAtMs' | 'receivedAtMs'> {
  const [, ...pieces] = `\n${result.stdout}`.split(`\n${separator} `);
  const outputs: string[] = [];
  const times: string[] = [];
  for (const piece of pieces) {
    const end = piece.indexOf('\n');
    if (end < 0) throw brokenOff(host, result);
    const head = piece.slice(0, end);
    if (head.startsWith('time ')) times.push(head.slice(5));
    else outputs[Number(head)] = piece.slice(end + 1);
  }
  if (times.length !== 2 || outputs.length !== count) throw brokenOff(host, result);
  return { outputs, ...readTimes(times) };
}

/** GNU date: nanoseconds. busybox date knows no %N and prints seconds alone, or with the letter. */
function readTimes(times: readonly string[]): Omit<FactTiming, 'sentAtMs' | 'receivedAtMs'> {
  const isFine = times.every((time) => /^\d{19}$/.test(time));
  const numbers = times.map((time) =>
    isFine ? Number(time.slice(0, 13)) : Number.parseInt(time, 10) * 1_000 + 500,
  );
  const [hostBeganAtMs, hostEndedAtMs] = numbers;
  const hostResolutionMs = isFine ? 1 : 500;
  if (hostBeganAtMs === undefined || hostEndedAtMs === undefined || numbers.some(Number.isNaN)) {
    return { hostResolutionMs };
  }
  return { hostBeganAtMs, hostEndedAtMs, hostResolutionMs };
}

function brokenOff(host: string, result: CommandResult): HostError {
  return new HostError({
    code: 'host/facts-broken-off',
    host,
    message: 'the host broke off while it was telling its facts',
    expected: 'an answer to every question',
    got: `exit code ${result.code}`,
    hint: 'See the evidence with --verbose: a shell that is not POSIX, or a killed process (out of memory).',
    evidence: `${result.stderr.slice(-1_000)}\n${result.stdout.slice(-1_000)}`,
  });
}
