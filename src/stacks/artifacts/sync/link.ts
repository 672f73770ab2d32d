/** Two members and one service of both: what every step of a sync has, and its connections. */
import { z } from 'zod';
import { openScope } from '../../../base/abort.ts';
import type { StepContext } from '../../../engine/step.ts';
import { authSchema } from '../../../probes/args/http-args.ts';
import { authorization } from '../../../probes/wire/authorization.ts';
import { type ClientContext, openClient } from '../http/client.ts';
import type { Sides } from './copying.ts';

const side = z.strictObject({ member: z.string().min(1), address: z.string().min(1) });

/** A service as its spec has it, parsed: what a step keeps must be what it takes. */
const service = z.strictObject({
  scheme: z.enum(['http', 'https']),
  port: z.int(),
  auth: authSchema.optional(),
  serverName: z.string().optional(),
  caFile: z.string().optional(),
  fingerprint: z.union([z.string(), z.array(z.string())]).optional(),
  insecure: z.boolean(),
  minValidFor: z.number(),
});

export const linkFields = {
  from: side,
  to: side,
  service,
  concurrency: z.int().min(1),
  /** See `Preference`. */
  prefer: z.record(z.string(), z.string()),
};
const link = z.object(linkFields);
export type LinkArgs = z.infer<typeof link>;
export type LinkService = LinkArgs['service'];

export interface Link extends Sides {
  readonly ctx: ClientContext;
}

/** Opens nothing yet; disposing the scope ends all connections. */
export async function openLink(step: StepContext, args: LinkArgs): Promise<Link> {
  const { clock } = step;
  const { service, concurrency } = args;
  const what = `the copy from ${args.from.member} to ${args.to.member}`;
  const scope = openScope(clock, { what, parent: step.signal });
  const ctx: ClientContext = {
    clock,
    signal: scope.signal,
    concurrency,
    secret: (reference) => step.secret(reference),
  };
  const clients = [args.from, args.to].map(({ address }) => openClient({ ...service, address }, ctx));
  const headers = service.auth === undefined ? {} : { authorization: await authorization(service.auth, ctx) };
  return {
    ctx,
    clock,
    concurrency,
    from: clients[0]!,
    to: clients[1]!,
    headers,
    scope: {
      signal: scope.signal,
      abort: (reason) => scope.abort(reason),
      [Symbol.dispose]() {
        for (const client of clients) client[Symbol.dispose]();
        scope[Symbol.dispose]();
      },
    },
  };
}
