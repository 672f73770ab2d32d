/** `holdfast lab fault`, `faults` and `heal`: bad things for a time, and their end. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { SystemClock } from '../base/clock.ts';
import { formatDuration, parseDuration } from '../base/duration.ts';
import type { Sentence } from '../base/reason.ts';
import { type Fault, faultKinds } from '../lab/faults/kinds.ts';
import type { Lab, LabFault } from '../lab/lab.ts';
import { FAULT_MS } from '../lab/running-lab.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { addLabOptions, attachLabOf, type LabOptions } from './lab-options.ts';
import { columns } from './render/width.ts';
import { say } from './say.ts';

const WORDS = {
  begun: {
    en: "{host}: {kind} for {length}, until {end}; sooner: 'holdfast lab heal {host}'",
    zh: '{host}：{kind}，持续 {length}，至 {end}；提前结束：`holdfast lab heal {host}`',
  },
  none: { en: 'no fault lasts', zh: '没有正在持续的故障' },
  healed: { en: '{host}: {kind} has ended', zh: '{host}：{kind} 已结束' },
  left: { en: '{left} left', zh: '剩余 {left}' },
} satisfies Record<string, Sentence>;

/** What there is of a fault in a list. */
type Shown = Pick<LabFault, 'host' | 'kind' | 'endsAt'>;

interface ListOptions extends LabOptions {
  readonly kinds?: boolean;
}

interface FaultOptions extends LabOptions {
  readonly for: number;
  readonly from?: string[];
  readonly direction?: 'in' | 'out' | 'both';
  readonly unit?: string;
  readonly signal?: string;
  readonly by?: number;
  readonly delay?: number;
  readonly rate?: string;
}

/** Adds the three. Exit 0 where it is done. */
export function configure(lab: Command, run: Runner): void {
  addFault(lab, run);
  addLabOptions(lab.command('faults'))
    .description('list the faults that last, and how long still')
    .option('--kinds', 'list the kinds of faults there are')
    .option('--json', 'for scripts')
    .action(run(async (io: Io, options: ListOptions) => list(io, options)));
  addLabOptions(lab.command('heal'))
    .description('end faults now, before their time')
    .argument('[host]', 'of this host only')
    .action(run(async (io: Io, host: string | undefined, options: LabOptions) => heal(io, host, options)));
}

function addFault(lab: Command, run: Runner): void {
  addLabOptions(lab.command('fault'))
    .description('do something bad to a host for a time; it is undone by then, whatever happens to Holdfast')
    .argument('<host>', 'its name in the site file')
    .argument('<kind>', 'what; `holdfast lab faults --kinds` lists them')
    .addOption(new Option('--for <duration>', 'how long').argParser(duration).default(FAULT_MS, '30s'))
    .addOption(
      new Option(
        '--from <hosts>',
        'isolate: from these only, with commas between; `controller` is this side',
      ).argParser((text) => text.split(',').filter((name) => name !== '')),
    )
    .addOption(new Option('--direction <way>', 'isolate: what is lost').choices(['in', 'out', 'both']))
    .option('--unit <unit>', 'stop-service, clock-skew: which service')
    .option(
      '--signal <signal>',
      'stop-service: in place of an orderly stop, e.g. KILL (a crash) or STOP (a hang)',
    )
    .addOption(new Option('--by <duration>', 'clock-skew: how far ahead, e.g. 5m or -5m').argParser(skew))
    .addOption(new Option('--delay <duration>', 'slow: how much later all comes').argParser(duration))
    .option('--rate <rate>', 'slow: no more than this, e.g. 100kbit')
    .option('--json', 'for scripts')
    .action(
      run(async (io: Io, host: string, kind: string, options: FaultOptions) =>
        fault(io, host, kind, options),
      ),
    );
}

async function fault(io: Io, host: string, kind: string, options: FaultOptions): Promise<ExitCode> {
  const asked = { kind: faultKinds.get(kind).kind, ...argsOf(options) } as Fault;
  const lab = await attachLabOf(io, options);
  const begun = await lab.fault(host, asked, { forMs: options.for });
  if (options.json) io.out(`${JSON.stringify(toJson(begun), null, 2)}\n`);
  else
    io.err(
      `${say(io, WORDS.begun, {
        host: begun.host,
        kind: begun.kind,
        length: formatDuration(options.for),
        end: new Date(begun.endsAt).toLocaleTimeString('sv-SE'),
      })}\n`,
    );
  return exitCodes.done;
}

/** Only what was said: a kind refuses what it does not take. */
function argsOf({ from, direction, unit, signal, by, delay, rate }: FaultOptions): object {
  const said = { from, direction, unit, signal, byMs: by, delayMs: delay, rate };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

async function list(io: Io, options: ListOptions): Promise<ExitCode> {
  if (options.kinds) {
    const kinds = [...faultKinds].map(({ kind, summary }) => [kind, summary[io.language]]);
    io.out(`${columns(kinds).join('\n')}\n`);
    return exitCodes.done;
  }
  const faults = await (await attachLabOf(io, options)).faults();
  if (options.json) io.out(`${JSON.stringify(faults.map(toJson), null, 2)}\n`);
  else if (faults.length === 0) io.err(`${say(io, WORDS.none)}\n`);
  else io.out(`${columns(faults.map((each) => [each.host, each.kind, timeLeft(io, each)])).join('\n')}\n`);
  return exitCodes.done;
}

async function heal(io: Io, host: string | undefined, options: LabOptions): Promise<ExitCode> {
  const lab: Lab = await attachLabOf(io, options);
  const name = host === undefined ? undefined : lab.host(host).name;
  const faults = (await lab.faults()).filter((each) => name === undefined || each.host === name);
  if (faults.length === 0) io.err(`${say(io, WORDS.none)}\n`);
  await lab.heal(name);
  for (const each of faults) io.err(`${say(io, WORDS.healed, { host: each.host, kind: each.kind })}\n`);
  return exitCodes.done;
}

/** How long a fault still lasts, for a person. */
export function timeLeft(io: Io, { endsAt }: Shown): string {
  const ms = Math.max(0, endsAt - new SystemClock().now());
  return say(io, WORDS.left, { left: formatDuration(Math.ceil(ms / 1_000) * 1_000) });
}

/** A fault for scripts. */
export function toJson({ host, kind, endsAt }: Shown): unknown {
  return { host, kind, endsAt: new Date(endsAt).toISOString() };
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError('Write a duration, as 30m or 2h.');
  return ms;
}

function skew(text: string): number {
  const isBehind = text.startsWith('-');
  const ms = duration(text.replace(/^[+-]/, ''));
  return isBehind ? -ms : ms;
}
