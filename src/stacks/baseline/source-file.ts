/**
 * The content of a `source`: a text file beside the site file, and so a part of what the site says. It is read when
 * the plan is made, and the plan holds it: what was shown is what is put in place, even if the file changes after.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { systemCode } from '../../base/errors.ts';
import type { Position } from '../../base/position.ts';
import { BaselineError } from './error.ts';

/** A plan is read by people; what is larger is no configuration. */
const MOST_BYTES = 1024 * 1024;

/**
 * Reads it.
 * @param siteFile the site file as the user named it
 * @throws BaselineError `baseline/source-unreadable`, `baseline/source-too-large`, `baseline/source-not-text`
 */
export function readSource(siteFile: string, source: string, position: Position): string {
  const path = resolve(dirname(siteFile), source);
  const about = { message: `the source '${source}' cannot be used`, where: { position } };
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const got = systemCode(error) ?? String(error);
    const hint = 'Paths are relative to the site file; check the name, and that you may read it.';
    const expected = `a file at ${path}`;
    throw new BaselineError({ ...about, code: 'baseline/source-unreadable', expected, got, hint });
  }
  if (bytes.length > MOST_BYTES) {
    const hint = 'Bring large files to the hosts as a package, or with a command.';
    const expected = `at most ${MOST_BYTES} bytes`;
    const got = `${bytes.length} bytes`;
    throw new BaselineError({ ...about, code: 'baseline/source-too-large', expected, got, hint });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const hint = 'Save it as UTF-8, or bring binary files to the hosts as a package.';
    const expected = 'a text in UTF-8';
    throw new BaselineError({
      ...about,
      code: 'baseline/source-not-text',
      expected,
      got: 'other bytes',
      hint,
    });
  }
}
