/**
 * Output in sections: each begins with a line `## name`, printed by the fact's own command between the tools it asks.
 * @returns the lines of each section, without empty ones
 */
export function readSections(output: string): ReadonlyMap<string, readonly string[]> {
  const sections = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of output.split('\n')) {
    const name = /^## (\S+)$/.exec(line)?.[1];
    if (name === undefined) {
      if (line.trim() !== '') current.push(line);
    } else {
      current = [];
      sections.set(name, current);
    }
  }
  return sections;
}
