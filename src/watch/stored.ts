/** What of an endpoint's state survives a restart, as it lies on disk. Foreign data when it comes back: it is parsed. */
import { z } from 'zod';
import type { Reason } from '../base/reason.ts';
import type { EndpointState } from './endpoint-state.ts';
import type { Moment } from './moment.ts';

const reason: z.ZodType<Reason> = z.lazy(() =>
  z.object({
    code: z.string(),
    params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), reason])),
  }),
);
const instant = z.number();
const monotonic = z.number();
const names = z.array(z.string());
const status = z.enum(['up', 'down', 'unknown']);

const member = z.object({
  name: z.string(),
  status,
  since: instant,
  because: reason,
  drained: z.object({ by: z.string(), since: instant }).optional(),
  damping: z.object({ penalty: z.number().min(0), atMs: monotonic, suppressed: z.boolean() }),
  probes: z.array(z.object({ name: z.string(), status, since: instant, because: reason })),
});

const change = z.object({
  at: instant,
  kind: z.enum([
    'first',
    'adopted',
    'failover',
    'switchover',
    'failback',
    'membership',
    'forced',
    'released',
    'site-changed',
  ]),
  epoch: z.int(),
  from: names,
  to: names,
  because: reason,
});

/** The file `<state folder>/watch/<endpoint>.json`. Monotonic times count from `savedAt.monotonicMs`. */
export const storedSchema = z.object({
  version: z.literal(1),
  endpoint: z.string(),
  savedAt: z.object({ monotonicMs: monotonic, wall: instant }),
  epoch: z.int().min(0),
  answer: z.object({ members: names.min(1), ttlMs: z.number(), epoch: z.int(), because: reason }).optional(),
  answeredAt: instant.optional(),
  changedAtMs: monotonic.optional(),
  members: z.array(member),
  allDownSince: instant.optional(),
  override: z
    .object({
      members: names.min(1),
      by: z.string(),
      since: instant,
      untilMs: monotonic.optional(),
      until: instant.optional(),
    })
    .optional(),
  heldBy: z.string().optional(),
  history: z.array(change),
});
export type Stored = z.infer<typeof storedSchema>;

/** The durable part of a state, stamped with both clocks so that durations can be carried over a restart. */
export function toStored(state: EndpointState, at: Moment): Stored {
  const { endpoint, epoch, answer, answeredAt, changedAtMs, allDownSince, override } = state;
  return {
    version: 1,
    endpoint,
    savedAt: at,
    epoch,
    answer: answer === undefined ? undefined : { ...answer, members: [...answer.members] },
    answeredAt,
    changedAtMs,
    members: state.members.map((one) => ({
      name: one.name,
      status: one.status,
      since: one.since,
      because: one.because,
      drained: one.drained,
      damping: one.damping,
      probes: one.probes.map(({ name, status, since, because }) => ({ name, status, since, because })),
    })),
    allDownSince,
    override: override === undefined ? undefined : { ...override, members: [...override.members] },
    heldBy: state.failback.heldBy,
    history: state.history.map((line) => ({ ...line, from: [...line.from], to: [...line.to] })),
  };
}
