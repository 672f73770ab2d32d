/**
 * How we touch a machine. A host needs nothing but sshd and a POSIX shell (promise 9).
 * Implementations: `ssh.ts`, `local.ts`; for tests `test/fake-host.ts`.
 */
import type { Readable, Writable } from 'node:stream';
import type { Secret } from '../base/secret.ts';
import type { HostName, HostSpec } from '../site/model.ts';
import type { Command } from './shell.ts';

export interface CommandResult {
  /** Exit code; 128 + the number where a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}

export interface RunOptions {
  /** The command is killed (on the host too, as far as the transport can) when this has passed. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Secrets go here, never into the command. What is too large for memory comes as a stream. */
  readonly stdin?: Secret | string | Uint8Array | Readable;
  /** Takes standard output as it comes, at its own pace; `stdout` of the result is empty then. Not ended by the command. */
  readonly stdoutTo?: Writable;
  /** Through sudo as the host's `sudo` says; no-op where the user is root. */
  readonly as?: 'root';
}

/** What a path is. `mode` has the permission bits only (0o644). */
export interface FileStat {
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
  readonly sizeBytes: number;
}

export interface FileAttributes {
  readonly mode?: number;
  readonly owner?: string;
  readonly group?: string;
}

/**
 * Files on a host, as root where the host's `sudo` allows. Every write is: temporary name in the same folder, write,
 * fsync, owner and mode, rename, fsync of the folder. A crash leaves the old file or the new one, never half of one.
 */
export interface AtomicFiles {
  /** Content, or undefined where there is no such file. @throws HostError for anything else, e.g. no permission */
  read(path: string, signal: AbortSignal): Promise<Uint8Array | undefined>;
  stat(path: string, signal: AbortSignal): Promise<FileStat | undefined>;
  /** Owner and mode of an existing file stay unless given; a new file is root's, 0644, unless given. Follows a symlink. */
  replace(
    path: string,
    content: Uint8Array | Secret,
    attributes: FileAttributes,
    signal: AbortSignal,
  ): Promise<void>;
  /** No error where it is already gone. Files and empty directories only. */
  remove(path: string, signal: AbortSignal): Promise<void>;
}

/** An open way to one host; one per host, reused. Dispose it to close. */
export interface Connection extends AsyncDisposable {
  readonly host: HostName;
  /** False where `as: 'root'` is bound to be refused (not root, `sudo: none`). Absent: it may work. */
  readonly mayBeRoot?: boolean;
  /** Resolves whatever the exit code; rejects only where the command could not be run or its end is not known. */
  run(command: Command, o: RunOptions): Promise<CommandResult>;
  readonly files: AtomicFiles;
}

export interface Transport {
  readonly name: 'ssh' | 'local';
  connect(host: HostSpec, o: { signal: AbortSignal }): Promise<Connection>;
}

/** Connections by host name: opens at first use, hands out the same one after that, closes all when disposed. */
export interface HostPool extends AsyncDisposable {
  connect(host: HostName, signal: AbortSignal): Promise<Connection>;
  /** The machine Holdfast runs on. */
  controller(): Connection;
}
