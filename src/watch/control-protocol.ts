/**
 * How a command reaches a running watcher: JSON lines over a unix socket that only its owner can open. One request a
 * line, answered by a line with its id; `events` is answered by a line an event until the caller goes.
 */
import { z } from 'zod';
import type { ErrorRecord } from '../base/errors.ts';
import type { CommandOutcome } from './endpoint-watch.ts';
import type { WatchStatus } from './status.ts';
import type { WatchEvent } from './watch-event.ts';

const name = z.string().min(1).max(255);

const command = z.discriminatedUnion('verb', [
  z.object({ verb: z.literal('switch'), to: name, acceptLoss: z.boolean() }),
  z.object({ verb: z.literal('failback'), acceptLoss: z.boolean() }),
  z.object({ verb: z.literal('drain'), member: name, acceptLoss: z.boolean() }),
  z.object({ verb: z.literal('undrain'), member: name }),
  z.object({
    verb: z.literal('force'),
    members: z.array(name).max(1_000),
    forMs: z.number().positive().optional(),
  }),
  z.object({ verb: z.literal('release') }),
]);

const id = z.int();

/** Foreign data: parsed before anything is done with it. */
export const requestSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('status'), id }),
  z.object({ do: z.literal('events'), id }),
  z.object({ do: z.literal('command'), id, endpoint: name.optional(), by: z.string().max(255), command }),
]);
export type ControlRequest = z.infer<typeof requestSchema>;

export type ControlAnswer = { readonly id: number } & (
  | { readonly status: WatchStatus }
  | { readonly outcome: CommandOutcome }
  | { readonly event: WatchEvent }
  | { readonly error: ErrorRecord }
);

/** A request longer than this is refused. */
export const LONGEST_REQUEST_BYTES = 64 * 1024;
/** An answer longer than this is no answer of ours: a site of 10,000 endpoints needs about a tenth of it. */
export const LONGEST_ANSWER_BYTES = 256 * 1024 * 1024;
