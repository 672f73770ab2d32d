/**
 * The standard output of a command on one host as the standard input of a command on another, through the machine that
 * Holdfast runs on: the two hosts need no way to each other, no open port, and no key of one lies on the other.
 */
import { Transform } from 'node:stream';
import { openScope } from '../../../base/abort.ts';
import { abortReason } from '../../../base/interrupt.ts';
import type { CommandResult, Connection } from '../../../hosts/host.ts';
import type { Command } from '../../../hosts/shell.ts';
import type { StepContext } from '../../step.ts';
import { commandFailed } from './run.ts';

/** One end. Runs as root. */
export interface PipeEnd {
  readonly host: Connection;
  readonly command: Command;
  /** What the one that sends reads, e.g. the names of what it is to send. */
  readonly stdin?: string;
  /** What it does, and what to do where it fails. */
  readonly what: string;
  readonly hint: string;
}

/** Bytes under way; each command is as slow as the other, so that this is all that is ever in memory. */
const UNDER_WAY_BYTES = 4 * 1024 * 1024;

/**
 * Resolves when both have ended well. Where one fails the other is killed. A receiver must know the end of what it gets from
 * its content: one that is being killed may see its input end a moment before.
 * @param onBytes called with the size of each piece
 * @throws StepError `step/command-failed`, HostError of whichever failed first
 */
export async function pipe(
  { clock, signal }: Pick<StepContext, 'clock' | 'signal'>,
  from: PipeEnd,
  to: PipeEnd,
  { timeoutMs, onBytes }: { timeoutMs: number; onBytes(count: number): void },
): Promise<void> {
  using scope = openScope(clock, { what: `${from.what}, ${to.what}`, timeoutMs, parent: signal });
  const stream = new Transform({
    highWaterMark: UNDER_WAY_BYTES,
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  const end = async ({ host, command, stdin, what, hint }: PipeEnd, way: object): Promise<void> => {
    try {
      const input = stdin === undefined ? {} : { stdin };
      const o = { timeoutMs, signal: scope.signal, as: 'root', ...input, ...way } as const;
      const result: CommandResult = await host.run(command, o);
      if (result.code !== 0) throw commandFailed(what, result, hint);
    } catch (error) {
      scope.abort(error as Error);
      throw error;
    }
  };
  const sent = end(from, { stdoutTo: stream }).then(() => stream.end());
  const ends = await Promise.allSettled([sent, end(to, { stdin: stream })]);
  stream.destroy();
  if (ends.some(({ status }) => status === 'rejected')) throw abortReason(scope.signal);
}
