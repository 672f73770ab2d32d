/**
 * A step that copies one kind of thing from one member to another. It runs where Holdfast runs, in the lane and under
 * the lock of the target's host. Nothing is ever deleted at the target, and nothing is overwritten that was not decided.
 */
import { z } from 'zod';
import { formatBytes } from '../../../base/bytes.ts';
import type { Evidence } from '../../../base/evidence.ts';
import { renderReason } from '../../../base/reason.ts';
import type { Schema } from '../../../base/schema.ts';
import type { Diff, StepContext, StepKind } from '../../../engine/step.ts';
import { byteProgress } from '../../../engine/steps/parts/byte-progress.ts';
import { StepError } from '../../../engine/steps/parts/step-error.ts';
import { reasons as stackReasons } from '../reasons.ts';
import { bytesOf, type Decided, decide, describeItems, type Found, type Item } from './difference.ts';
import type { LinkArgs } from './link.ts';
import { syncReasons as reasons } from './reasons.ts';
import type { SyncSession, Taken } from './session.ts';

/** How often the source is looked at again after a copy: what was pushed meanwhile comes along. */
const ROUNDS = 3;
const NAMED = 10;

const taken = z.object({ name: z.string(), wanted: z.string(), found: z.string().optional() });
const undoSchema = z.object({ taken: z.array(taken) });
export type SyncUndo = z.infer<typeof undoSchema>;

export interface SyncKind<A> {
  readonly kind: string;
  readonly what: 'images' | 'files' | 'charts';
  readonly args: Schema<A>;
  open(ctx: StepContext, args: A): Promise<SyncSession>;
  readonly finalFor: NonNullable<StepKind<A>['finalFor']>;
}

/** Makes the step kind; see the top of this file. */
export function syncStep<A extends LinkArgs>(o: SyncKind<A>): StepKind<A, SyncUndo> {
  return {
    kind: o.kind,
    args: o.args,
    reasons,
    retrySafe: true,
    title: ({ from, to }) => reasons.of(`artifacts/sync-${o.what}`, { from: from.member, to: to.member }),
    async check(ctx, args) {
      using session = await o.open(ctx, args);
      const found = await session.find();
      const decided = decide(found.items, args.prefer, args.from.member);
      if (decided.undecided.length > 0) return refusal(args, decided.undecided);
      if (decided.chosen.length === 0) return { state: 'done', because: holdsAll(args, found, decided) };
      return { state: 'todo', diff: diffOf(o.what, args, decided) };
    },
    async apply(ctx, args) {
      using session = await o.open(ctx, args);
      for (let round = 1; round <= ROUNDS; round++) {
        const { items } = await session.find();
        const { chosen, undecided } = decide(items, args.prefer, args.from.member);
        if (undecided.length > 0) throw stillOther(args, undecided);
        if (chosen.length === 0) return;
        const progress = byteProgress(ctx, bytesOf(chosen));
        await session.copy(chosen, (count) => progress.add(count));
        progress.end();
      }
    },
    async verify(ctx, args): Promise<Evidence> {
      const at = ctx.clock.now();
      const startMs = ctx.clock.monotonicMs();
      using session = await o.open(ctx, args);
      const found = await session.find();
      const { chosen, undecided, kept, broken } = decide(found.items, args.prefer, args.from.member);
      if (chosen.length + undecided.length > 0) throw stillOther(args, [...chosen, ...undecided]);
      const left = kept.length + broken.length;
      const tookMs = ctx.clock.monotonicMs() - startMs;
      const weak = found.weak === 0 ? '' : `, ${found.weak} of them compared by size or name only`;
      return {
        asked: `compare the ${o.what} of ${args.from.member} and ${args.to.member}`,
        got: `${found.total - left} of ${found.total} the same${weak}`,
        expected: left === 0 ? 'all of them' : `all but ${nameFew([...kept, ...broken])}`,
        at,
        tookMs,
      };
    },
    finalFor: o.finalFor,
    undo: {
      schema: undoSchema,
      async capture(ctx, args) {
        using session = await o.open(ctx, args);
        const { chosen } = decide((await session.find()).items, args.prefer, args.from.member);
        return { taken: chosen.filter(({ state }) => state !== 'incomplete').map(takenOf) };
      },
      async revert(ctx, undo, args) {
        using session = await o.open(ctx, args);
        for (const one of undo.taken.toReversed()) {
          // Somebody has written it since: theirs stays.
          if ((await session.held(one.name)) === one.wanted) await session.takeBack(one);
        }
      },
      async isBack(ctx, undo, args) {
        using session = await o.open(ctx, args);
        for (const one of undo.taken) if ((await session.held(one.name)) === one.wanted) return false;
        return true;
      },
    },
  };
}

function takenOf({ name, wanted, found }: Item): Taken {
  return { name, wanted, ...(found === undefined ? {} : { found }) };
}

function refusal({ from, to }: LinkArgs, items: readonly Item[]): Refused {
  const params = { from: from.member, to: to.member, count: items.length, names: nameFew(items) };
  return {
    state: 'refused',
    because: reasons.of('artifacts/undecided', params),
    hint: reasons.of('artifacts/decide', { from: from.member, to: to.member }),
  };
}
type Refused = Extract<Awaited<ReturnType<StepKind<LinkArgs>['check']>>, { state: 'refused' }>;

function holdsAll({ from, to }: LinkArgs, { total }: Found, { kept, broken }: Decided) {
  const params = { from: from.member, to: to.member, total };
  const left = [...kept, ...broken];
  if (left.length === 0) return reasons.of('artifacts/synced', params);
  return reasons.of('artifacts/synced-but', { ...params, count: left.length, names: nameFew(left) });
}

function diffOf(what: SyncKind<unknown>['what'], { from, to }: LinkArgs, decided: Decided): Diff {
  const { chosen, kept, broken } = decided;
  const overwritten = chosen.filter(({ state }) => state === 'conflict').length;
  const size = formatBytes(bytesOf(chosen));
  const params = { count: chosen.length, size, from: from.member, to: to.member };
  const parts = [
    reasons.of(`artifacts/copy-${what}`, params),
    ...(overwritten === 0 ? [] : [reasons.of('artifacts/overwritten', { count: overwritten })]),
    ...(kept.length === 0 ? [] : [reasons.of('artifacts/stay-other', { count: kept.length })]),
    ...(broken.length === 0
      ? []
      : [reasons.of('artifacts/left-out', { count: broken.length, from: from.member })]),
  ];
  const summary = parts.reduce((first, second) => stackReasons.of('artifacts/and', { first, second }));
  return {
    summary: renderReason(summary, [reasons, stackReasons], 'en'),
    lines: [...describeItems(decided), summary],
  };
}

function stillOther({ from, to }: LinkArgs, items: readonly Item[]): StepError {
  return new StepError({
    code: 'step/not-as-wanted',
    message: `${to.member} does not hold everything that ${from.member} holds`,
    expected: 'the same content under each name',
    got: nameFew(items),
    hint: 'Somebody may be pushing: `holdfast sync` again shows what is left.',
    retryable: false,
  });
}

/** `app:v1 (sha256:ab12… → sha256:cd34…), app:v2 and 12 more`, old before new. */
function nameFew(items: readonly Item[]): string {
  const short = (text: string): string => text.replace(/^(sha256:[0-9a-f]{12})[0-9a-f]{52}$/, '$1');
  const named = items.slice(0, NAMED).map(({ name, state, wanted, found }) => {
    return state === 'conflict' ? `${name} (${short(found ?? '')} → ${short(wanted)})` : name;
  });
  const rest = items.length - named.length;
  return `${named.join(', ')}${rest === 0 ? '' : ` (+${rest})`}`;
}
