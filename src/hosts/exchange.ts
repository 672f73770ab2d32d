/**
 * One command under way, whichever transport carries it: feeds its input, collects its output, keeps its time limit,
 * talks to sudo. The transports only start processes and kill groups.
 */
import { Readable, type Writable } from 'node:stream';
import { openScope } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { Secret } from '../base/secret.ts';
import { type Envelope, findMark } from './envelope.ts';
import { HostError } from './host-error.ts';
import { sudoRefusal } from './sudo.ts';

/** A process on a host, as a transport hands it over. */
export interface Running {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when it has exited and its outputs are closed, or some seconds after its exit; rejects where its end will never be known. */
  readonly ended: Promise<Ending>;
  /** Ends what the transport itself can reach of it, without waiting; used where its process group is not known. */
  hangUp(): void;
  /** Lets go of its outputs without waiting for their end. */
  abandon(): void;
}

export interface Ending {
  readonly code: number;
}

export interface RawResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly tookMs: number;
}

export interface ExchangeOptions {
  readonly host: string;
  readonly clock: Clock;
  readonly envelope: Envelope;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly stdin?: Secret | string | Uint8Array | Readable | undefined;
  readonly stdoutTo?: Writable | undefined;
  readonly sudoPassword?: Secret | undefined;
  readonly maxOutputBytes: number;
  /** Ends a process group on the host, with the rights that the command had. */
  readonly killGroup: (group: number) => Promise<void>;
}

/** How long a killed command gets to disappear before we stop waiting for it. */
const LAST_GRACE_MS = 5_000;
/** How long a command that is stopped as it begins gets to say which group is to be killed: longer than any way back. */
const MARK_GRACE_MS = 1_000;

/**
 * Resolves with the exit code and output.
 * @throws HostError `host/timeout`, `host/sudo-refused`, `host/output-too-large`, or what `running.ended` rejects
 * with; the signal's reason after an abort. In each case but a lost connection the command has been killed.
 */
export async function exchange(running: Running, o: ExchangeOptions): Promise<RawResult> {
  const startedMs = o.clock.monotonicMs();
  using scope = openScope(o.clock, { what: 'the command', timeoutMs: o.timeoutMs, parent: o.signal });
  const talk = new Conversation(running, o, scope.abort);
  const stopped = new Promise<'stopped'>((resolve) => {
    if (scope.signal.aborted) resolve('stopped');
    scope.signal.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
  const first = await Promise.race([running.ended, stopped]);
  if (first === 'stopped') {
    await killAndWait(running, talk, o);
    throw talk.explainStop(scope.signal.reason as Error);
  }
  const stderr = talk.stderr();
  if (!talk.begun) {
    const refusal = sudoRefusal(o.host, o.envelope.elevation, first.code, stderr.toString());
    if (refusal !== undefined) throw refusal;
  }
  return { code: first.code, stdout: talk.stdout(), stderr, tookMs: o.clock.monotonicMs() - startedMs };
}

/** Never rejects: what could not be killed is left, and the error that follows says that it had to be. */
async function killAndWait(running: Running, talk: Conversation, o: ExchangeOptions): Promise<void> {
  const gone = running.ended.then(
    () => {},
    () => {},
  );
  const kill = async (): Promise<void> => {
    if (talk.group === undefined) await withinMs(o.clock, MARK_GRACE_MS, Promise.race([talk.marked, gone]));
    if (talk.group === undefined) running.hangUp();
    else await o.killGroup(talk.group).catch(() => running.hangUp());
  };
  await withinMs(o.clock, LAST_GRACE_MS, Promise.all([kill(), gone]));
  running.abandon();
}

/** Resolves with the work, or when the time is over. */
async function withinMs(clock: Clock, limitMs: number, work: Promise<unknown>): Promise<void> {
  let cancel = (): void => {};
  const late = new Promise<void>((resolve) => {
    cancel = clock.after(limitMs, resolve);
  });
  await Promise.race([work, late]);
  cancel();
}

/** The state of one exchange: what came, whether the command itself has begun, what was said to sudo. */
class Conversation {
  group: number | undefined;
  begun = false;
  /** Resolves when it has begun. */
  readonly marked: Promise<void>;
  #onMark = (): void => {};
  readonly #running: Running;
  readonly #o: ExchangeOptions;
  readonly #stop: (reason: Error) => void;
  readonly #out = new Output();
  readonly #err = new Output();
  #passwordSent = false;
  #promptSearchFrom = 0;

  constructor(running: Running, o: ExchangeOptions, stop: (reason: Error) => void) {
    this.#running = running;
    this.#o = o;
    this.#stop = stop;
    this.marked = new Promise((resolve) => {
      this.#onMark = resolve;
    });
    // A command that does not read its input closes the pipe under us; its exit code tells the rest.
    running.stdin.on('error', () => {});
    running.stdout.on('data', (chunk: Buffer) => this.#onStdout(chunk));
    running.stderr.on('data', (chunk: Buffer) => this.#onStderr(chunk));
    running.stdout.on('error', () => {});
    running.stderr.on('error', () => {});
    if (o.envelope.elevation !== 'sudo-ask') this.#sendStdin();
  }

  stdout(): Buffer {
    return this.#out.after(this.#o.envelope.mark);
  }

  stderr(): Buffer {
    return this.#err.after(this.#o.envelope.mark);
  }

  /** The signal's reason, unless it is our own time limit: that names the command's state. */
  explainStop(reason: Error): Error {
    if (this.#o.signal.aborted || reason instanceof HostError) return reason;
    const evidence = `${this.stdout().toString().slice(-2_000)}${this.stderr().toString().slice(-2_000)}`;
    if (!this.begun && this.#o.envelope.elevation === 'sudo-ask') {
      const refusal = sudoRefusal(this.#o.host, 'sudo-ask', undefined, evidence);
      if (refusal !== undefined) return refusal;
    }
    return new HostError({
      code: 'host/timeout',
      host: this.#o.host,
      message: `the command did not end within ${this.#o.timeoutMs} ms and was killed`,
      expected: `an end within ${this.#o.timeoutMs} ms`,
      got: this.begun ? 'it was still running' : 'it had not even begun',
      hint: 'See what it waits for by running it on the host by hand; raise the time limit if it is merely slow.',
      retryable: true,
      evidence,
      cause: reason,
    });
  }

  #onStdout(chunk: Buffer): void {
    if (this.begun && this.#o.stdoutTo !== undefined) {
      this.#passOn(chunk, this.#o.stdoutTo);
      return;
    }
    this.#out.add(chunk);
    if (!this.begun) {
      const found = findMark(this.#out.all(), this.#o.envelope.mark);
      if (found !== undefined) {
        this.begun = true;
        this.group = found.group;
        this.#onMark();
        if (this.#o.envelope.elevation === 'sudo-ask') this.#sendStdin();
        if (this.#o.stdoutTo !== undefined) this.#passOn(this.#out.take(found.rest), this.#o.stdoutTo);
      }
    }
    this.#checkSize(this.#out);
  }

  /** No faster than it is taken: what waits meanwhile waits on the host. */
  #passOn(chunk: Buffer, to: Writable): void {
    if (chunk.length === 0 || to.write(chunk)) return;
    const { stdout } = this.#running;
    stdout.pause();
    to.once('drain', () => stdout.resume());
  }

  #onStderr(chunk: Buffer): void {
    this.#err.add(chunk);
    if (!this.begun && this.#o.envelope.elevation === 'sudo-ask') this.#answerPrompt();
    this.#checkSize(this.#err);
  }

  /** The second prompt means that the password is wrong; a third try could lock the account, so there is none. */
  #answerPrompt(): void {
    const { prompt } = this.#o.envelope;
    const at = this.#err.all().indexOf(prompt, this.#promptSearchFrom);
    if (at < 0) return;
    this.#promptSearchFrom = at + prompt.length;
    const password = this.#o.sudoPassword;
    if (password === undefined || this.#passwordSent) {
      this.#stop(wrongSudoPassword(this.#o.host, password));
      return;
    }
    this.#passwordSent = true;
    this.#running.stdin.write(`${password.reveal()}\n`);
  }

  #sendStdin(): void {
    const { stdin } = this.#o;
    if (stdin === undefined) this.#running.stdin.end();
    else if (stdin instanceof Readable) stdin.pipe(this.#running.stdin);
    else this.#running.stdin.end(stdin instanceof Secret ? stdin.reveal() : stdin);
  }

  #checkSize(output: Output): void {
    const { maxOutputBytes, host } = this.#o;
    if (output.size <= maxOutputBytes) return;
    this.#running.abandon();
    this.#stop(
      new HostError({
        code: 'host/output-too-large',
        host,
        message: `the command printed more than ${maxOutputBytes} bytes and was killed`,
        expected: `at most ${maxOutputBytes} bytes`,
        got: 'more',
        hint: 'Ask for less: filter on the host, or read the file in parts.',
      }),
    );
  }
}

function wrongSudoPassword(host: string, password: Secret | undefined): HostError {
  return new HostError({
    code: 'host/sudo-refused',
    host,
    message: 'sudo did not accept the password',
    expected: 'to become root',
    got: password === undefined ? 'sudo asks for a password and none is given' : `${password} is not it`,
    hint: "Check the value behind the host's `sudo.password` by logging in and running `sudo -k true`.",
  });
}

/** Chunks of one output stream. Joined only when looked at. */
class Output {
  size = 0;
  #chunks: Buffer[] = [];

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.size += chunk.length;
  }

  all(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] as Buffer;
  }

  /** What came from there on, which is then no longer kept. */
  take(from: number): Buffer {
    const rest = this.all().subarray(from);
    this.#chunks = [];
    this.size = 0;
    return rest;
  }

  /** What came after the mark's line; all of it where the command never began. */
  after(mark: string): Buffer {
    return this.all().subarray(findMark(this.all(), mark)?.rest ?? 0);
  }
}
