/** What must survive a restart: the last answer of each endpoint, and the serial of each zone. One file, replaced whole. */
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { openScope, orAborted } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf, systemCode } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { makeFolder, replaceFile } from '../../store/durable.ts';
import { DnsEmbeddedError } from './error.ts';

const keptAnswer = z.object({
  members: z.array(z.string()).min(1),
  ttlMs: z.number().min(0),
  epoch: z.number().int().min(0),
  by: z.string(),
});

const keptState = z.object({
  version: z.literal(1),
  /** By endpoint. */
  answers: z.record(z.string(), keptAnswer),
  /** By zone; the digest is over everything but the serial. */
  zones: z.record(
    z.string(),
    z.object({ serial: z.number().int().min(0).max(0xffff_ffff), digest: z.string() }),
  ),
});

export type KeptAnswer = z.infer<typeof keptAnswer>;
export type KeptState = z.infer<typeof keptState>;

const FILE = 'dns-embedded.json';
export const nothingKept: KeptState = { version: 1, answers: {}, zones: {} };

/**
 * Reads what was kept. A file that is none of ours is set aside and said loudly: the watcher knows the answers too and
 * publishes them in a moment, and a DNS server that does not start helps nobody.
 * @throws DnsEmbeddedError `dns-embedded/state` where the folder cannot be read
 */
export async function readKept(folder: string, log: Logger): Promise<KeptState> {
  const path = join(folder, FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return nothingKept;
    throw unreadable(path, error);
  }
  try {
    return keptState.parse(JSON.parse(text));
  } catch (error) {
    log.error('the last answers cannot be read, and were set aside', { file: path, error: messageOf(error) });
    await rename(path, `${path}.broken`);
    return nothingKept;
  }
}

/** A disk that needs longer than this hangs. */
const PATIENCE_MS = 2_000;

/**
 * Keeps it; resolves when it survives a power cut, or when the disk refuses or hangs: that is said loudly, and the
 * caller goes on nevertheless. A full disk here must not stop a failover.
 * @returns whether it is kept
 */
export async function keep(
  folder: string,
  state: KeptState,
  { clock, log }: { clock: Clock; log: Logger },
): Promise<boolean> {
  using patience = openScope(clock, { what: 'keeping the last answers', timeoutMs: PATIENCE_MS });
  try {
    await orAborted(write(folder, state), patience.signal);
    return true;
  } catch (error) {
    log.error('the last answers cannot be kept: a restart now would begin from older ones', {
      folder,
      error: messageOf(error),
    });
    return false;
  }
}

async function write(folder: string, state: KeptState): Promise<void> {
  await makeFolder(folder);
  await replaceFile(join(folder, FILE), `${JSON.stringify(state, undefined, 2)}\n`);
}

function unreadable(path: string, cause: unknown): DnsEmbeddedError {
  return new DnsEmbeddedError({
    code: 'dns-embedded/state',
    message: 'the last answers cannot be read',
    expected: `a file that can be read at ${path}, or none`,
    got: messageOf(cause),
    hint: 'Check disk and permissions of the state folder.',
    cause,
  });
}
