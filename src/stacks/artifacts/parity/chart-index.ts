/** A Helm chart repository's index.yaml (helm.sh/docs/topics/chart_repository). */
import { parse } from 'yaml';

export interface ChartEntry {
  readonly name: string;
  readonly version: string;
  /** `sha256:…`; old indexes have none. */
  readonly digest?: string;
  /** Where the package is, absolute or relative to the index; the first of its `urls`. */
  readonly url?: string;
}

/**
 * Reads an index. Entries without a name or a version are passed over, as Helm does.
 * @throws Error where it is no YAML or no index
 */
export function parseChartIndex(text: string): ChartEntry[] {
  const index: unknown = parse(text, { schema: 'core', maxAliasCount: 100 });
  const entries = (index as { entries?: unknown } | null)?.entries;
  if (typeof index !== 'object' || index === null || !('apiVersion' in index)) {
    throw new Error('this is no chart index: apiVersion is missing');
  }
  // A repository without charts: `entries: {}`, or nothing at all after the colon.
  if (entries === null || entries === undefined) return [];
  if (typeof entries !== 'object') throw new Error('this is no chart index: entries is no mapping');
  return Object.entries(entries).flatMap(([name, versions]) =>
    (Array.isArray(versions) ? versions : []).flatMap((version: unknown) => entryOf(name, version)),
  );
}

function entryOf(name: string, version: unknown): ChartEntry[] {
  const { version: number, digest, urls } = (version ?? {}) as Record<string, unknown>;
  if (typeof number !== 'string' && typeof number !== 'number') return [];
  const url: unknown = Array.isArray(urls) ? urls[0] : undefined;
  const hex = typeof digest === 'string' ? /^(?:sha256:)?([0-9a-f]{64})$/i.exec(digest)?.[1] : undefined;
  return [
    {
      name,
      version: String(number),
      ...(hex === undefined ? {} : { digest: `sha256:${hex.toLowerCase()}` }),
      ...(typeof url === 'string' ? { url } : {}),
    },
  ];
}
