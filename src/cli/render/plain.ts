import { formatInstant } from '../../base/clock.ts';
import { formatDuration } from '../../base/duration.ts';
import type { Reason } from '../../base/reason.ts';
import type { EngineEvent, StepLabel } from '../../engine/events.ts';
import type { StepId } from '../../engine/step.ts';
import type { Io } from '../io.ts';
import { say } from '../say.ts';
import { neutralise } from './diff.ts';
import { briefly, type Progress, progressLine, STARTED, PROGRESS_WORDS as WORDS } from './progress.ts';

/** One line for each thing that happens, with its time and host, on stderr: for logs and pipes. */
export function plainProgress(io: Io, { render }: { render(reason: Reason): string }): Progress {
  const labels = new Map<StepId, StepLabel>();
  return {
    emit(event) {
      if ('title' in event) labels.set(event.step, event);
      for (const line of linesFor(io, event, labels, render))
        io.err(`${formatInstant(event.at)} ${neutralise(line)}\n`);
    },
    async end() {},
  };
}

function linesFor(
  io: Io,
  event: EngineEvent,
  labels: ReadonlyMap<StepId, StepLabel>,
  render: (reason: Reason) => string,
): readonly string[] {
  const step = (id: StepId, text: string): string[] => {
    const host = labels.get(id)?.host ?? say(io, WORDS.here);
    return [`${host} ${id}: ${text}`];
  };
  switch (event.type) {
    case 'hosts-locked':
      return event.hosts.length === 0 ? [] : [say(io, WORDS.locked, { hosts: event.hosts.join(', ') })];
    case 'run-started':
      return [say(io, STARTED[event.mode], { run: event.run, count: event.steps.length })];
    case 'step-started':
      return step(event.step, render(event.title));
    case 'revert-started':
      return step(event.step, say(io, WORDS.revertingStep, { title: render(event.title) }));
    case 'step-retrying':
      return step(event.step, say(io, WORDS.retrying, { attempt: event.attempt, why: briefly(event.error) }));
    case 'step-progress':
      return step(event.step, progressLine(event));
    case 'step-skipped':
      return step(event.step, say(io, WORDS.skipped, { why: render(event.because) }));
    case 'step-verified': {
      const took = formatDuration(event.tookMs);
      return step(event.step, say(io, WORDS.verified, { took, got: event.evidence.got }));
    }
    case 'step-failed':
    case 'revert-failed':
      return step(event.step, say(io, WORDS.failed, { why: briefly(event.error) }));
    case 'step-cut':
      return step(event.step, say(io, WORDS.cut));
    case 'step-reverted':
      return step(event.step, say(io, WORDS.reverted, { got: event.evidence?.got ?? '' }));
    case 'step-left':
      return step(event.step, say(io, WORDS.left, { why: render(event.because) }));
    case 'stopping':
      return [render(event.because)];
    case 'warning':
      return [`${render(event.because)} → ${render(event.hint)}`];
    case 'step-phase':
    case 'run-ended':
      return [];
  }
}
