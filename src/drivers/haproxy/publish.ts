/** From an answer to which servers HAProxy opens and which it drains. */
import type { Endpoint, MemberName } from '../../site/model.ts';
import { membersOf } from '../answer.ts';
import type { Answer, DriverContext, Published } from '../driver.ts';
import { ProxyError } from '../proxy-error.ts';
import { publishToProxies } from '../proxy-publish.ts';
import type { ProxyConfig } from '../proxy-schema.ts';
import { lookUntil } from '../vrrp-wait.ts';
import { lookAtHaproxy, tellHaproxy } from './runtime.ts';

/** How long HAProxy may take to find a member well. */
const PATIENCE_MS = 5_000;

/**
 * See `proxy-publish.ts`. Clients are not led to a member that HAProxy itself finds down.
 * @throws DriverError `driver/…`; ProxyError
 */
export async function publishToHaproxy(
  ctx: DriverContext,
  endpoint: Endpoint<ProxyConfig>,
  answer: Answer,
): Promise<Published> {
  const open = openMembers(endpoint, answer);
  return publishToProxies(ctx, endpoint, answer, {
    look: (host) => lookAtHaproxy(ctx, endpoint, host),
    async tell(host, mark) {
      const look = await lookUntil(
        { clock: ctx.clock, signal: ctx.signal, forMs: PATIENCE_MS, everyMs: 100 },
        () => lookAtHaproxy(ctx, endpoint, host),
        ({ well }) => answer.members.some((name) => well.includes(name)),
      );
      if (!answer.members.some((name) => look.well.includes(name))) throw notReady(endpoint, host, answer);
      await tellHaproxy(ctx, endpoint, host, mark, open);
    },
  });
}

/** Under failover those after the wished one stay open, too: as backups HAProxy turns to them by itself. */
function openMembers(endpoint: Endpoint<ProxyConfig>, answer: Answer): ReadonlySet<MemberName> {
  const named = membersOf(endpoint, answer).map(({ name }) => name);
  if (endpoint.policy !== 'failover') return new Set(named);
  const order = endpoint.members.map(({ name }) => name);
  return new Set(order.slice(order.indexOf(named[0] as MemberName)));
}

function notReady(endpoint: Endpoint, host: string, answer: Answer): ProxyError {
  return new ProxyError({
    code: 'proxy/not-ready',
    message: `endpoint ${endpoint.name}: HAProxy on ${host} finds ${answer.members.join(', ')} down`,
    where: { host },
    expected: 'at least one of them up',
    got: 'none',
    hint: 'Look at the member, and at the way from that host to it. Clients stay where they are meanwhile.',
    retryable: true,
  });
}
