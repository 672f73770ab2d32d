/** Bytes → text, saying where they stop being UTF-8. Editors on Windows leave BOMs, UTF-16 and GBK behind. */

export type Decoded =
  | { readonly text: string }
  | {
      readonly broken: 'utf-16' | 'not-utf-8';
      /** Where the first wrong byte stands, counted from 1. */
      readonly line: number;
      readonly column: number;
      /** The text as far as it can be read, for excerpts. */
      readonly text: string;
    };

/** Decodes strictly and drops a byte order mark. A string is taken as it is, less its mark. */
export function decodeText(input: string | Uint8Array): Decoded {
  if (typeof input === 'string') return { text: input.startsWith('\uFEFF') ? input.slice(1) : input };
  if ((input[0] === 0xff && input[1] === 0xfe) || (input[0] === 0xfe && input[1] === 0xff)) {
    return { broken: 'utf-16', line: 1, column: 1, text: '' };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(input) };
  } catch {
    return locateBreak(input);
  }
}

/** The decoder puts U+FFFD where it failed; a file may also hold that character itself, spelt EF BF BD. */
function locateBreak(input: Uint8Array): Decoded {
  const text = new TextDecoder('utf-8').decode(input);
  let offset = 0;
  let bytes = input[0] === 0xef && input[1] === 0xbb && input[2] === 0xbf ? 3 : 0;
  for (const character of text) {
    const spelt = input[bytes] === 0xef && input[bytes + 1] === 0xbf && input[bytes + 2] === 0xbd;
    if (character === '\uFFFD' && !spelt) break;
    bytes += Buffer.byteLength(character);
    offset += character.length;
  }
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { broken: 'not-utf-8', line, column: offset - before.lastIndexOf('\n'), text };
}
