/** What must survive a restart: the last answer of each endpoint, and the serial of each zone. One file, replaced whole. */
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, systemCode } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { makeFolder, replaceFile } from '../../store/durable.ts';
import { DriverError } from '../driver-error.ts';

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
 * @throws DriverError `dns-embedded/state` where the folder cannot be read
 */
export async function readKept(folder: string, log: Logger): Promise<KeptState> {
  const path = join(folder, FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return nothingKept;
    throw unusable(path, error);
  }
  try {
    return keptState.parse(JSON.parse(text));
  } catch (error) {
    log.error('the last answers cannot be read, and were set aside', { file: path, error: messageOf(error) });
    await rename(path, `${path}.broken`);
    return nothingKept;
  }
}

/**
 * Keeps it; resolves when it survives a power cut.
 * @throws DriverError `dns-embedded/state`
 */
export async function writeKept(folder: string, state: KeptState): Promise<void> {
  const path = join(folder, FILE);
  try {
    await makeFolder(folder);
    await replaceFile(path, `${JSON.stringify(state, undefined, 2)}\n`);
  } catch (error) {
    throw unusable(path, error);
  }
}

function unusable(path: string, cause: unknown): DriverError {
  return new DriverError({
    code: 'dns-embedded/state',
    message: `the last answers cannot be kept in ${path}`,
    expected: 'a folder that can be read and written',
    got: messageOf(cause),
    hint: 'Check disk and permissions of the state folder. What is answered stays as it is until then.',
    retryable: true,
    cause,
  });
}
