import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sshdMissing, startSshd, type TestSshd } from '../../../../test/sshd.ts';
import { titleOf } from '../../../../test/title-of.ts';
import { SystemClock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/log.ts';
import { Secret } from '../../../base/secret.ts';
import type { Connection } from '../../../hosts/host.ts';
import { type Command, script, sh } from '../../../hosts/shell.ts';
import { type SshTransport, sshTransport } from '../../../hosts/ssh.ts';
import { stragglersScript } from '../../stragglers.ts';
import { type PipeEnd, pipe } from './pipe.ts';

const clock = new SystemClock();
const never = new AbortController().signal;

describe.skipIf(sshdMissing !== undefined)(titleOf('a pipe between two hosts', sshdMissing), () => {
  let sshd: TestSshd;
  let ssh: SshTransport;
  let from: Connection;
  let to: Connection;
  let folder: string;
  beforeAll(async () => {
    sshd = await startSshd();
    const secret = async (reference: string) => new Secret(reference, 'unused');
    const env = { HOME: sshd.folder, USER: sshd.user };
    ssh = sshTransport({ clock, log: silentLogger, hosts: new Map(), secret, env });
    from = await ssh.connect(sshd.spec('one'), { signal: never });
    to = await ssh.connect(sshd.spec('two'), { signal: never });
  });
  afterAll(async () => {
    await ssh?.[Symbol.asyncDispose]();
    await sshd?.[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-pipe-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const end = (host: Connection, command: Command): PipeEnd => ({
    host,
    command,
    what: 'copy',
    hint: 'Look.',
  });
  const copy = async (source: Command, target: Command): Promise<number> => {
    let bytes = 0;
    const onBytes = (count: number): void => {
      bytes += count;
    };
    await pipe({ clock, signal: never }, end(from, source), end(to, target), { timeoutMs: 30_000, onBytes });
    return bytes;
  };
  const read = async (name: string): Promise<string> =>
    (await to.run(sh`cat ${join(folder, name)}`, { timeoutMs: 5_000, signal: never })).stdout;

  it('carries every byte, more than fits into memory at once, to a receiver that is slow to begin', async () => {
    const bytes = await copy(
      script('seq 1 3000000'),
      sh`sleep 0.5; cksum >${join(folder, 'sum')}; seq 1 3000000 | cksum >${join(folder, 'wanted')}`,
    );
    expect(bytes).toBe(22_888_896);
    expect(await read('sum')).toBe(await read('wanted'));
  });

  it('fails with what the sender said, and ends the receiver, whatever that still has to do', async () => {
    const copying = copy(
      script('echo part; echo broken >&2; exit 4'),
      sh`cat >/dev/null; sleep 600; echo whole >${join(folder, 'said')}`,
    );
    await expect(copying).rejects.toMatchObject({ code: 'step/command-failed', got: 'exit code 4: broken' });
    expect(existsSync(join(folder, 'said'))).toBe(false);
    const running = await to.run(stragglersScript, { timeoutMs: 10_000, signal: never });
    expect(running.stdout).not.toContain(folder);
  });

  it('fails with what the receiver said, and ends the sender', async () => {
    const copying = copy(script('yes'), script('echo full >&2; exit 5'));
    await expect(copying).rejects.toMatchObject({ code: 'step/command-failed', got: 'exit code 5: full' });
  });
});
