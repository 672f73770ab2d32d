/** How a build shows where it is: a line when a stage begins and ends; on a terminal, a clock that runs besides. */
import type { Clock } from '../../base/clock.ts';
import { formatDuration } from '../../base/duration.ts';
import type { Sentence } from '../../base/reason.ts';
import type { BuildProgress } from '../../lab/build/build.ts';
import type { Io } from '../io.ts';
import { say } from '../say.ts';

const WORDS = {
  kept: { en: 'done before', zh: '此前已完成' },
  begun: { en: 'at work', zh: '进行中' },
  done: { en: 'done in {took}', zh: '完成，用时 {took}' },
  all: { en: '{elapsed} in all', zh: '累计 {elapsed}' },
} satisfies Record<string, Sentence>;

const TICK_MS = 1_000;
/** To the start of the line, and clears it. */
const AGAIN = '\r\u001b[K';

/** Dispose it to stop the clock. */
export interface BuildTeller extends Disposable {
  tell(progress: BuildProgress): void;
}

/** Writes to stderr: `[5/12] kubelet  done in 1m2s  8m10s in all`. */
export function openBuildTeller(io: Io, clock: Clock): BuildTeller {
  const beganMs = clock.monotonicMs();
  let stopTicking = (): void => {};
  let isLineOpen = false;
  const write = (line: string, staysOpen: boolean): void => {
    io.err(`${isLineOpen ? AGAIN : ''}${line}${staysOpen ? '' : '\n'}`);
    isLineOpen = staysOpen;
  };
  const tick = (head: string, sinceMs: number): void => {
    write(`${head}  ${formatDuration(Math.floor((clock.monotonicMs() - sinceMs) / 1_000) * 1_000)}`, true);
    stopTicking = clock.after(TICK_MS, () => tick(head, sinceMs));
  };
  return {
    tell(progress) {
      stopTicking();
      const { state, stage, nth, of, tookMs } = progress;
      const head = `[${nth}/${of}] ${stage}  ${say(io, WORDS[state], { took: formatDuration(tookMs) })}`;
      if (state === 'begun' && io.errIsTty) tick(head, clock.monotonicMs());
      else if (state !== 'done') write(head, false);
      else {
        const elapsed = formatDuration(clock.monotonicMs() - beganMs);
        write(`${head}  ${say(io, WORDS.all, { elapsed })}`, false);
      }
    },
    [Symbol.dispose]() {
      stopTicking();
      if (isLineOpen) io.err('\n');
      isLineOpen = false;
    },
  };
}
