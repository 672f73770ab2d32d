import type { Command } from 'commander';

export interface SelectOptions {
  readonly hosts?: readonly string[];
  readonly stacks?: readonly string[];
  readonly endpoints?: readonly string[];
}

/** Adds `--hosts`, `--stacks` and `--endpoints`: only a part of the site. */
export function addSelectOptions(command: Command): Command {
  return command
    .option('--hosts <names...>', 'only these hosts')
    .option('--stacks <names...>', 'only these stacks')
    .option('--endpoints <names...>', 'only these endpoints');
}

/** The request of the `apply` procedure; `a,b` and `a b` name the same two. */
export function requestOf({ hosts, stacks, endpoints }: SelectOptions): unknown {
  const named = Object.entries({ hosts, stacks, endpoints }).flatMap(([key, names]) =>
    names === undefined
      ? []
      : [[key, names.flatMap((name) => name.split(',')).filter((name) => name !== '')]],
  );
  return Object.fromEntries(named);
}
