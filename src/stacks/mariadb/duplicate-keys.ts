/** Options that stand twice in one section of a my.cnf: the runbook's has max_connections 300 and, below it, 1000. Pure. */

export interface Duplicate {
  readonly key: string;
  /** Beginning with 1. */
  readonly lines: readonly number[];
}

/** These add up instead of replacing each other. */
const REPEATABLE = /^(replicate_|binlog_(do|ignore)_db|ignore_db_dirs|plugin_load|slave_skip)/;

/** Keys are compared as the server reads them: `-` and `_` are the same, case does not count. */
export function duplicatesIn(text: string): Duplicate[] {
  const lines = new Map<string, number[]>();
  let section = '';
  for (const [index, line] of text.split('\n').entries()) {
    const [, name] = /^\s*\[([^\]]+)\]/.exec(line) ?? [];
    if (name !== undefined) section = name;
    const [, key] = /^\s*([A-Za-z][\w-]*)\s*(=|$)/.exec(line.replace(/#.*/, '')) ?? [];
    if (key === undefined) continue;
    const plain = key.toLowerCase().replaceAll('-', '_');
    if (REPEATABLE.test(plain)) continue;
    const full = `${section}\n${plain}`;
    lines.set(full, [...(lines.get(full) ?? []), index + 1]);
  }
  return [...lines]
    .filter(([, found]) => found.length > 1)
    .map(([full, found]) => ({ key: full.split('\n')[1] as string, lines: found }));
}
