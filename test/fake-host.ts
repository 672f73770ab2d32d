/**
 * A host in memory for unit tests of what stands on `Connection`: scripted commands, files with owner and mode.
 * A command that no script expects is an error, so that a test cannot pass by accident.
 */
import { Readable } from 'node:stream';
import { throwIfAborted } from '../src/base/interrupt.ts';
import { Secret } from '../src/base/secret.ts';
import type {
  AtomicFiles,
  CommandResult,
  Connection,
  FileAttributes,
  FileStat,
  HostPool,
  RunOptions,
} from '../src/hosts/host.ts';
import { HostError } from '../src/hosts/host-error.ts';
import type { Command } from '../src/hosts/shell.ts';

export interface FakeReply {
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

export interface RanCommand {
  readonly text: string;
  readonly as: 'root' | undefined;
  /** A secret shows as its value here, so that tests can see that it arrived. */
  readonly stdin: string | undefined;
}

/** Text or pattern that a command must have, and what comes back; an Error is thrown. */
export type FakeAnswer = FakeReply | string | Error | ((ran: RanCommand) => FakeReply | string | Error);

interface FakeFile {
  readonly type: FileStat['type'];
  readonly content: Uint8Array;
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
}

export class FakeHost implements Connection {
  readonly host: string;
  readonly files: AtomicFiles;
  /** Every command that ran, in order. */
  readonly ran: RanCommand[] = [];
  /** Every change of a file, in order: `replace /etc/hosts`, `remove /tmp/x`. */
  readonly changes: string[] = [];
  closed = false;
  #scripts: { pattern: string | RegExp; answer: FakeAnswer; once: boolean }[] = [];
  #files = new Map<string, FakeFile>();
  #lost: Error | undefined;

  constructor(host: string, files: Readonly<Record<string, string | Uint8Array>> = {}) {
    this.host = host;
    for (const [path, content] of Object.entries(files)) this.put(path, content);
    this.files = this.#openFiles();
  }

  /** Answers commands that contain the text or match the pattern. The script added last wins. */
  on(pattern: string | RegExp, answer: FakeAnswer): this {
    this.#scripts.unshift({ pattern, answer, once: false });
    return this;
  }

  /** As `on`, for one command only. */
  once(pattern: string | RegExp, answer: FakeAnswer): this {
    this.#scripts.unshift({ pattern, answer, once: true });
    return this;
  }

  /** Puts a file (or folder) there as if it had always been. */
  put(path: string, content: string | Uint8Array, o: Partial<Omit<FakeFile, 'content'>> = {}): this {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const fallback = { type: 'file', mode: 0o644, owner: 'root', group: 'root' } as const;
    this.#files.set(path, { ...fallback, ...o, content: new Uint8Array(bytes) });
    return this;
  }

  /** A file's content as text, or undefined. */
  text(path: string): string | undefined {
    const file = this.#files.get(path);
    return file === undefined ? undefined : Buffer.from(file.content).toString();
  }

  stat(path: string): FileStat | undefined {
    const file = this.#files.get(path);
    if (file === undefined) return undefined;
    const { content, ...rest } = file;
    return { ...rest, sizeBytes: content.length };
  }

  /** From now on everything fails as if the connection had been cut; `heal()` ends that. */
  cut(error?: Error): this {
    this.#lost =
      error ??
      new HostError({
        code: 'host/lost',
        host: this.host,
        message: 'the connection was lost',
        hint: 'Check the network.',
        retryable: true,
      });
    return this;
  }

  heal(): this {
    this.#lost = undefined;
    return this;
  }

  async run(command: Command, o: RunOptions): Promise<CommandResult> {
    this.#enter(o.signal);
    const ran: RanCommand = { text: command.text, as: o.as, stdin: textOf(o.stdin) };
    this.ran.push(ran);
    const script = this.#scripts.find(({ pattern }) =>
      typeof pattern === 'string' ? ran.text.includes(pattern) : pattern.test(ran.text),
    );
    if (script === undefined) throw new Error(`fake host ${this.host} expects no such command: ${ran.text}`);
    if (script.once) this.#scripts = this.#scripts.filter((other) => other !== script);
    const answer = typeof script.answer === 'function' ? script.answer(ran) : script.answer;
    if (answer instanceof Error) throw answer;
    const reply = typeof answer === 'string' ? { stdout: answer } : answer;
    return { code: reply.code ?? 0, stdout: reply.stdout ?? '', stderr: reply.stderr ?? '', tookMs: 1 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true;
  }

  #enter(signal: AbortSignal): void {
    throwIfAborted(signal);
    if (this.#lost !== undefined) throw this.#lost;
  }

  #openFiles(): AtomicFiles {
    return {
      read: async (path, signal) => {
        this.#enter(signal);
        const file = this.#files.get(path);
        return file === undefined ? undefined : file.content.slice();
      },
      stat: async (path, signal) => {
        this.#enter(signal);
        return this.stat(path);
      },
      replace: async (path, content, attributes, signal) => {
        this.#enter(signal);
        this.#replace(path, content, attributes);
      },
      remove: async (path, signal) => {
        this.#enter(signal);
        if (this.#files.delete(path)) this.changes.push(`remove ${path}`);
      },
    };
  }

  #replace(path: string, content: Uint8Array | Secret, attributes: FileAttributes): void {
    const { content: _old, ...kept } = this.#files.get(path) ?? { content: undefined };
    const bytes = content instanceof Secret ? Buffer.from(content.reveal()) : content;
    this.put(path, bytes, { ...kept, ...attributes });
    this.changes.push(`replace ${path}`);
  }
}

/** A fake host; see the methods for scripting it. */
export function fakeHost(name: string, files: Readonly<Record<string, string | Uint8Array>> = {}): FakeHost {
  return new FakeHost(name, files);
}

/** A pool of fake hosts; the controller is one named `controller`, made if not given. */
export function fakePool(...hosts: readonly FakeHost[]): HostPool & { host(name: string): FakeHost } {
  const byName = new Map(hosts.map((host) => [host.host, host]));
  const controller = byName.get('controller') ?? fakeHost('controller');
  const host = (name: string): FakeHost => {
    const found = byName.get(name);
    if (found === undefined) throw new Error(`the fake pool has no host ${name}`);
    return found;
  };
  return {
    host,
    async connect(name, signal) {
      throwIfAborted(signal);
      return host(name);
    },
    controller: () => controller,
    async [Symbol.asyncDispose]() {
      for (const each of byName.values()) each.closed = true;
    },
  };
}

function textOf(stdin: RunOptions['stdin']): string | undefined {
  if (stdin === undefined || typeof stdin === 'string') return stdin;
  if (stdin instanceof Readable) throw new TypeError('a fake host takes no stream');
  return stdin instanceof Secret ? stdin.reveal() : Buffer.from(stdin).toString();
}
