/** Times for people at a terminal: local time and how long ago. Machines get ISO 8601 in UTC. */
import type { Instant } from '../../base/clock.ts';
import { formatDuration } from '../../base/duration.ts';

/** `2026-03-01 12:00:03`, in the terminal's time zone. */
export function localTime(at: Instant): string {
  const date = new Date(at);
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `2h3m`, for how long something has been so. Never negative: clocks may have been set. */
export function howLong(since: Instant, now: Instant): string {
  const ms = Math.max(0, now - since);
  return formatDuration(ms < 1_000 ? 0 : Math.floor(ms / 1_000) * 1_000);
}
