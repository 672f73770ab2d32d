import { announce } from './announce.ts';
import type { Engine } from './engine.ts';
import type { ResolvedStep } from './resolve.ts';
import type { StepContext } from './step.ts';

/** What a step's kind gets to work with; the connection is opened (again) if it is not open. */
export async function contextOf(
  step: ResolvedStep,
  engine: Engine,
  signal: AbortSignal,
  amendUndo: StepContext['amendUndo'],
): Promise<StepContext> {
  const host =
    step.host === undefined ? engine.hosts.controller() : await engine.hosts.connect(step.host, signal);
  return {
    host,
    connect: (name) => engine.hosts.connect(name, signal),
    clock: engine.clock,
    signal,
    log: engine.log.with({ host: host.host, step: step.id }),
    secret: async (reference) => engine.secrets.add(await engine.secret(reference)),
    amendUndo,
    progress: (progress) => announce(engine, { type: 'step-progress', step: step.id, ...progress }),
  };
}
