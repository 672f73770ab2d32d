/** The program as its users have it: `bin/holdfast` in a process of its own, with a site file and a state folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const BIN = resolve(import.meta.dirname, '../bin/holdfast');

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Said>;
  /** What it has said so far, both outputs. */
  said(): string;
}

export interface ProgramOptions {
  readonly like?: Program;
  readonly stateDir?: string;
  readonly within?: readonly string[];
}

export interface Program extends Disposable {
  readonly folder: string;
  /** Writes the site file. */
  site(text: string): void;
  /** More variables of its environment. */
  readonly env: Record<string, string>;
  start(...args: string[]): Running;
  run(...args: string[]): Promise<Said>;
  /** Run ids, oldest first. */
  runs(): string[];
  /** The journal of the newest run: its file, and its entries. */
  journalFile(): string;
  journal(): readonly { readonly type: string; readonly step?: string }[];
}

/**
 * Makes a folder with nothing in it yet; HOME is there, too.
 * @param o `like`: another one, whose site file is used: a second operator; `stateDir`: where it keeps its runs;
 *   `within`: the command that puts it into other namespaces: `nsenter -t PID -m`
 */
export function openProgram(o: ProgramOptions = {}): Program {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-program-'));
  const site = join(o.like?.folder ?? folder, 'site.yaml');
  const state = o.stateDir ?? join(folder, 'state');
  const children: ChildProcess[] = [];
  const env: Record<string, string> = {};
  mkdirSync(join(folder, 'home'));
  const runs = (): string[] =>
    existsSync(join(state, 'runs')) ? readdirSync(join(state, 'runs')).sort() : [];
  const start = (...args: string[]): Running => {
    const [command = BIN, ...rest] = [...(o.within ?? []), BIN, ...args];
    const child = spawn(command, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: join(folder, 'home'),
        USER: 'tester',
        HOLDFAST_LANG: 'en',
        HOLDFAST_SITE: site,
        HOLDFAST_STATE_DIR: state,
        ...env,
      },
    });
    children.push(child);
    const out = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name]?.on('data', (chunk: Buffer) => {
        out[name] += chunk.toString();
      });
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...out }));
    return { child, ended, said: () => out.stdout + out.stderr };
  };
  const journalFile = (): string => join(state, 'runs', runs().at(-1) ?? 'none', 'journal.jsonl');
  return {
    folder,
    env,
    site: (text) => writeFileSync(site, text),
    start,
    run: (...args) => start(...args).ended,
    runs,
    journalFile,
    journal: () =>
      existsSync(journalFile())
        ? readFileSync(journalFile(), 'utf8')
            .split('\n')
            .slice(0, -1)
            .map((line) => JSON.parse(line) as { type: string; step?: string })
        : [],
    [Symbol.dispose]() {
      for (const child of children) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
