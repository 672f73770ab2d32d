/**
 * Labs for tests: real Debian hosts with systemd, in a folder of their own, gone when the test is over, and gone with
 * the test's process if that is killed. Journals and consoles of a failed test are kept and their folder is printed.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseImagePath } from '../src/lab/base-image.ts';
import { checkFitness } from '../src/lab/fitness.ts';
import type { Lab } from '../src/lab/lab.ts';
import { openLab } from '../src/lab/open-lab.ts';
import { runCommand } from '../src/lab/run-command.ts';
import { openProgram, type Program } from './program.ts';
import { until } from './until.ts';

const CACHE = process.env.HOLDFAST_CACHE ?? '/var/cache/holdfast';

/** Why tests with a lab must be skipped here, or undefined. */
export const labMissing: string | undefined = await whyNot();

/** A lab with the program as its users have it. */
export interface TestLab extends Lab {
  /** The lab's site file and folder; `lab` and `--lab` commands of it see this lab and no other. */
  readonly program: Program;
  /** Writes the site file anew, as in `TestLabOptions`. */
  site(text: string): void;
  /**
   * Keeps journals and consoles of all hosts in a new folder below $HOLDFAST_E2E_LOGS or the system's temporary one;
   * gives it. Called by `withLab` and by `lab-story.ts` where a test fails.
   */
  keepLogs(): Promise<string>;
}

export interface TestLabOptions {
  /** The site file without its head: hosts, endpoints, stacks. */
  readonly site: string;
  /** Name of the lab and of the site. Default: `test`; labs of tests never see each other. */
  readonly name?: string;
  readonly standins?: readonly string[];
}

/** A site file: its head, and what stands below. */
export function withHead(name: string, text: string): string {
  return `apiVersion: holdfast/v1\nkind: Site\nmetadata: { name: ${name} }\n${text}`;
}

/**
 * `holdfast plan --lab` has nothing to do. It is asked again for a while, because on a starved machine an address may
 * just be on its way between two hosts; a plan that was not empty is printed either way.
 */
export async function nothingToDo(lab: TestLab): Promise<void> {
  await until(async () => {
    const { code, stdout, stderr } = await lab.program.run('plan', '--lab');
    if (code !== 0) console.error(`plan is not empty (exit code ${code}):\n${stdout}${stderr}`);
    return code === 0;
  }, '`plan` has nothing to do');
}

/** Brings up a lab; `await using` takes it down. For hosts that several tests share: in `beforeAll`, with a longer limit. */
export async function startLab(o: TestLabOptions): Promise<TestLab> {
  const program = openProgram();
  const name = o.name ?? 'test';
  const labs = mkdtempSync(join(tmpdir(), 'holdfast-labs-'));
  Object.assign(program.env, { HOLDFAST_LABS: labs, HOLDFAST_CACHE: CACHE });
  const site = (text: string): void => program.site(withHead(name, text));
  site(o.site);
  const clean = (): void => {
    program[Symbol.dispose]();
    rmSync(labs, { recursive: true, force: true });
  };
  let lab: Lab;
  try {
    lab = await openLab({
      file: join(program.folder, 'site.yaml'),
      env: { ...process.env, ...program.env },
      ...(o.standins === undefined ? {} : { standins: o.standins }),
    });
  } catch (error) {
    clean();
    throw error;
  }
  const down = async (): Promise<void> => {
    await lab.down();
    clean();
  };
  return {
    ...lab,
    program,
    site,
    keepLogs: async () => await keepLogs(lab),
    down,
    [Symbol.asyncDispose]: down,
  };
}

/** Brings up a lab for one story; where the story fails, keeps the logs and says where they are. */
export async function withLab(o: TestLabOptions, story: (lab: TestLab) => Promise<void>): Promise<void> {
  await using lab = await startLab(o);
  try {
    await story(lab);
  } catch (error) {
    console.error(`journals and consoles of the lab's hosts: ${await lab.keepLogs()}`);
    throw error;
  }
}

async function keepLogs(lab: Lab): Promise<string> {
  const parent = process.env.HOLDFAST_E2E_LOGS ?? tmpdir();
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, `holdfast-e2e-${lab.name}-`));
  for (const { name } of lab.hosts) {
    const own = join(lab.folder, 'hosts', name);
    mkdirSync(join(folder, name));
    const journal = await runCommand(['journalctl', '-D', join(lab.host(name).disk, 'var/log/journal')]);
    writeFileSync(join(folder, name, 'journal.txt'), journal.stdout || journal.stderr);
    const console = join(own, 'console.log');
    if (existsSync(console)) writeFileSync(join(folder, name, 'console.txt'), readFileSync(console));
  }
  return folder;
}

async function whyNot(): Promise<string | undefined> {
  // Without room for hosts: how many there are now is no reason to skip, and `startLab` asks again.
  const unfit = (await checkFitness(tmpdir(), { hosts: 0 })).filter(({ isFit }) => !isFit);
  if (unfit.length > 0) return unfit.map(({ needs, mend }) => `needs ${needs.en}: ${mend}`).join('; ');
  if (existsSync(await baseImagePath(CACHE))) return undefined;
  return "no base image of the lab: 'holdfast lab base' builds it";
}
