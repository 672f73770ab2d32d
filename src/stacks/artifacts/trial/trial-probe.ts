/** A probe that fetches one small thing whole, as a client would: what a runbook has a person try by hand. */
import { throwIfAborted } from '../../../base/interrupt.ts';
import { defineReasons, joinReasons, type Sentence } from '../../../base/reason.ts';
import type { Schema } from '../../../base/schema.ts';
import type { ProbeContext, ProbeKind, ProbeTarget } from '../../../probes/probe.ts';
import { beginAsking } from '../../../probes/verdict/evidence.ts';
import { runReasons } from '../../../probes/verdict/run-reasons.ts';
import { ArtifactsError } from '../error.ts';
import { type ClientContext, type HttpClient, openClient } from '../http/client.ts';
import type { ServiceSpec } from '../schema.ts';

const reasons = defineReasons({
  'artifacts/fetched': { en: '{member} gives out {what} whole', zh: '{member} 能完整提供 {what}' },
  'artifacts/not-fetched': {
    en: 'a client would not get what it asks {member} for: {detail}',
    zh: '客户端无法从 {member} 取得所需内容：{detail}',
  },
  'artifacts/nothing-to-fetch': {
    en: '{member} holds nothing that could be fetched as a trial',
    zh: '{member} 没有任何可供试取的内容',
  },
});

/** How many things are looked at to find a small one among them. */
export const LOOKED_AT = 10;

export interface Fetched {
  /** `image lib/app:v1`, `file /kubean/a.tar` */
  readonly what: string;
  /** How much came, and by what its content was judged. */
  readonly got: string;
}

export interface TrialKind<A extends ServiceSpec> {
  readonly kind: string;
  readonly summary: Sentence;
  readonly args: Schema<A>;
  /** `pull a small image from`, completed by the address and port. */
  readonly verb: string;
  readonly expected: string;
  /**
   * The same thing each time while the content is the same; undefined where there is none.
   * @throws ArtifactsError
   */
  fetch(client: HttpClient, args: A, ctx: ClientContext): Promise<Fetched | undefined>;
}

/** Makes the kind of probe; see the top of this file. Nothing to fetch is a warning: a new member is empty. */
export function trialProbe<A extends ServiceSpec>(o: TrialKind<A>): ProbeKind<A> {
  const title = ({ port }: A, { address }: ProbeTarget): string => `${o.verb} ${address} port ${port}`;
  return {
    kind: o.kind,
    summary: o.summary,
    args: o.args,
    reasons: joinReasons(runReasons, reasons),
    title,
    async run(ctx, given) {
      const { member, address } = ctx.target;
      const asking = beginAsking(ctx.clock, title(given, ctx.target), o.expected);
      const requests = requestsOf(ctx);
      using client = openClient({ ...given, address }, requests);
      try {
        const fetched = await o.fetch(client, given, requests);
        if (fetched === undefined) {
          const nothing = reasons.of('artifacts/nothing-to-fetch', { member });
          return asking.up('nothing is there', nothing, [nothing]);
        }
        const { what, got } = fetched;
        return asking.up(`${what}: ${got}`, reasons.of('artifacts/fetched', { member, what }));
      } catch (error) {
        throwIfAborted(ctx.signal);
        if (!(error instanceof ArtifactsError)) throw error;
        const detail = error.got === undefined ? error.message : `${error.message} (${error.got})`;
        return asking.down(detail, reasons.of('artifacts/not-fetched', { member, detail }));
      }
    },
  };
}

function requestsOf({ clock, signal, secret }: ProbeContext): ClientContext {
  return { clock, signal, concurrency: 4, secret };
}
