import { openScope } from '../../../base/abort.ts';
import type { Clock } from '../../../base/clock.ts';
import { limit } from '../../../base/limit.ts';
import type { Secret } from '../../../base/secret.ts';
import { authorization } from '../../../probes/wire/authorization.ts';
import type { SecretRef } from '../../../site/secret-ref.ts';
import { type ClientContext, type HttpClient, openClient } from '../http/client.ts';
import type { ArtifactsSpec, ServiceSpec } from '../schema.ts';
import { chartPairs } from './chart-parity.ts';
import { filePairs } from './file-parity.ts';
import type { Gathering } from './gather.ts';
import { judgeParity, type Pair, type Parity } from './parity.ts';
import { withLogin } from './registry-login.ts';
import { registryPairs } from './registry-parity.ts';

export interface ComparisonContext {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  secret(reference: SecretRef): Promise<Secret>;
}

/**
 * Asks both members what they hold, and compares. Nothing large is downloaded and nothing is kept: one repository's
 * tags and one index at a time.
 *
 * @param addresses of the members
 * @throws ArtifactsError with the address of the member that could not say; the signal's reason
 */
export async function compareMembers(
  spec: ArtifactsSpec,
  addresses: { readonly active: string; readonly candidate: string },
  o: ComparisonContext,
): Promise<Parity> {
  // The first failure ends what is under way elsewhere: nobody waits for its result any more.
  using scope = openScope(o.clock, { what: 'the comparison of two members', parent: o.signal });
  const ctx: ClientContext = {
    clock: o.clock,
    signal: scope.signal,
    concurrency: spec.parity.concurrency,
    secret: (reference) => o.secret(reference),
  };
  using clients = new DisposableStack();
  const open = (service: ServiceSpec, address: string): HttpClient =>
    clients.use(openClient({ ...service, address }, ctx));
  const gathering: Gathering = {
    limit: limit(spec.parity.concurrency),
    lists: limit(spec.parity.concurrency),
    depth: spec.parity.depth,
    signal: scope.signal,
  };
  const work = gatherAll(spec, addresses, open, ctx, gathering).map((pairs) =>
    pairs.catch((error: Error) => {
      scope.abort(error);
      throw error;
    }),
  );
  const ends = await Promise.allSettled(work);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw scope.signal.reason;
  return judgeParity(ends.flatMap((end) => (end.status === 'fulfilled' ? end.value : [])));
}

function gatherAll(
  { registry, files, charts }: ArtifactsSpec,
  addresses: { readonly active: string; readonly candidate: string },
  open: (service: ServiceSpec, address: string) => HttpClient,
  ctx: ClientContext,
  gathering: Gathering,
): Promise<Pair[]>[] {
  const { active, candidate } = addresses;
  const gathered: Promise<Pair[]>[] = [];
  if (registry !== false) {
    const at = (address: string) => withLogin(open(registry, address), registry.auth, ctx);
    gathered.push(registryPairs({ active: at(active), candidate: at(candidate) }, gathering));
  }
  if (files !== false && files.compare !== false) {
    const how = files.compare;
    const at = (address: string) => ({ client: open(files, address) });
    gathered.push(
      credentials(files, ctx).then((headers) =>
        filePairs({ ...at(active), headers }, { ...at(candidate), headers }, how, gathering),
      ),
    );
  }
  if (charts !== false) {
    const { path } = charts;
    const at = (address: string) => ({ client: open(charts, address), path });
    gathered.push(
      credentials(charts, ctx).then((headers) =>
        chartPairs({ ...at(active), headers }, { ...at(candidate), headers }, gathering),
      ),
    );
  }
  return gathered;
}

async function credentials({ auth }: ServiceSpec, ctx: ClientContext): Promise<Record<string, string>> {
  return auth === undefined ? {} : { authorization: await authorization(auth, ctx) };
}
