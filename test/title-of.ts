/** A title that says why the test is skipped where it is. @param missing reasons, e.g. `namedMissing` of `test/named.ts` */
export function titleOf(what: string, ...missing: readonly (string | undefined)[]): string {
  const reasons = missing.filter((each) => each !== undefined);
  return reasons.length === 0 ? what : `${what} (skipped: ${reasons.join('; ')})`;
}
