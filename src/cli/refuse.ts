import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { makeCatalog } from '../app/catalog.ts';
import type { Context } from '../app/context.ts';
import type { SiteError } from '../app/site-error.ts';
import type { Finding } from '../base/finding.ts';
import { type Reason, renderReason } from '../base/reason.ts';
import type { Refusal } from '../engine/report.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { renderFindings } from './render/findings.ts';
import { say } from './say.ts';

const NOTHING_TOUCHED = { en: 'nothing was touched', zh: '未做任何改动' };

/** Shows a refusal, all of it, and gives its exit code: 2 for mistakes in the file, 4 for a "no" of the world. */
export function refuse(
  io: Io,
  context: Pick<Context, 'render'>,
  { refused }: Refusal,
  json: boolean | undefined,
): ExitCode {
  if (json) io.out(`${JSON.stringify({ refused: refused.map((found) => findingJson(found, context)) })}\n`);
  else {
    io.err(renderFindings(io, { findings: refused, render: context.render, linesOf: linesOf(io) }));
    io.err(`${say(io, NOTHING_TOUCHED)}\n`);
  }
  return refused.every(({ rule }) => /^HF\d/.test(rule)) ? exitCodes.usage : exitCodes.refused;
}

/** Shows every mistake of a site file that cannot be used, as `holdfast lint` does, and gives exit code 2. */
export function refuseSite(io: Io, { findings }: SiteError, json: boolean): ExitCode {
  const { reasonTables } = makeCatalog();
  const render = (reason: Reason): string => renderReason(reason, reasonTables, io.language);
  refuse(io, { render }, { refused: findings }, json);
  return exitCodes.usage;
}

/** A finding for scripts: the sentence, and the reason behind it as data. */
export function findingJson(
  { because, hint, ...rest }: Finding,
  { render }: Pick<Context, 'render'>,
): unknown {
  return { ...rest, message: render(because), hint: render(hint), reason: because };
}

/** The lines of the files that findings point into. */
export function linesOf(io: Io): (file: string) => readonly string[] | undefined {
  return (file) => {
    try {
      return readFileSync(resolve(io.cwd, file), 'utf8').split('\n');
    } catch {
      return undefined;
    }
  };
}
