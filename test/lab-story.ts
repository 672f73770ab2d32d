/**
 * Journeys on lab hosts: a file describes its hosts once, and each test tells a story with one operator or more, who
 * have the real program, a site file and a state folder of their own. Hosts are shared by the tests of a file: a test
 * changes hosts that no other test uses, or takes back what it did.
 *
 * ```ts
 * describeLab('a change', { hosts: 'one: 10.9.0.11' }, (lab) => {
 *   lab.story('is taken back', async (operator) => {
 *     operator.site('stacks: { base: { kind: baseline, hosts: one, files: [{ path: /srv/a, content: a }] } }');
 *     await operator.expects(0, 'apply', '--yes');
 *     await operator.expects(0, 'rollback', '--yes');
 *   });
 * });
 * ```
 *
 * Where a story fails, its error names a folder with all that is known: `commands.txt` (every command and what it
 * said), the journals of the runs, journal and console of every host.
 */
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabCommand } from '../src/lab/lab.ts';
import { labMissing, startLab, type TestLab, withHead } from './lab.ts';
import { openProgram, type Program, type Running, type Said } from './program.ts';
import { titleOf } from './title-of.ts';

const UP_MS = 180_000;
const STORY_MS = 120_000;

export interface StoryHosts {
  /** What stands below `hosts:` in the site files, without indentation of its own. */
  readonly hosts: string;
  /** What stands below `access:`, on one line. Default: `user: root`. */
  readonly access?: string;
  /** Name of the lab and of its sites, and of the folder of logs. Default: `story`. */
  readonly name?: string;
  /** Why these stories cannot be told here, besides what every lab needs. */
  readonly missing?: string | undefined;
}

/** Somebody at a keyboard: commands of theirs have `--lab`, and their runs are their own. */
export interface Operator {
  readonly program: Program;
  /** Writes their site file: the hosts of the lab, and what is given below them: endpoints, stacks. */
  site(rest: string): void;
  start(...args: string[]): Running;
  run(...args: string[]): Promise<Said>;
  /** The same, and the exit code must be this one. */
  expects(code: number, ...args: string[]): Promise<Said>;
}

export interface LabStories {
  /** The lab; only inside of stories. */
  readonly lab: TestLab;
  /** Another operator, for the rest of the story. @param user who they are in locks and journals */
  operator(user: string): Operator;
  /** Runs as root on a host; it must succeed. @returns what it printed */
  on(host: string, command: LabCommand): Promise<string>;
  /** One test. @param limitMs default: two minutes */
  story(title: string, tell: (operator: Operator) => Promise<void>, limitMs?: number): void;
}

/** Describes stories on one lab, skipped with the reason in the title where there can be none. */
export function describeLab(title: string, hosts: StoryHosts, body: (stories: LabStories) => void): void {
  const missing = [labMissing, hosts.missing];
  describe.skipIf(missing.some((each) => each !== undefined))(titleOf(title, ...missing), () => {
    const name = hosts.name ?? 'story';
    const indented = hosts.hosts.trim().replace(/^/gm, '  ');
    const head = `access: { ${hosts.access ?? 'user: root'} }\nhosts:\n${indented}\n`;
    let lab: TestLab | undefined;
    let diary = new Diary();
    beforeAll(async () => {
      lab = await startLab({ site: head, name });
    }, UP_MS);
    afterAll(async () => await lab?.down(), UP_MS);
    const theLab = (): TestLab => {
      if (lab === undefined) throw new Error('the lab is up only while stories are told');
      return lab;
    };
    body({
      get lab() {
        return theLab();
      },
      operator: (user) => diary.operator(theLab(), user, head),
      on: async (host, command) => await diary.on(theLab(), host, command),
      story: (what, tell, limitMs = STORY_MS) =>
        test(
          what,
          async () => {
            diary = new Diary();
            try {
              await tell(diary.operator(theLab(), 'tester', head));
            } catch (error) {
              throw withFolder(error, await diary.keep(theLab()));
            } finally {
              diary.close();
            }
          },
          limitMs,
        ),
    });
  });
}

/** What happened in one story, for the case that it fails. */
class Diary {
  readonly #pages: string[] = [];
  readonly #programs: { user: string; program: Program }[] = [];

  operator(lab: TestLab, user: string, head: string): Operator {
    const program = openProgram();
    this.#programs.push({ user, program });
    Object.assign(program.env, lab.program.env, { USER: user });
    const own = ['-f', join(program.folder, 'site.yaml'), '--state-dir', join(program.folder, 'state')];
    const start = (...args: string[]): Running => {
      const running = program.start(...args, ...own, `--lab=${lab.name}`);
      // Read only at the end: of what was never waited for, or killed, it holds what was said until then.
      const write = (): string => `${user}$ holdfast ${args.join(' ')}\n${running.said()}`;
      this.#pages.push('');
      const at = this.#pages.length - 1;
      const keep = (code: number | null | string): void => {
        this.#pages[at] = `${write()}[exit code ${code}]\n`;
      };
      running.child.stdout?.on('data', () => keep('none yet'));
      running.child.stderr?.on('data', () => keep('none yet'));
      running.child.once('close', keep);
      return running;
    };
    const run = async (...args: string[]): Promise<Said> => await start(...args).ended;
    return {
      program,
      site: (rest) => program.site(withHead(lab.name, `${head}${rest}\n`)),
      start,
      run,
      async expects(code, ...args) {
        const said = await run(...args);
        expect(said.code, `holdfast ${args.join(' ')}\n${said.stdout}${said.stderr}`).toBe(code);
        return said;
      },
    };
  }

  async on(lab: TestLab, host: string, command: LabCommand): Promise<string> {
    const { code, stdout, stderr } = await lab.exec(host, command);
    const line = typeof command === 'string' ? command : command.join(' ');
    this.#pages.push(`root@${host}# ${line}\n${stdout}${stderr}[exit code ${code}]\n`);
    expect(code, `${line}\n${stderr}`).toBe(0);
    return stdout;
  }

  /** @returns the folder, or why there is none: what failed first must still be said */
  async keep(lab: TestLab): Promise<string> {
    try {
      return this.#keepIn(await lab.keepLogs());
    } catch (error) {
      return `they could not be kept: ${String(error)}`;
    }
  }

  #keepIn(folder: string): string {
    writeFileSync(join(folder, 'commands.txt'), this.#pages.join('\n'));
    for (const { user, program } of this.#programs) {
      const runs = join(program.folder, 'state', 'runs');
      if (existsSync(runs)) cpSync(runs, join(folder, 'runs', user), { recursive: true });
      const site = join(program.folder, 'site.yaml');
      if (existsSync(site)) cpSync(site, join(folder, `site-of-${user}.yaml`));
    }
    return folder;
  }

  close(): void {
    for (const { program } of this.#programs) program[Symbol.dispose]();
  }
}

/** The same error, whose message says where to look: vitest shows it with its diff. */
function withFolder(error: unknown, folder: string): unknown {
  if (!(error instanceof Error)) return error;
  error.message += `\nwhat was said, and the journals of runs and hosts: ${folder}`;
  return error;
}
