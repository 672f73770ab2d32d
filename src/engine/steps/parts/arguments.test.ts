import { describe, expect, it } from 'vitest';
import { absolutePath, argv, formatMode, modeBits, octalMode, ownerName } from './arguments.ts';

const refuses = (schema: { safeParse(value: unknown): { success: boolean } }, ...values: unknown[]): void => {
  for (const value of values) expect(schema.safeParse(value).success, String(value)).toBe(false);
};

describe('arguments of steps', () => {
  it('take absolute, plain paths only', () => {
    for (const path of ['/etc/hosts', '/a/..b/.c', '/etc/名']) expect(absolutePath().parse(path)).toBe(path);
    refuses(
      absolutePath(),
      'etc/hosts',
      '/',
      '/etc/',
      '/etc//x',
      '/etc/../shadow',
      '/etc/.',
      '/a\nb',
      '/a\0',
    );
  });

  it('take a mode in quotes only: a bare 0644 is 644 in decimal to YAML 1.2', () => {
    expect(octalMode().parse('644')).toBe('0644');
    expect(octalMode().parse('4755')).toBe('4755');
    refuses(octalMode(), 644, 0o644, '0o644', '888', 'rw-r--r--', '00644');
    expect(octalMode().safeParse(644).error?.issues[0]?.message).toBe(
      "expected a mode in quotes such as '0644', got 644",
    );
    expect(modeBits('4755')).toBe(0o4755);
    expect(formatMode(0o44)).toBe('0044');
  });

  it('take no owner that a shell or chown could read otherwise', () => {
    expect(ownerName().parse('www-data')).toBe('www-data');
    refuses(ownerName(), '', '-R', 'a:b', 'a b', '$(id)');
  });

  it('take no command with a secret in its words', () => {
    expect(argv().parse(['mysql', '-e', 'select 1'])).toHaveLength(3);
    refuses(argv(), [], ['mysql', 'env:DB_PASSWORD'], ['x', 'sealed:/etc/s#db'], ['a\0']);
  });
});
