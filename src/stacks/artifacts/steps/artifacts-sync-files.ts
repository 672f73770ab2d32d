import { z } from 'zod';
import type { StepContext } from '../../../engine/step.ts';
import { compareSchema, fileWriteSchema } from '../schema.ts';
import { FileSession } from '../sync/file-session.ts';
import type { FileTarget } from '../sync/file-target.ts';
import { folderTarget } from '../sync/folder-target.ts';
import { type Link, linkFields, openLink } from '../sync/link.ts';
import { syncReasons } from '../sync/reasons.ts';
import { s3Target } from '../sync/s3-target.ts';
import { syncStep } from '../sync/sync-step.ts';

const args = z.strictObject({ ...linkFields, compare: compareSchema, write: fileWriteSchema });
export type SyncFilesArgs = z.infer<typeof args>;

/** Copies the files of one member to another. */
export const syncFiles = syncStep<SyncFilesArgs>({
  kind: 'artifacts-sync-files',
  what: 'files',
  args,
  finalFor: ({ prefer }) =>
    Object.keys(prefer).length === 0 ? undefined : syncReasons.of('artifacts/overwrites'),
  async open(ctx, given) {
    const link = await openLink(ctx, given);
    return new FileSession(link, given.compare, await targetOf(ctx, link, given));
  },
});

async function targetOf(ctx: StepContext, link: Link, { write, to }: SyncFilesArgs): Promise<FileTarget> {
  if ('folder' in write) {
    return folderTarget({ ...write, host: ctx.host, signal: link.scope.signal, address: to.address });
  }
  const [accessKey, secretKey] = await Promise.all([
    ctx.secret(write.s3.accessKey),
    ctx.secret(write.s3.secretKey),
  ]);
  const keys = { accessKey, secretKey, region: write.s3.region };
  return s3Target({ client: link.to, keys, clock: ctx.clock });
}
