/** One replacement in a text: `[start, end)` becomes `replacement`; nothing but an insertion where the two are equal. */
export interface Patch {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** Applies patches that do not overlap; insertions at one place stand in the order given. */
export function applyPatches(text: string, patches: readonly Patch[]): string {
  const ordered = patches
    .map((patch, index) => ({ ...patch, index }))
    .sort((a, b) => a.start - b.start || a.end - b.end || a.index - b.index);
  let result = '';
  let at = 0;
  for (const patch of ordered) {
    if (patch.start < at) throw new RangeError(`patches overlap at ${patch.start}`);
    result += text.slice(at, patch.start) + patch.replacement;
    at = patch.end;
  }
  return result + text.slice(at);
}
