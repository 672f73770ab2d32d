/** Where charts can be written: ChartMuseum, or a folder with an index.yaml as `helm repo index` makes it. */
import { posix } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Connection } from '../../../hosts/host.ts';
import type { HttpClient, HttpResponse } from '../http/client.ts';
import { notTaken } from '../http/not-taken.ts';
import type { Incoming } from '../http/stream-from.ts';
import type { ChartEntry } from '../parity/chart-index.ts';
import { chartName } from '../parity/chart-parity.ts';
import type { FileTarget, SourceFile } from './file-target.ts';

export interface ChartTarget {
  /** @param overwrite whether something stands under that name and version, and is to go */
  put(entry: ChartEntry, incoming: Incoming, overwrite: boolean): Promise<void>;
  /** No error where it is gone already. */
  remove(entry: ChartEntry): Promise<void>;
  /** Once, after all of them: what is kept in one place for all is written. */
  end(): Promise<void>;
}

/** ChartMuseum's API (github.com/helm/chartmuseum, "API"). @param api `/api/charts` */
export function chartMuseum(
  client: HttpClient,
  api: string,
  headers: Readonly<Record<string, string>>,
): ChartTarget {
  const expect = async (response: HttpResponse, statuses: readonly number[], what: string): Promise<void> => {
    if (!statuses.includes(response.status)) throw await notTaken(client, response, api, what);
    response.discard();
  };
  return {
    async put(entry, { body, sizeBytes }, overwrite) {
      const length = sizeBytes === undefined ? {} : { 'content-length': String(sizeBytes) };
      const path = overwrite ? `${api}?force` : api;
      const all = { ...headers, 'content-type': 'application/gzip', ...length };
      const response = await client.request({ method: 'POST', path, headers: all, body });
      await expect(response, [201], `chart ${chartName(entry)}`);
    },
    async remove(entry) {
      const path = `${api}/${encodeURIComponent(entry.name)}/${encodeURIComponent(entry.version)}`;
      const response = await client.request({ method: 'DELETE', path, headers });
      await expect(response, [200, 404], `the deletion of ${chartName(entry)}`);
    },
    async end() {},
  };
}

/** A folder: packages are written as files, then the index once. */
export function chartFolder(o: {
  readonly files: FileTarget;
  /** Path of index.yaml on the server and on the host. */
  readonly path: string;
  readonly indexFile: string;
  readonly host: Connection;
  readonly signal: AbortSignal;
  /** The source's index, as text. */
  readSource(): Promise<string>;
  readonly client: HttpClient;
}): ChartTarget {
  const put = new Set<string>();
  const gone = new Set<string>();
  const place = (entry: ChartEntry): string => posix.join(posix.dirname(o.path), `${chartName(entry)}.tgz`);
  return {
    async put(entry, incoming) {
      const file: SourceFile = {
        client: o.client,
        mark: entry.digest === undefined ? {} : { digest: entry.digest },
        isOnce: true,
        open: async () => incoming,
        partBytes: async () => undefined,
      };
      await o.files.put(place(entry), file);
      put.add(chartName(entry));
    },
    async remove(entry) {
      await o.files.remove(place(entry));
      put.delete(chartName(entry));
      gone.add(chartName(entry));
    },
    async end() {
      if (put.size + gone.size === 0) return;
      const now = Buffer.from((await o.host.files.read(o.indexFile, o.signal)) ?? '').toString();
      const merged = mergeIndex(now, put.size === 0 ? '' : await o.readSource(), put, gone);
      await o.host.files.replace(o.indexFile, Buffer.from(merged), {}, o.signal);
    },
  };
}

type Version = Readonly<Record<string, unknown>>;
interface Index {
  entries?: Record<string, Version[] | null> | null;
}

/**
 * An index with entries taken over from another one, each with its package beside the index, and others left out.
 * All else in it stays. @param put @param gone `nginx-1.2.3`
 */
export function mergeIndex(
  text: string,
  source: string,
  put: ReadonlySet<string>,
  gone: ReadonlySet<string>,
): string {
  const index = { apiVersion: 'v1', ...(parse(text) as Index | null) };
  const entries: Record<string, Version[]> = {};
  const add = (from: Index | null, isWanted: (name: string) => boolean, own: boolean): void => {
    for (const [chart, versions] of Object.entries(from?.entries ?? {})) {
      for (const version of versions ?? []) {
        const name = `${chart}-${String(version.version)}`;
        if (!isWanted(name)) continue;
        const entry = own ? version : { ...version, urls: [`${name}.tgz`] };
        entries[chart] = [...(entries[chart] ?? []), entry];
      }
    }
  };
  add(parse(source) as Index | null, (name) => put.has(name), false);
  add(index, (name) => !put.has(name) && !gone.has(name), true);
  return stringify({ ...index, entries });
}
