/** A run live on a terminal, by listr2: a line for each host, under it its steps with what they are doing. */
import { DefaultRenderer, Listr, ListrLogger, type ListrTask, ProcessOutput } from 'listr2';
import { formatDuration } from '../../base/duration.ts';
import type { Reason } from '../../base/reason.ts';
import type { EngineEvent, StepLabel } from '../../engine/events.ts';
import type { StepId } from '../../engine/step.ts';
import type { Io } from '../io.ts';
import { paint } from '../paint.ts';
import { say } from '../say.ts';
import { neutralise } from './diff.ts';
import { briefly, type Progress, progressLine, PROGRESS_WORDS as WORDS } from './progress.ts';

/** With more steps on a host than this only the host's own line moves: the rest would leave the screen. */
const MOST_LIVE_STEPS = 12;

type Told =
  /** `remark` shows only on what is under way. */
  | { readonly kind: 'doing' | 'remark'; readonly text: string }
  | { readonly kind: 'done' | 'skipped' | 'failed'; readonly text: string };

/** What happens to one step, to be read by the listr task that shows it. */
class Channel {
  readonly #queue: Told[] = [];
  #wake: () => void = () => {};

  tell(told: Told): void {
    this.#queue.push(told);
    this.#wake();
  }

  remark(text: string): void {
    this.tell({ kind: 'remark', text });
  }

  async next(): Promise<Told> {
    for (;;) {
      const told = this.#queue.shift();
      if (told !== undefined) return told;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Draws on stderr; the terminal is free again once `end` has resolved. */
export function ttyProgress(io: Io, o: { render(reason: Reason): string }): Progress {
  const channels = new Map<StepId, Channel>();
  let drawing: Promise<unknown> = Promise.resolve();
  const notes: string[] = [];
  const tell = (id: StepId, told: Told): void => channels.get(id)?.tell(told);
  const finish = (): void => {
    for (const channel of channels.values()) channel.tell({ kind: 'skipped', text: say(io, WORDS.notBegun) });
  };
  return {
    emit(event) {
      if (event.type === 'run-started') {
        for (const { step } of event.steps) channels.set(step, new Channel());
        drawing = draw(io, event.steps, channels, o.render);
      } else if (event.type === 'run-ended') finish();
      else if (event.type === 'warning')
        notes.push(`${o.render(event.because)}\n  → ${o.render(event.hint)}`);
      else if (event.type === 'stopping')
        for (const channel of channels.values()) channel.remark(o.render(event.because));
      else if ('step' in event) tell(event.step, toldOf(io, event, o.render));
    },
    async end() {
      finish();
      await drawing;
      for (const note of notes) io.err(`${paint(io, 'yellow', neutralise(note))}\n`);
    },
  };
}

function toldOf(
  io: Io,
  event: Extract<EngineEvent, { step: StepId }>,
  render: (reason: Reason) => string,
): Told {
  const doing = (text: string): Told => ({ kind: 'doing', text });
  switch (event.type) {
    case 'step-started':
      return doing(say(io, WORDS.check));
    case 'revert-started':
      return doing(say(io, WORDS.reverting));
    case 'step-phase':
      return doing(say(io, WORDS[event.phase]));
    case 'step-retrying':
      return doing(say(io, WORDS.retrying, { attempt: event.attempt, why: briefly(event.error) }));
    case 'step-progress':
      return doing(progressLine(event));
    case 'step-skipped':
      return { kind: 'skipped', text: render(event.because) };
    case 'step-verified':
      return { kind: 'done', text: formatDuration(event.tookMs) };
    case 'step-reverted':
      return { kind: 'done', text: event.evidence?.got ?? '' };
    case 'step-left':
      return { kind: 'skipped', text: say(io, WORDS.left, { why: render(event.because) }) };
    case 'step-failed':
    case 'revert-failed':
      return { kind: 'failed', text: briefly(event.error) };
    case 'step-cut':
      return { kind: 'failed', text: say(io, WORDS.cut) };
  }
}

function draw(
  io: Io,
  steps: readonly StepLabel[],
  channels: ReadonlyMap<StepId, Channel>,
  render: (reason: Reason) => string,
): Promise<unknown> {
  const byHost = Map.groupBy(steps, ({ host }) => host);
  const tasks = [...byHost].map(([host, own]) => hostTask(io, host, own, channels, render));
  const output = new ProcessOutput(process.stderr, process.stderr);
  return new Listr(tasks, {
    concurrent: true,
    exitOnError: false,
    // Ctrl-C is ours: the first one finishes the steps under way.
    registerSignalListeners: false,
    forceTTY: true,
    renderer: DefaultRenderer,
    rendererOptions: {
      logger: new ListrLogger({ processOutput: output }),
      collapseSubtasks: false,
      collapseSkips: true,
      formatOutput: 'truncate',
    },
  }).run();
}

function hostTask(
  io: Io,
  host: string | undefined,
  steps: readonly StepLabel[],
  channels: ReadonlyMap<StepId, Channel>,
  render: (reason: Reason) => string,
): ListrTask<unknown, typeof DefaultRenderer> {
  const name = host ?? say(io, WORDS.here);
  const titleOf = (label: StepLabel): string => neutralise(render(label.title));
  if (steps.length > MOST_LIVE_STEPS) {
    return {
      title: name,
      async task(_, task) {
        let ended = 0;
        await Promise.all(
          steps.map(async (label) => {
            const end = await follow(channels.get(label.step)!, (text) => {
              task.output = `${titleOf(label)}: ${text}`;
            });
            if (end.kind === 'failed') throw new Error(`${name}  ${titleOf(label)}: ${neutralise(end.text)}`);
            ended++;
            task.title = `${name}  ${ended}/${steps.length}`;
          }),
        );
      },
    };
  }
  return {
    title: name,
    task: (_, task) =>
      task.newListr(
        steps.map((label) => stepTask(io, titleOf(label), channels.get(label.step)!)),
        { concurrent: true, exitOnError: false },
      ),
  };
}

function stepTask(io: Io, title: string, channel: Channel): ListrTask<unknown, typeof DefaultRenderer> {
  return {
    // listr starts them all at once: those that wait for their turn are dim.
    title: paint(io, 'dim', title),
    async task(_, task) {
      const end = await follow(channel, (text) => {
        task.title = title;
        task.output = text;
      });
      task.title = title;
      // listr shows an error's message where the title was.
      if (end.kind === 'failed') throw new Error(`${title}: ${neutralise(end.text)}`);
      if (end.kind === 'skipped') task.skip(`${title}: ${neutralise(end.text)}`);
      else if (end.text !== '') task.title = `${title}  ${neutralise(end.text)}`;
    },
  };
}

/** @returns how it ended; a failure is for the caller to throw, so that listr shows it */
async function follow(channel: Channel, show: (text: string) => void): Promise<Told> {
  let isUnderWay = false;
  for (;;) {
    const told = await channel.next();
    if (told.kind !== 'doing' && told.kind !== 'remark') return told;
    isUnderWay ||= told.kind === 'doing';
    if (isUnderWay) show(neutralise(told.text));
  }
}
