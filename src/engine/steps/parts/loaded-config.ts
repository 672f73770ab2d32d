/**
 * Whether a running unit has read its configuration since it last changed. systemd does not record reloads, so:
 *
 * - after each reload or restart that Holdfast orders, a stamp under /run (gone with a reboot, as the process is) says
 *   which start of the unit has read which contents;
 * - without a stamp for this start, a file whose inode changed before the main process started has been read; for a
 *   file that is absent its folder counts.
 *
 * A reload by hand in between is not seen, and costs one reload too many. Only hashes leave the host, and they are
 * hashed again into one, because a file may hold a secret.
 */
import { digestBytes } from '../../../base/digest.ts';
import { sh } from '../../../hosts/shell.ts';
import type { StepContext } from '../../step.ts';
import { order } from './run.ts';
import type { UnitState } from './systemd.ts';

export interface LoadedConfig {
  /** Over the contents of all files, as they are on the host now. */
  readonly digest: string;
  readonly isLoaded: boolean;
}

const FOLDER = '/run/holdfast/loaded';
const CLOCK_TRIES = 100;

/** Asks the host in one round trip; only reads. @param state of the unit, which must be up */
export async function loadedConfig(
  ctx: StepContext,
  unit: string,
  state: UnitState,
  paths: readonly string[],
): Promise<LoadedConfig> {
  const ask = sh`for f in ${paths}; do
  if [ -e "$f" ]; then sha256sum <"$f" || exit 1; stat -c 'changed %.9Z' -- "$f"
  else echo absent; stat -c 'changed %.9Y' -- "\${f%/*}/"; fi
done
n=0 up= after=
# Both clocks in the same hundredth of a second: a busy host may stop this shell between two lines.
until [ "$up" = "$after" ] && [ -n "$up" ] || [ "$n" -ge ${CLOCK_TRIES} ]; do
  n=$((n + 1)); read -r up rest </proc/uptime; now=$(date +%s.%N); read -r after rest </proc/uptime
done
echo now "$now"
echo up "$up"
[ ! -e ${stampPath(unit)} ] || { printf 'stamp '; cat ${stampPath(unit)}; }`;
  const { stdout } = await order(ctx, ask, {
    what: `look at the configuration of ${unit}`,
    hint: 'Check that the files are readable regular files.',
  });
  return judge(stdout, state, paths.length);
}

/** Pure part of `loadedConfig`: the output above → the judgement. */
export function judge(output: string, state: UnitState, files: number): LoadedConfig {
  const lines = output.split('\n');
  const sums = lines
    .filter((line) => /^([0-9a-f]{64}\b|absent$)/.test(line))
    .map((line) => line.slice(0, 64));
  const numbers = (word: string): number[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.slice(word.length + 1)));
  const digest = digestBytes(sums.join('\n'));
  const stamp = lines.find((line) => line.startsWith('stamp '))?.slice('stamp '.length);
  const [start, ofStamp] = stamp?.split(' ') ?? [];
  if (start === String(state.startedUs)) return { digest, isLoaded: ofStamp === digest };
  const [now = Number.NaN] = numbers('now');
  const [up = Number.NaN] = numbers('up');
  const startedAt = now - (up - state.startedUs / 1e6);
  // /proc/uptime counts hundredths of a second.
  const isOlder = numbers('changed').every((changedAt) => changedAt < startedAt - 0.02);
  const isKnown = sums.length === files && state.startedUs > 0;
  return { digest, isLoaded: isKnown && isOlder };
}

/** Notes which contents this start of the unit has read. Call it after a reload or restart, with the digest before. */
export async function stampLoaded(
  ctx: StepContext,
  unit: string,
  state: UnitState,
  digest: string,
): Promise<void> {
  const line = `${state.startedUs} ${digest}`;
  const path = stampPath(unit);
  await order(
    ctx,
    sh`umask 077 && mkdir -p ${FOLDER} && printf '%s\n' ${line} >${path}.new && mv -f ${path}.new ${path}`,
    {
      what: `note that ${unit} has read its configuration`,
      hint: 'Check that /run is writable.',
    },
  );
}

function stampPath(unit: string): string {
  return `${FOLDER}/${unit}`;
}
