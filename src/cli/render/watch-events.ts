/** Events of the watcher as lines: for people without a terminal, and as JSON for machines. */
import { formatInstant } from '../../base/clock.ts';
import type { Reason } from '../../base/reason.ts';
import type { WatchEvent } from '../../watch/watch-event.ts';

type Render = (reason: Reason) => string;

/** One line without its newline; undefined for what happens all the time (single probes, looks that found no drift). */
export function eventLine(event: WatchEvent, render: Render): string | undefined {
  const text = describe(event, render);
  if (text === undefined) return undefined;
  const endpoint = 'endpoint' in event ? ` ${event.endpoint}` : '';
  return `${formatInstant(event.at)}${endpoint} ${text}`;
}

/** The event as it is, with the sentence of its reason as `text`, so that a script need not know the codes. */
export function eventJson(event: WatchEvent, render: Render): string {
  const because = 'because' in event ? event.because : undefined;
  return JSON.stringify(because === undefined ? event : { ...event, text: render(because) });
}

function describe(event: WatchEvent, render: Render): string | undefined {
  switch (event.type) {
    case 'started':
      return `started${event.listening.length === 0 ? '' : `, listening on ${event.listening.join(', ')}`}`;
    case 'stopped':
      return 'stopped: the answers stay as they are';
    case 'frozen':
      return `FROZEN ${event.error.message} → ${event.error.hint}`;
    case 'changed':
      return `${event.kind} ${event.from.join(', ') || '-'} → ${event.answer.members.join(', ')}: ${render(event.because)}`;
    case 'standing':
      return render(event.because);
    case 'member':
      return render(event.because);
    case 'published':
      return `published ${event.answer.members.join(', ')} (epoch ${event.answer.epoch}): ${event.published.evidence.got}`;
    case 'publish-failed':
      return `NOT PUBLISHED (attempt ${event.attempt}) ${event.error.message} → ${event.error.hint}`;
    case 'observe-failed':
      return `what clients get cannot be seen: ${event.error.message}`;
    case 'parity':
      return `parity of ${event.candidate} ${event.fit ? 'holds' : 'does not hold'}: ${render(event.because)}`;
    case 'command':
      return `${event.verb} by ${event.by} ${event.outcome}: ${render(event.because)}`;
    case 'probed':
    case 'observed':
      return undefined;
  }
}
