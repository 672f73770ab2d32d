/** Where an endpoint's state lies: `<state folder>/watch/<endpoint>.json`, replaced whole and flushed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, systemCode } from '../base/errors.ts';
import type { EndpointName } from '../site/model.ts';
import { makeFolder, replaceFile } from '../store/durable.ts';
import { wrapFileError } from '../store/store-error.ts';
import { type Stored, storedSchema } from './stored.ts';
import { WatchError } from './watch-error.ts';

/** Keeps states. Tests keep them in memory. */
export interface StateStore {
  /**
   * @returns undefined where the endpoint was never watched
   * @throws WatchError `watch/state-corrupt`: forgetting who answers would be worse than to stand still
   */
  load(endpoint: EndpointName): Promise<Stored | undefined>;
  /** Resolves when it is on disk. @throws StoreError */
  save(stored: Stored): Promise<void>;
}

/** The folder of the watcher inside a state folder. */
export function watchFolder(stateDir: string): string {
  return join(stateDir, 'watch');
}

/** The file of one endpoint's state. */
export function stateFile(stateDir: string, endpoint: EndpointName): string {
  return join(watchFolder(stateDir), `${encodeURIComponent(endpoint)}.json`);
}

/** States as files, 0600 in a folder 0700. */
export function fileStateStore(stateDir: string): StateStore {
  return {
    async load(endpoint) {
      const path = stateFile(stateDir, endpoint);
      const text = await readText(path);
      return text === undefined ? undefined : parse(text, path, endpoint);
    },
    async save(stored) {
      const path = stateFile(stateDir, stored.endpoint);
      try {
        await makeFolder(watchFolder(stateDir));
        await replaceFile(path, `${JSON.stringify(stored)}\n`);
      } catch (error) {
        throw wrapFileError(error, 'save the state of the watcher', path);
      }
    },
  };
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw wrapFileError(error, 'read the state of the watcher', path);
  }
}

function parse(text: string, path: string, endpoint: EndpointName): Stored {
  try {
    const stored = storedSchema.parse(JSON.parse(text));
    if (stored.endpoint !== endpoint) throw new Error(`it is the state of endpoint ${stored.endpoint}`);
    return stored;
  } catch (cause) {
    throw new WatchError({
      code: 'watch/state-corrupt',
      message: `endpoint ${endpoint}: its stored state cannot be understood, so nothing is decided for it`,
      expected: `a state written by Holdfast in ${path}`,
      got: text.slice(0, 60),
      hint: `See what clients get now, then move ${path} away and start \`holdfast watch\` again: it takes over what clients get.`,
      evidence: messageOf(cause),
      cause,
    });
  }
}
