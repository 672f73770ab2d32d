import { type Document, isScalar, LineCounter, type Node, parseAllDocuments, type YAMLError } from 'yaml';
import type { Position } from '../base/position.ts';
import { loadReasons as reasons } from './load-reasons.ts';
import type { SitePath } from './names.ts';
import type { Problem } from './problem.ts';
import { explainYamlError } from './yaml-error.ts';
import { Places } from './yaml-places.ts';
import { YamlValues } from './yaml-values.ts';

/** A YAML text as plain values, with the place of each looked up only when asked for. */
export interface YamlTree {
  /** undefined where the text is no YAML at all. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  where(path: SitePath, on?: 'key' | 'value'): Position;
}

/** Parses one document. Never throws: what is wrong with the text is in `problems`. */
export function parseYaml(file: string, text: string): YamlTree {
  const lines = new LineCounter();
  const at = (range: readonly [number, number]): Position => place(file, text, lines, range);
  const problems: Problem[] = [];
  const document = readDocument(text, lines, (problem, range) =>
    problems.push({ ...problem, at: at(range) }),
  );
  const values = new YamlValues((problem, node) =>
    problems.push({ ...problem, at: at(node?.range ? [node.range[0], node.range[1]] : [0, 1]) }),
  );
  const value = document === undefined ? undefined : values.read(document.contents as Node | null);
  const places = new Places((document?.contents as Node | null | undefined) ?? undefined, values.anchors, at);
  return { value, problems, where: (path, on = 'value') => places.where(path, on) };
}

type Report = (problem: Omit<Problem, 'at'>, range: readonly [number, number]) => void;

function readDocument(text: string, lines: LineCounter, report: Report): Document | undefined {
  const syntax = (because: Problem['because'], hint: Problem['hint'], range: readonly [number, number]) =>
    report({ check: 'syntax', path: [], on: 'value', because, hint }, range);
  try {
    const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
    const [first, second] = [...parsed];
    if (first === undefined || isNothing(first.contents)) {
      if ((first?.errors.length ?? 0) === 0) syntax(reasons.of('yaml-empty'), reasons.of('run-init'), [0, 1]);
    }
    if (second !== undefined) {
      const start = second.range[0];
      syntax(reasons.of('yaml-many-documents'), reasons.of('split-documents'), [start, start + 3]);
    }
    reportErrors([...(first?.errors ?? []), ...(first?.warnings ?? [])], text, lines, syntax);
    return first === undefined || isNothing(first.contents) || first.errors.length > 0 ? undefined : first;
  } catch (error) {
    // The parser recurses: brackets nested a few thousand deep exhaust its stack.
    if (!(error instanceof RangeError)) throw error;
    syntax(reasons.of('yaml-too-deep'), reasons.of('fix-yaml'), [0, 1]);
    return undefined;
  }
}

function isNothing(contents: Document['contents']): boolean {
  return contents === null || (isScalar(contents) && contents.value === null);
}

/** The first complaint of each line: what follows on the same line is a consequence of it. */
function reportErrors(
  errors: readonly YAMLError[],
  text: string,
  lines: LineCounter,
  syntax: (because: Problem['because'], hint: Problem['hint'], range: readonly [number, number]) => void,
): void {
  const seen = new Set<number>();
  for (const error of errors) {
    const { line } = lines.linePos(error.pos[0]);
    if (seen.has(line)) continue;
    seen.add(line);
    // 'UNEXPECTED_TOKEN' right after another error is the parser trying to go on.
    if (error.code === 'UNEXPECTED_TOKEN' && seen.size > 1) continue;
    const { because, hint } = explainYamlError(error);
    syntax(because, hint, openingOf(error, text) ?? error.pos);
  }
}

/** An unclosed quote is noticed at the end of the file; what helps is where it was opened. */
function openingOf(error: YAMLError, text: string): readonly [number, number] | undefined {
  const quote = /^Missing closing ("|')/.exec(error.message)?.[1];
  const start = quote === undefined ? -1 : text.lastIndexOf(quote, error.pos[0] - 1);
  return start === -1 ? undefined : [start, start + 1];
}

/** Offsets → line, column and length, cut at the end of the line. */
function place(
  file: string,
  text: string,
  lines: LineCounter,
  [start, end]: readonly [number, number],
): Position {
  const { line, col } = lines.linePos(Math.min(start, text.length));
  let lineEnd = text.indexOf('\n', start);
  if (lineEnd === -1) lineEnd = text.length;
  if (text[lineEnd - 1] === '\r') lineEnd--;
  return {
    file,
    line: Math.max(line, 1),
    column: Math.max(col, 1),
    length: Math.max(Math.min(end, lineEnd) - start, 1),
  };
}
