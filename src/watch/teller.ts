/** From decisions to what listeners hear: falls and rises, changes, and what an endpoint waits for, each once. */
import type { EndpointState } from './endpoint-state.ts';
import type { Decision, WatchInput } from './event.ts';
import type { EndpointEvent } from './watch-event.ts';

export interface Teller {
  /** @param before the state that the decision was made on */
  tell(before: EndpointState, decision: Decision, event: WatchInput): void;
}

/** Makes the teller of one endpoint. */
export function createTeller(emit: (event: EndpointEvent) => void): Teller {
  let standing: string | undefined;

  /** Ticks say again and again what the endpoint waits for: it is told when it changes. */
  const tellStanding = ({ because }: Decision): void => {
    const sentence = JSON.stringify(because);
    if (sentence === standing) return;
    standing = sentence;
    emit({ type: 'standing', because });
  };

  return {
    tell(before, decision, event) {
      if (decision.state.members !== before.members) tellMembers(before, decision.state, emit);
      tellChange(decision, emit);
      if (event.type === 'tick' || (event.type === 'observed' && event.drift !== undefined)) {
        tellStanding(decision);
      }
    },
  };
}

function tellMembers(
  before: EndpointState,
  after: EndpointState,
  emit: (event: EndpointEvent) => void,
): void {
  for (const [index, { name, status, because }] of after.members.entries()) {
    if (status !== before.members[index]?.status) emit({ type: 'member', member: name, status, because });
  }
}

function tellChange({ state, answer }: Decision, emit: (event: EndpointEvent) => void): void {
  const change = state.history[0];
  if (answer === undefined || change === undefined) return;
  const { kind, from } = change;
  emit({ type: 'changed', kind, answer, from, because: answer.because });
}
