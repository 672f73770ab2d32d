/** Reads `NAME=value`, `NAME='value'` and `NAME="value"`, one a line, as a shell would (os-release(5)); last one wins. */
export function readAssignments(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, raw] = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || raw === undefined) continue;
    const quoted = /^'(.*)'$|^"(.*)"$/.exec(raw);
    values.set(name, quoted?.[1] ?? quoted?.[2]?.replace(/\\([$"`\\])/g, '$1') ?? raw);
  }
  return values;
}
