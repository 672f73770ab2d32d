import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { authorizedLine } from './witness-files.ts';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-witness-'));
});
afterEach(() => rmSync(home, { recursive: true }));

/** As sshd runs it for a node's key. */
function asked(node: string, wanted: string): { code: number | null; holder: string } {
  const env = { HOME: home, SSH_ORIGINAL_COMMAND: wanted };
  const script = join(import.meta.dirname, 'witness.sh');
  const { status, stdout } = spawnSync('/bin/sh', [script, 'pair', node], { env, encoding: 'utf8' });
  return { code: status, holder: stdout.trim() };
}
const holder = (node: string, wanted: string): string => asked(node, wanted).holder;

describe('the witness', () => {
  test('lets the first that asks go on alone, and refuses the other until it is released', () => {
    expect(holder('db1', 'look')).toBe('-');
    expect(holder('db2', 'claim')).toBe('db2');
    expect(holder('db1', 'claim')).toBe('db2');
    expect(holder('db2', 'claim')).toBe('db2');
    expect(holder('db2', 'release')).toBe('-');
    expect(holder('db1', 'claim')).toBe('db1');
  });

  test('takes a release from its holder only, and a person’s word from anybody', () => {
    holder('db1', 'claim');
    expect(holder('db2', 'release')).toBe('db1');
    expect(holder('db2', 'force')).toBe('db2');
    expect(holder('db1', 'look')).toBe('db2');
  });

  test('lets one of many that ask at once go on', async () => {
    const nodes = ['db1', 'db2'];
    const script = join(import.meta.dirname, 'witness.sh');
    const all = nodes
      .flatMap((node) =>
        Array.from({ length: 10 }, () => `SSH_ORIGINAL_COMMAND=claim sh '${script}' pair ${node} &`),
      )
      .join('\n');
    const { stdout } = spawnSync('/bin/sh', ['-c', `${all}\nwait`], {
      env: { ...process.env, HOME: home },
      encoding: 'utf8',
    });
    const answers = new Set(stdout.trim().split('\n'));
    expect(answers.size).toBe(1);
    expect(nodes).toContain([...answers][0]);
  });

  test('does nothing else that a key asks for', () => {
    expect(asked('db1', 'cat /etc/passwd')).toEqual({ code: 2, holder: '' });
    expect(asked('db1', '')).toEqual({ code: 2, holder: '' });
  });

  test('says nothing where it cannot keep what it says', () => {
    rmSync(home, { recursive: true });
    expect(asked('db1', 'claim')).toEqual({ code: 1, holder: '' });
    home = mkdtempSync(join(tmpdir(), 'holdfast-witness-'));
  });

  test('lets a key run the script with its own pair and name, and nothing more', () => {
    const line = authorizedLine('pair', 'db 1', 'ssh-ed25519 AAAAC3Nza comment of the key\n');
    expect(line).toBe(
      `restrict,command="/usr/local/lib/holdfast/witness pair 'db 1'" ssh-ed25519 AAAAC3Nza pair:db%201`,
    );
  });

  test('forgets nothing when it was cut while it wrote', () => {
    holder('db1', 'claim');
    writeFileSync(join(home, 'pair.new'), 'db');
    expect(holder('db2', 'claim')).toBe('db1');
    expect(readFileSync(join(home, 'pair'), 'utf8')).toBe('db1\n');
  });
});
