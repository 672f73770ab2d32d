/** Pairs for every chart version in the active member's index. */
import { messageOf } from '../../../base/errors.ts';
import { type HttpClient, readBody } from '../http/client.ts';
import { markOf, notUnderstood, refused } from '../http/existence.ts';
import type { ChartEntry } from './chart-index.ts';
import { forEachAtOnce, type Gathering } from './gather.ts';
import type { Mark } from './mark.ts';
import type { Pair } from './parity.ts';
import { parseChartIndexAside } from './parse-chart-index.ts';

/** Bitnami's, the largest known, stayed below 20 MiB. */
const LARGEST_INDEX = 64 * 1_048_576;

/** One member's chart repository. */
export interface ChartSource {
  readonly client: HttpClient;
  /** Path of index.yaml. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Compares version by version by the digests in the indexes. With `parts` the candidate is asked for each package too:
 * an index may name what is no longer there.
 */
export async function chartPairs(
  active: ChartSource,
  candidate: ChartSource,
  gathering: Gathering,
): Promise<Pair[]> {
  const [wanted, found] = await Promise.all(
    [active, candidate].map((source) => readIndex(source, gathering.signal)),
  );
  const byName = new Map((found as ChartEntry[]).map((entry) => [chartName(entry), entry]));
  return forEachAtOnce(wanted as ChartEntry[], gathering, async (entry) => {
    const name = chartName(entry);
    const same = byName.get(name);
    const pair: Pair = { kind: 'chart', name, active: toMark(entry), candidate: same && toMark(same) };
    if (same === undefined || gathering.depth === 'digests') return pair;
    return { ...pair, missingParts: await missingPackage(candidate, same) };
  });
}

/**
 * The entries of a repository's index.
 * @throws ArtifactsError also where there is none: a chart repository has an index, if only an empty one
 */
export async function readIndex(source: ChartSource, signal: AbortSignal): Promise<ChartEntry[]> {
  const { client, path, headers } = source;
  const response = await client.request({ method: 'GET', path, headers });
  if (response.status !== 200) {
    response.discard();
    throw refused(client, path, response.status);
  }
  const body = await readBody(client, response, LARGEST_INDEX);
  try {
    return await parseChartIndexAside(body.toString(), signal);
  } catch (error) {
    if (signal.aborted) throw error;
    throw notUnderstood(client, path, 'a Helm chart index', messageOf(error));
  }
}

async function missingPackage(source: ChartSource, { url }: ChartEntry): Promise<string[]> {
  const path = url === undefined ? undefined : packagePath(url, source);
  if (path === undefined) return [];
  return (await markOf(source.client, path, source.headers)) === undefined ? [path] : [];
}

/**
 * Where a package is on the member. An absolute URL names the repository as clients know it (ChartMuseum's
 * `--chart-url`), so its path counts; one with another port or scheme is somebody else's and is not asked.
 */
export function packagePath(url: string, { client, path }: ChartSource): string | undefined {
  const { scheme, port } = client.origin;
  const base = `${scheme}://member:${port}${path}`;
  const to = URL.parse(url, base);
  const own = URL.parse(base);
  if (to === null || own === null || to.protocol !== own.protocol || to.port !== own.port) return undefined;
  return to.pathname + to.search;
}

/** `nginx-1.2.3` */
export function chartName({ name, version }: Pick<ChartEntry, 'name' | 'version'>): string {
  return `${name}-${version}`;
}

function toMark({ digest }: ChartEntry): Mark {
  return digest === undefined ? {} : { digest };
}
