import type { Engine } from './engine.ts';
import type { EngineEventBody } from './events.ts';

/** Tells the renderers; what they throw must not break a run. Secrets in free text are replaced by their references. */
export function announce(engine: Engine, body: EngineEventBody): void {
  try {
    engine.emit({ at: engine.clock.now(), ...engine.secrets.redactIn(body) });
  } catch (error) {
    engine.log.warn('a listener failed', { error });
  }
}
