import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeIo } from '../../test/fake-io.ts';
import { runCli } from './program.ts';

const root = resolve(import.meta.dirname, '../..');
const pair = join(root, 'examples/dce5-bootstrap/site.yaml');

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'holdfast-lint-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

/** The example with something changed, in a folder of its own. */
async function altered(change: (text: string) => string): Promise<string> {
  const file = join(cwd, 'site.yaml');
  await writeFile(file, change(await readFile(pair, 'utf8')));
  return file;
}

describe('holdfast lint', () => {
  it('says that nothing is wrong, and exits 0', async () => {
    const io = fakeIo();

    expect(await runCli(['lint', '--strict', '-f', pair], io)).toBe(0);

    expect(io.written.out).toBe(`${pair}: nothing to mend\n`);
  });

  it('shows place, rule, line, underline and the way out, and exits 2', async () => {
    const file = await altered((text) => text.replace('failback: { after: 10m }', 'ttl: 1d'));
    const io = fakeIo();

    expect(await runCli(['lint', '-f', file], io)).toBe(2);

    expect(io.written.out).toContain(`${file}:19:10 error HF012 clients may keep the old answer for 1d`);
    expect(io.written.out).toContain('  19 │     ttl: 1d\n     │          ^^\n  → Set `ttl` well below 30s');
    expect(io.written.out).toContain('1 error, 0 warnings, 0 info, 0 accepted');
  });

  it('speaks Chinese', async () => {
    const file = await altered((text) => text.replace('members: [original,', 'members: [orignal,'));
    const io = fakeIo({ language: 'zh' });

    expect(await runCli(['lint', '-f', file], io)).toBe(2);

    expect(io.written.out).toContain('错误 HF005 本站点没有主机“orignal”');
    expect(io.written.out).toContain('→ 是否想写“original”？');
  });

  it('counts warnings as errors only with --strict', async () => {
    const file = await altered((text) => text.replace('failback:', 'fall: 1\n    failback:'));

    expect(await runCli(['lint', '-f', file], fakeIo())).toBe(0);
    expect(await runCli(['lint', '-f', file, '--strict'], fakeIo())).toBe(2);
  });

  it('hides what the file accepts, unless asked, and does not count it', async () => {
    const accept =
      'lint: { suppress: [{ rule: HF012, path: endpoints.tinder, because: measured in May }] }\n';
    const file = await altered((text) => text.replace('failback: { after: 10m }', 'ttl: 1d') + accept);
    const plain = fakeIo();
    const verbose = fakeIo();

    expect(await runCli(['lint', '-f', file], plain)).toBe(0);
    await runCli(['lint', '-f', file, '-v'], verbose);

    expect(plain.written.out).toBe(`${file}: nothing to mend (1 accepted)\n`);
    expect(verbose.written.out).toContain('accepted HF012');
    expect(verbose.written.out).toContain('→ measured in May');
  });

  it('gives everything as JSON, and only that', async () => {
    const file = await altered((text) => text.replace('failback: { after: 10m }', 'ttl: 1d'));
    const io = fakeIo();

    expect(await runCli(['lint', '-f', file, '--json'], io)).toBe(2);

    expect(JSON.parse(io.written.out)).toMatchObject({
      file,
      counts: { error: 1, warning: 0, info: 0, suppressed: 0 },
      findings: [{ rule: 'HF012', severity: 'error', file, line: 19, column: 10, length: 2 }],
    });
  });

  it('gives SARIF with every rule and result', async () => {
    const file = await altered((text) => text.replace('failback: { after: 10m }', 'ttl: 1d'));
    const io = fakeIo();

    await runCli(['lint', '-f', file, '--sarif'], io);

    const [run] = JSON.parse(io.written.out).runs;
    expect(run.results).toHaveLength(1);
    expect(run.tool.driver.rules[run.results[0].ruleIndex].id).toBe('HF012');
  });

  it('never prints a password, whatever is wrong with it', async () => {
    const file = await altered((text) => text.replace('user: root', 'user: root, password: hunter2'));

    for (const form of [[], ['--json'], ['--sarif'], ['-v']]) {
      const io = fakeIo();
      expect(await runCli(['lint', '-f', file, ...form], io)).toBe(2);
      expect(io.written.out).toContain('HF008');
      expect(io.written.out + io.written.err).not.toContain('hunter2');
    }
  });

  it('says that there is no file, and how to get one', async () => {
    const io = fakeIo();

    expect(await runCli(['lint', '-f', join(cwd, 'none.yaml')], io)).toBe(2);

    expect(io.written.err).toContain('holdfast init');
  });
});

describe('the example with the mistakes of the runbook', () => {
  it('finds each of them, at its place', async () => {
    const io = fakeIo();

    expect(
      await runCli(['lint', '-f', join(root, 'examples/dce5-runbook-mistakes/site.yaml'), '--json'], io),
    ).toBe(2);

    const { findings } = JSON.parse(io.written.out) as {
      findings: { file: string; line: number; rule: string }[];
    };
    const places = findings.map(
      ({ file, line, rule }) => `${file.split('dce5-runbook-mistakes/')[1]}:${line} ${rule}`,
    );
    expect(places).toEqual([
      'dns/resolv.conf:3 HF060', // one name server
      'dns/resolv.conf:4 HF059', // and a public one that does not know the name
      'dns/tinder-node-server.com.local:3 HF055', // serial 0
      'dns/tinder-node-server.com.local:8 HF056', // NS @ → 127.0.0.1
      'dns/tinder-node-server.com.local:14 HF052', // 201 is nobody's address
      'dns/tinder-node-server.com.local:15 HF052',
      'dns/tinder-node-server.com.zone:1 HF053', // $TTL 1D
      'dns/tinder-node-server.com.zone:3 HF055',
      'dns/tinder-node-server.com.zone:7 HF057', // 3H for "no such name"
      'dns/tinder-node-server.com.zone:8 HF056',
      'dns/tinder-node-server.com.zone:9 HF054', // the apex is 127.0.0.1
      'dns/tinder-node-server.com.zone:10 HF054',
      'dns/tinder-node-server.com.zone:12 HF052', // 193 has no PTR record
      'dns/tinder-node-server.com.zone:12 HF062', // ns is the original
      'original/clusterConfig.yaml:13 HF063', // ansiblePass
      'original/hosts:4 HF051', // the domain in the hosts file
      'standby/clusterConfig.yaml:7 HF050', // the SAN table crossed
      'standby/clusterConfig.yaml:13 HF063',
      'standby/clusterConfig.yaml:23 HF050',
    ]);
  });

  it('is about the pair of the other example, which needs fewer than 40 lines', async () => {
    const lines = (await readFile(pair, 'utf8')).trimEnd().split('\n');

    expect(lines.length).toBeLessThan(40);
  });
});
