import { describe, expect, it } from 'vitest';
import { unifiedDiff, visible } from './unified-diff.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('a unified diff', () => {
  it('has the path, three lines around each change, and counts', () => {
    const old = 'a\nb\nc\nd\ne\nf\ng\nh\n';
    expect(unifiedDiff('/etc/x', bytes(old), bytes(old.replace('e', 'E')))).toEqual({
      text: '--- /etc/x\n+++ /etc/x\n@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n',
      added: 1,
      removed: 1,
    });
  });

  it('starts and ends at /dev/null for a file that comes or goes', () => {
    expect(unifiedDiff('/x', undefined, bytes('one\n'))?.text).toBe(
      '--- /dev/null\n+++ /x\n@@ -0,0 +1,1 @@\n+one\n',
    );
    expect(unifiedDiff('/x', bytes('one\n'), undefined)?.text).toBe(
      '--- /x\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-one\n',
    );
  });

  it('says where the end of the last line is missing', () => {
    expect(unifiedDiff('/x', bytes('one'), bytes('one\n'))?.text).toContain('\\ No newline at end of file');
  });

  it('shows carriage returns, and does not let a file steer the terminal', () => {
    const diff = unifiedDiff('/x', bytes('one\r\n'), bytes('one\n\x1b[2Jtwo\n'));
    expect(diff?.text).toContain('-one␍\n');
    expect(diff?.text).toContain('+␛[2Jtwo\n');
    expect(visible('\x9b2J\x7f')).toBe('\\x9b2J␡');
  });

  it('hides the passwords of a file that somebody else wrote', () => {
    const old = 'vrrp {\n  auth_pass test\n}\nrequirepass-password = s3cret\nmaster_passwd: other\n';
    const text = unifiedDiff('/x', bytes(old), bytes('vrrp\n'))?.text;
    expect(text).toContain('-  auth_pass ***\n');
    expect(text).not.toMatch(/test|s3cret|other/);
  });

  it('is not made of binary content', () => {
    expect(unifiedDiff('/x', bytes('a\0b'), bytes('text\n'))).toBeUndefined();
    expect(unifiedDiff('/x', Uint8Array.of(0xff, 0xfe), bytes('text\n'))).toBeUndefined();
  });

  it('is not made where all of a long file changed', () => {
    const lines = (mark: string): Uint8Array =>
      bytes(Array.from({ length: 20_000 }, (_, n) => `${mark}${n}\n`).join(''));
    expect(unifiedDiff('/x', lines('a'), lines('b'))).toBeUndefined();
  });
});
