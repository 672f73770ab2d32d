import type { Reason } from '../../base/reason.ts';
import type { Diff } from '../../engine/step.ts';
import type { Io } from '../io.ts';
import { paint, type Style } from '../paint.ts';

/** What of a diff a person reads; its summary where it has no more. */
export function diffText({ summary, text, lines }: Diff, render: (reason: Reason) => string): string {
  return lines?.map(render).join('\n') ?? text ?? summary;
}

/** A unified diff (or `old → new`) line by line, coloured where the terminal wants it. */
export function renderDiff(io: Io, text: string): readonly string[] {
  const lines = text.replace(/\n$/, '').split('\n');
  return lines.map((line) => {
    const clean = neutralise(line);
    const colour = colourOf(clean);
    return colour === undefined ? clean : paint(io, colour, clean);
  });
}

function colourOf(line: string): Style | undefined {
  if (line.startsWith('--- ') || line.startsWith('+++ ')) return 'bold';
  if (line.startsWith('@@')) return 'cyan';
  if (line.startsWith('-')) return 'red';
  if (line.startsWith('+')) return 'green';
  return undefined;
}

/** What a file on a host holds must not drive the terminal: control characters show as their code. */
export function neutralise(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
