/** Kernel parameters: names, values, and the drop-in files that set them at boot (sysctl.d(5)). Pure. */

/**
 * The path under /proc/sys. Dots separate, and a slash stands for a dot inside a part (`net.ipv4.conf.eth0/100.…`), or
 * the other way round where the first separator is a slash (sysctl(8)).
 */
export function procPath(key: string): string {
  const first = /[./]/.exec(key)?.[0];
  const path = first === '/' ? key : key.replace(/[./]/g, (mark) => (mark === '.' ? '/' : '.'));
  return `/proc/sys/${path}`;
}

/** Blanks and tabs do not matter: `32768\t60999` is `32768 60999`. */
export function normaliseValue(value: string): string {
  return value.trim().split(/\s+/).join(' ');
}

/** The text of a drop-in that sets these keys, in order of their names. */
export function dropIn(values: Readonly<Record<string, string>>): string {
  const lines = Object.keys(values)
    .sort()
    .map((key) => `${key} = ${normaliseValue(values[key] as string)}`);
  return ['# Written by Holdfast; changes made here are lost.', ...lines, ''].join('\n');
}

/** What a line of a sysctl file sets, or undefined for comments and rubbish. A leading `-` means: ignore errors. */
export function parseSetting(line: string): { key: string; value: string } | undefined {
  const match = /^\s*-?\s*([^\s#;=][^\s=]*)\s*=\s*(.*)$/.exec(line);
  if (match === null) return undefined;
  return { key: match[1] as string, value: normaliseValue(match[2] as string) };
}

/** Whether two spellings name the same parameter. */
export function sameKey(a: string, b: string): boolean {
  return procPath(a) === procPath(b);
}
