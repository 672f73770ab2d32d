/** Chooses how a run is shown while it goes on. */
import type { Io } from '../io.ts';
import { jsonProgress } from './json.ts';
import { plainProgress } from './plain.ts';
import type { Progress, ProgressOptions } from './progress.ts';

/** More lines than a screen has are no use live: then it is told line by line. */
const MOST_LIVE_HOSTS = 20;
/** Some terminals say that they have no width at all. */
const NARROWEST = 20;

/**
 * `--json`: events on stdout, one a line; a terminal: live, on stderr; otherwise plain lines with their time on
 * stderr.
 */
export async function openProgress(io: Io, hosts: number, o: ProgressOptions): Promise<Progress> {
  if (o.json) return jsonProgress(io);
  if (!io.errIsTty || io.columns < NARROWEST || hosts > MOST_LIVE_HOSTS) return plainProgress(io, o);
  const { ttyProgress } = await import('./tty.ts');
  return ttyProgress(io, o);
}
