import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quote, script, sh } from './shell.ts';

/** What a real shell makes of a command: the arguments that printf gets, each ended by NUL. */
function argumentsSeenBy(shell: readonly [string, ...string[]], words: string): string[] {
  const [file, ...args] = shell;
  const command = `printf '%s\\0' ${words}`;
  return execFileSync(file, [...args, command], { encoding: 'buffer' })
    .toString()
    .split('\0')
    .slice(0, -1);
}

const shells: [string, ...string[]][] = [
  ['sh', '-c'],
  ['bash', '-c'],
  ['bash', '--posix', '-c'],
];

describe('quote', () => {
  it('gives a real shell back exactly the words it was given', () => {
    const word = fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !text.includes('\0'));
    const nasty = fc.constantFrom(
      "'",
      "''",
      '$(x)',
      '`x`',
      '\\',
      "\\'",
      '!!',
      '*',
      '~',
      '-n',
      '\n',
      '#',
      '',
      '\r',
      '&',
      '=a',
    );
    const sane = fc.oneof(word, nasty).filter((text) => text.isWellFormed());
    for (const shell of shells) {
      fc.assert(
        fc.property(fc.array(sane, { minLength: 1, maxLength: 30 }), (words) => {
          expect(argumentsSeenBy(shell, words.map(quote).join(' '))).toEqual(words);
        }),
        { numRuns: 60 },
      );
    }
  });

  it('stands a second shell around it, as sshd puts one', () => {
    const word = `it's "$HOME" \\ \`id\`\n!`;
    const inner = `printf '%s\\0' ${quote(word)}`;
    expect(argumentsSeenBy(['sh', '-c'], `"$(sh -c ${quote(inner)} | tr -d '\\000')"`)).toEqual([word]);
  });

  it('leaves plain words alone, for people who read plans', () => {
    expect(quote('/etc/hosts')).toBe('/etc/hosts');
    expect(quote('')).toBe("''");
    expect(quote('~root')).toBe("'~root'");
  });

  it('does not let a word become an assignment where it stands first', () => {
    const seen = execFileSync('sh', ['-c', `${quote('A=1')} 2>/dev/null || echo "no such command"`], {
      encoding: 'utf8',
    });
    expect(seen).toBe('no such command\n');
    expect(quote('--file=x')).toBe('--file=x');
  });

  it('refuses NUL, which no argument can hold', () => {
    expect(() => quote('a\0b')).toThrow(TypeError);
  });
});

describe('sh', () => {
  it('quotes each value, spreads lists and takes commands as they are', () => {
    const inner = script('a | b');
    expect(sh`run ${"it's"} ${['x y', 2]} <${'/f'}; ${inner}`.text).toBe("run 'it'\\''s' 'x y' 2 </f; a | b");
  });

  it('makes nothing of an empty list', () => {
    expect(sh`rm -f ${[]}`.text).toBe('rm -f ');
  });
});
