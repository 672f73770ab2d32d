/** A stand-in for ChartMuseum, which Debian does not ship: index, packages and the three requests of its API. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface ChartMuseum extends AsyncDisposable {
  /** By name and version: `nginx-1.2.3`. */
  readonly charts: Map<string, string>;
}

/** Starts one; a chart's name and version are the first line of its package: `nginx 1.2.3`. */
export async function startChartMuseum(address: string, port: number): Promise<ChartMuseum> {
  const charts: ChartMuseum['charts'] = new Map();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url as string, 'http://charts');
    const reply = (status: number, body = ''): void => void response.writeHead(status).end(body);
    if (request.method === 'POST' && url.pathname === '/api/charts') {
      const content = (await buffer(request)).toString();
      const name = content.split('\n')[0]!.replace(' ', '-');
      if (charts.has(name) && !url.searchParams.has('force'))
        return reply(409, '{"error":"file already exists"}');
      charts.set(name, content);
      return reply(201, '{"saved":true}');
    }
    const [, chart, version] = /^\/api\/charts\/([^/]+)\/([^/]+)$/.exec(url.pathname) ?? [];
    if (request.method === 'DELETE') return reply(charts.delete(`${chart}-${version}`) ? 200 : 404);
    // It does not know HEAD.
    if (request.method !== 'GET') return reply(405);
    if (url.pathname === '/index.yaml') return reply(200, indexOf(charts));
    const content = charts.get(/^\/charts\/(.+)\.tgz$/.exec(url.pathname)?.[1] ?? '');
    return content === undefined ? reply(404) : reply(200, content);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  return {
    charts,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function indexOf(charts: ReadonlyMap<string, string>): string {
  const entries: Record<string, object[]> = {};
  for (const [full, content] of charts) {
    const [name, version] = content.split('\n')[0]!.split(' ') as [string, string];
    const digest = createHash('sha256').update(content).digest('hex');
    const entry = { name, version, digest, urls: [`charts/${full}.tgz`] };
    entries[name] = [...(entries[name] ?? []), entry];
  }
  // JSON is YAML.
  return JSON.stringify({ apiVersion: 'v1', entries });
}
