/** Downloads one chart's package as a client does, by the digest in the repository's index. */
import { formatBytes } from '../../../base/bytes.ts';
import { authorization } from '../../../probes/wire/authorization.ts';
import { chartName, packagePath, readIndex } from '../parity/chart-parity.ts';
import { type ChartsSpec, chartsSpec } from '../schema.ts';
import { fetchWhole } from '../trial/fetch-whole.ts';
import { trialProbe } from '../trial/trial-probe.ts';

/** See the top of this file. The chart: the first by name of those on the member itself, with a digest before without. */
export const artifactsChartDownload = trialProbe<ChartsSpec>({
  kind: 'artifacts-chart-download',
  summary: {
    en: 'the index of charts can be read, and a package downloaded with the digest that the index gives',
    zh: '可以读取 chart 索引，并下载一个 chart 包，其摘要与索引一致',
  },
  args: chartsSpec,
  verb: 'download a chart from',
  expected: 'its index, and a package with the digest of the index',
  async fetch(client, { path, auth }, ctx) {
    const headers = auth === undefined ? {} : { authorization: await authorization(auth, ctx) };
    const source = { client, path, headers };
    const own = (await readIndex(source, ctx.signal)).flatMap((entry) => {
      const at = entry.url === undefined ? undefined : packagePath(entry.url, source);
      return at === undefined ? [] : [{ name: chartName(entry), at, digest: entry.digest }];
    });
    const rank = ({ name, digest }: (typeof own)[number]): string => `${digest === undefined ? 1 : 0}${name}`;
    const [chart] = own.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
    if (chart === undefined) return undefined;
    const { name, at, digest } = chart;
    const promised = digest === undefined ? {} : { digest };
    const { bytes, by } = await fetchWhole(client, at, { what: `chart ${name}`, promised, headers });
    const checked = by === 'SHA-256' ? 'digest as in the index' : 'the index gives no digest';
    return { what: `chart ${name}`, got: `${formatBytes(bytes)}, ${checked}` };
  },
});
