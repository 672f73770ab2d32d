import type { Clock } from '../base/clock.ts';
import type { Registry } from '../base/registry.ts';
import type { HostPool } from '../hosts/host.ts';
import type { Site } from '../site/model.ts';
import type { Stack } from './stack.ts';

/** What it takes to ask a site's hosts for what its stacks want to know. */
export interface StackWorld {
  readonly site: Site;
  // biome-ignore lint/suspicious/noExplicitAny: a family's members have different argument types
  readonly stacks: Registry<Stack<any>>;
  readonly hosts: HostPool;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}
