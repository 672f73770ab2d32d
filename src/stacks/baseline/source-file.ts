/**
 * The content of a `source`: a text file beside the site file, and so a part of what the site says. It is read when
 * the plan is made, and the plan holds it: what was shown is what is put in place, even if the file changes after.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { HoldfastError, systemCode } from '../../base/errors.ts';
import type { Position } from '../../base/position.ts';

/** A plan is read by people; what is larger is no configuration. */
const MOST_BYTES = 1024 * 1024;

/** A `source` that cannot be used: `baseline/source-missing` and kin. */
class SourceError extends HoldfastError {}

/**
 * Reads it.
 * @param siteFile the site file as the user named it
 * @throws HoldfastError `baseline/source-unreadable`, `baseline/source-too-large`, `baseline/source-not-text`
 */
export function readSource(siteFile: string, source: string, position: Position): string {
  const path = resolve(dirname(siteFile), source);
  const fail = (
    code: `baseline/source-${string}`,
    expected: string,
    got: string,
    hint: string,
  ): SourceError =>
    new SourceError({
      code,
      message: `the source '${source}' cannot be used`,
      expected,
      got,
      hint,
      where: { position },
    });
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const got = systemCode(error) ?? String(error);
    const hint = 'Paths are relative to the site file; check the name, and that you may read it.';
    throw fail('baseline/source-unreadable', `a file at ${path}`, got, hint);
  }
  if (bytes.length > MOST_BYTES) {
    const hint = 'Bring large files to the hosts as a package, or with a command.';
    throw fail('baseline/source-too-large', `at most ${MOST_BYTES} bytes`, `${bytes.length} bytes`, hint);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const hint = 'Save it as UTF-8, or bring binary files to the hosts as a package.';
    throw fail('baseline/source-not-text', 'a text in UTF-8', 'other bytes', hint);
  }
}
