import type { baseErrors } from './error-codes.ts';
import { HoldfastError } from './errors.ts';
import { nearest } from './nearest.ts';

/** Thrown when a name is not in a registry. */
export class UnknownNameError extends HoldfastError<keyof typeof baseErrors> {
  constructor(family: string, name: string, known: readonly string[]) {
    const meant = nearest(name, known);
    super({
      code: 'base/unknown-name',
      message: `there is no ${family} named '${name}'`,
      expected: `one of ${known.join(', ')}`,
      got: name,
      hint: meant === undefined ? `Use one of: ${known.join(', ')}.` : `Did you mean '${meant}'?`,
    });
  }
}

/** A family's members by name, in the order given. */
export interface Registry<T> {
  readonly family: string;
  readonly names: readonly string[];
  get(name: string): T;
  find(name: string): T | undefined;
  [Symbol.iterator](): IterableIterator<T>;
}

/**
 * Builds a registry from an explicit list: no folder scan, no registration by import (DESIGN §6).
 * @param nameOf the member's own name, which is also its file's or folder's
 */
export function registry<T>(
  family: string,
  members: readonly T[],
  nameOf: (member: T) => string,
): Registry<T> {
  const byName = new Map<string, T>();
  for (const member of members) {
    const name = nameOf(member);
    if (byName.has(name)) throw new TypeError(`two members of ${family} are named '${name}'`);
    byName.set(name, member);
  }
  const names = [...byName.keys()];
  return {
    family,
    names,
    find: (name) => byName.get(name),
    get(name) {
      const member = byName.get(name);
      if (member === undefined) throw new UnknownNameError(family, name, names);
      return member;
    },
    [Symbol.iterator]: () => byName.values(),
  };
}
