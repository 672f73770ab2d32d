/** A command line for a POSIX shell, made only by `sh` and `script`, so that every value in it is quoted. */
export interface Command {
  readonly text: string;
}

/** What may stand in a command. A Secret may not: it would show in the process list. */
export type ShellValue = string | number | readonly (string | number)[] | Command;

/**
 * Builds a command from a template; each value becomes one quoted word (a list: one word an element; a Command:
 * as it is). The only place that quotes.
 */
export function sh(parts: TemplateStringsArray, ...values: readonly ShellValue[]): Command {
  let text = parts[0] ?? '';
  values.forEach((value, index) => {
    text += render(value) + (parts[index + 1] ?? '');
  });
  return { text };
}

/** A fixed script, written by us, with no values in it. */
export function script(text: string): Command {
  return { text };
}

/**
 * One word in single quotes (POSIX.1-2017 §2.2.2), or as it is where that is safe in any place: `A=1` standing first
 * would be an assignment, and `=a` means a command's path to zsh. NUL cannot be in an argument at all.
 */
export function quote(word: string): string {
  if (word.includes('\0')) throw new TypeError('a shell word cannot hold a NUL byte');
  const isPlain = /^[A-Za-z0-9_/.:=@%+,-]+$/.test(word) && !/^\w*=/.test(word);
  return isPlain ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function render(value: ShellValue): string {
  if (typeof value === 'object' && 'text' in value) return value.text;
  if (typeof value === 'object') return value.map((word) => quote(String(word))).join(' ');
  return quote(String(value));
}
