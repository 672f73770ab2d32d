/** From the warnings of probes (a certificate that soon expires …) to what listeners hear: each once, and its end. */
import type { ProbeResult } from '../probes/probe.ts';
import type { MemberName } from '../site/model.ts';
import { reasons } from './reasons.ts';
import type { EndpointEvent } from './watch-event.ts';

export interface Warner {
  /** Tells what this result warns of that the one before did not, and what no longer holds. */
  tell(member: MemberName, probe: string, result: ProbeResult): void;
}

/**
 * Makes the warner of one endpoint. A warning is known by its code: what it says of the time left changes with every
 * probe. A result that is not up says nothing about a warning, which then stays as it was.
 */
export function createWarner(emit: (event: EndpointEvent) => void): Warner {
  const standing = new Map<string, ReadonlySet<string>>();
  return {
    tell(member, probe, result) {
      if (result.status !== 'up') return;
      const key = `${member}/${probe}`;
      const before = standing.get(key);
      const warnings = result.warnings ?? [];
      if (before === undefined && warnings.length === 0) return;
      standing.set(key, new Set(warnings.map(({ code }) => code)));
      for (const why of warnings) {
        if (before?.has(why.code) === true) continue;
        emit({
          type: 'warned',
          member,
          probe,
          because: reasons.of('watch/probe-warns', { member, probe, why }),
        });
      }
      if (warnings.length > 0) return;
      standing.delete(key);
      emit({
        type: 'warned',
        member,
        probe,
        because: reasons.of('watch/probe-warns-no-more', { member, probe }),
      });
    },
  };
}
