/** Unified diffs for people: three lines of context, control characters made visible, bounded work. */
import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';

export interface TextDiff {
  readonly text: string;
  readonly added: number;
  readonly removed: number;
}

const CONTEXT_LINES = 3;
/** More changed lines than this are no longer read by anybody, and cost quadratic time. */
const MOST_CHANGES = 1_500;

/**
 * The unified diff from `before` to `after`; undefined on either side where there is no file.
 * @returns undefined where the two are binary, or differ too much to be worth showing
 */
export function unifiedDiff(
  path: string,
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
): TextDiff | undefined {
  const [old, wanted] = [asText(before), asText(after)];
  if (old === undefined || wanted === undefined) return undefined;
  const patch = structuredPatch(
    before === undefined ? '/dev/null' : path,
    after === undefined ? '/dev/null' : path,
    old,
    wanted,
    undefined,
    undefined,
    { context: CONTEXT_LINES, maxEditLength: MOST_CHANGES },
  );
  if (patch === undefined) return undefined;
  const lines = patch.hunks.flatMap((hunk) => hunk.lines);
  return {
    text: withoutPasswords(visible(formatPatch(patch, FILE_HEADERS_ONLY))),
    added: lines.filter((line) => line.startsWith('+')).length,
    removed: lines.filter((line) => line.startsWith('-')).length,
  };
}

/** UTF-8 without NUL, or undefined. */
function asText(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return '';
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Shows control characters as their pictures (U+2400 block), so that a carriage return at a line's end is seen, and
 * a file on a host cannot steer the terminal of whoever reads the plan.
 */
export function visible(text: string): string {
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]/g, (control) => {
    const code = control.charCodeAt(0);
    if (code === 0x7f) return '\u2421';
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : `\\x${code.toString(16)}`;
  });
}

/** Of lines that go, made by somebody else: a plan is shown around, and no password in it is ours. */
function withoutPasswords(patch: string): string {
  return patch.replace(/^(-\s*(?:auth_pass|[\w-]*passw(?:or)?d)\b\s*[=:]?\s*)\S.*$/gim, '$1***');
}
