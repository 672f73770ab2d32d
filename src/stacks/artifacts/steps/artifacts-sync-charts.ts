import { posix } from 'node:path';
import { z } from 'zod';
import type { StepContext } from '../../../engine/step.ts';
import { readBody } from '../http/client.ts';
import { refused } from '../http/existence.ts';
import { chartWriteSchema } from '../schema.ts';
import { ChartSession } from '../sync/chart-session.ts';
import { type ChartTarget, chartFolder, chartMuseum } from '../sync/chart-target.ts';
import { readers } from '../sync/copying.ts';
import { folderTarget } from '../sync/folder-target.ts';
import { type Link, linkFields, openLink } from '../sync/link.ts';
import { syncReasons } from '../sync/reasons.ts';
import { syncStep } from '../sync/sync-step.ts';

const args = z.strictObject({ ...linkFields, path: z.string(), write: chartWriteSchema });
export type SyncChartsArgs = z.infer<typeof args>;

const LARGEST_INDEX = 64 * 1_048_576;

/** Copies the charts of one member's repository to another's. */
export const syncCharts = syncStep<SyncChartsArgs>({
  kind: 'artifacts-sync-charts',
  what: 'charts',
  args,
  finalFor: ({ prefer }) =>
    Object.keys(prefer).length === 0 ? undefined : syncReasons.of('artifacts/overwrites'),
  async open(ctx, given) {
    const link = await openLink(ctx, given);
    return new ChartSession(link, given.path, targetOf(ctx, link, given));
  },
});

function targetOf(ctx: StepContext, link: Link, { write, path, to }: SyncChartsArgs): ChartTarget {
  if ('chartmuseum' in write) return chartMuseum(link.to, write.chartmuseum, link.headers);
  const { signal } = link.scope;
  const at = posix.dirname(path);
  return chartFolder({
    files: folderTarget({ folder: write.folder, at, host: ctx.host, signal, address: to.address }),
    path,
    indexFile: posix.join(write.folder, posix.basename(path)),
    host: ctx.host,
    signal,
    client: link.from,
    readSource: () => readIndexText(link, path),
  });
}

async function readIndexText(link: Link, path: string): Promise<string> {
  const { client, headers } = readers(link).from;
  const response = await client.request({ method: 'GET', path, headers });
  if (response.status !== 200) {
    response.discard();
    throw refused(client, path, response.status);
  }
  return (await readBody(client, response, LARGEST_INDEX)).toString();
}
