import { z } from 'zod';
import { withLogin } from '../parity/registry-login.ts';
import { linkFields, openLink } from '../sync/link.ts';
import { syncReasons } from '../sync/reasons.ts';
import { RegistrySession } from '../sync/registry-session.ts';
import { syncStep } from '../sync/sync-step.ts';

const args = z.strictObject({ ...linkFields, deletes: z.boolean() });
export type SyncImagesArgs = z.infer<typeof args>;

/** Copies the images of one member's registry to another's. */
export const syncImages = syncStep<SyncImagesArgs>({
  kind: 'artifacts-sync-images',
  what: 'images',
  args,
  finalFor: ({ deletes }) => (deletes ? undefined : syncReasons.of('artifacts/no-deletes')),
  async open(ctx, given) {
    const link = await openLink(ctx, given);
    const { auth } = given.service;
    const from = withLogin(link.from, auth, link.ctx);
    return new RegistrySession({ ...link, from, to: withLogin(link.to, auth, link.ctx) });
  },
});
