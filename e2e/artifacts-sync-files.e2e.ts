/**
 * `holdfast sync` of files and charts between two members: a folder on the host as a web server serves it, and S3 and
 * ChartMuseum by their stand-ins (Debian ships neither MinIO nor ChartMuseum), with curl as a witness of signatures.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ArtifactMember, startMember } from '../test/artifact-member.ts';
import { type ChartMuseum, startChartMuseum } from '../test/chartmuseum-stand-in.ts';
import { closedPort } from '../test/listen.ts';
import { type ObjectStore, partsEtag, startObjectStore } from '../test/object-store-stand-in.ts';
import { openProgram, type Program } from '../test/program.ts';
import { sha256 } from '../test/push-image.ts';
import { syncSite } from '../test/sync-site.ts';

const run = promisify(execFile);
let program: Program;
let stack: AsyncDisposableStack;

beforeEach(() => {
  stack = new AsyncDisposableStack();
  program = stack.use(openProgram());
});
afterEach(() => stack.disposeAsync());

const lock = () => ['--lock-file', join(program.folder, 'lock')];
const sync = (...args: string[]) => program.run('sync', ...lock(), '--from', 'standby', ...args);
const site = (services: string): void =>
  program.site(syncSite(['127.0.0.51', '127.0.0.52'], `    registry: false\n${services}`));

describe('a folder that a web server serves', () => {
  let original: ArtifactMember;
  let standby: ArtifactMember;

  beforeEach(async () => {
    original = stack.use(await startMember('127.0.0.51', await closedPort()));
    standby = stack.use(await startMember('127.0.0.52', original.port));
    site(`    files:
      port: ${original.port}
      path: /files/SHA256SUMS
      compare: { index: /files/SHA256SUMS }
      write: { folder: ${join(original.root, 'files')}, at: /files }
    charts:
      port: ${original.port}
      path: /charts/index.yaml
      write: { folder: ${join(original.root, 'charts')} }
`);
    original.writeFiles({ 'old.tar': 'kept' });
    original.writeCharts({ 'kpanda-0.1.0': 'old chart' });
    standby.writeFiles({ 'old.tar': 'kept' });
    standby.writeCharts({ 'kpanda-0.1.0': 'old chart' });
  });

  test('gets the files and charts that it lacks, its list of checksums and its index grow by them', async () => {
    const large = randomBytes(20_000_000).toString('latin1');
    original.writeFiles({ 'old.tar': 'kept', 'own.tar': 'only here' });
    standby.writeFiles({ 'old.tar': 'kept', 'large.iso': large, 'sub/with space.tar': 'deep' });
    standby.writeCharts({
      'kpanda-0.1.0': 'old chart',
      'ghippo-1.0.0': 'new chart',
      'skoala-0.2.0': 'other',
    });
    const shown = await sync('--dry-run');
    expect(shown.code, shown.stderr + shown.stdout).toBe(3);
    expect(shown.stdout).toContain('copy 2 files');
    expect(shown.stdout).toContain('copy 2 charts');
    const json = JSON.parse((await sync('--dry-run', '--json')).stdout);
    expect(JSON.stringify(json)).toContain('+ /files/large.iso  sha256:');
    program.env.HOLDFAST_LANG = 'zh';
    expect((await sync('--dry-run')).stdout).toMatch(/从 standby 向 original 复制 2 个文件（.* MiB）\n/);
    program.env.HOLDFAST_LANG = 'en';
    const done = await sync('--yes');
    expect(done.code, done.stderr).toBe(0);
    expect(
      readFileSync(join(original.root, 'files/large.iso')).equals(
        readFileSync(join(standby.root, 'files/large.iso')),
      ),
    ).toBe(true);
    expect(statSync(join(original.root, 'files/large.iso')).mode & 0o777).toBe(0o644);
    const sums = await run('sha256sum', ['-c', 'SHA256SUMS'], { cwd: join(original.root, 'files') });
    expect(sums.stdout).toContain('own.tar: OK');
    expect(sums.stdout).toContain('sub/with space.tar: OK');
    const index = readFileSync(join(original.root, 'charts/index.yaml'), 'utf8');
    for (const version of ['0.1.0', '0.2.0', '1.0.0']) expect(index).toContain(`version: ${version}`);
    expect(readFileSync(join(original.root, 'charts/ghippo-1.0.0.tgz'), 'utf8')).toBe('new chart');
    expect((await sync('--dry-run')).code).toBe(0);
    const back = await program.run('rollback', ...lock(), '--yes');
    expect(back.code, back.stderr).toBe(0);
    expect(existsSync(join(original.root, 'files/large.iso'))).toBe(false);
    expect(readFileSync(join(original.root, 'files/SHA256SUMS'), 'utf8')).toMatch(/old\.tar\n.*own\.tar\n$/);
    expect(existsSync(join(original.root, 'charts/ghippo-1.0.0.tgz'))).toBe(false);
  });

  test('keeps a file of the same name and another content until it is decided, and then its owner and mode', async () => {
    standby.writeFiles({ 'old.tar': 'another content' });
    const refused = await sync('--yes');
    expect(refused.code).toBe(4);
    expect(refused.stdout + refused.stderr).toContain('/files/old.tar');
    expect(readFileSync(join(original.root, 'files/old.tar'), 'utf8')).toBe('kept');
    chmodSync(join(original.root, 'files/old.tar'), 0o640);
    const asked = await sync('--prefer', 'standby', '--yes');
    expect(asked.code).toBe(4);
    expect(asked.stdout + asked.stderr).toContain('what is overwritten is not kept');
    const done = await sync('--prefer', 'standby', '--yes', '--accept-final');
    expect(done.code, done.stderr).toBe(0);
    expect(readFileSync(join(original.root, 'files/old.tar'), 'utf8')).toBe('another content');
    expect(statSync(join(original.root, 'files/old.tar')).mode & 0o777).toBe(0o640);
  });

  test('does not take a file or a chart that is not what its digest says, names both, and leaves nothing behind', async () => {
    standby.writeFiles({ 'old.tar': 'kept', 'bad.tar': 'what was promised', 'good.tar': 'good' });
    writeFileSync(join(standby.root, 'files/bad.tar'), 'what was tampere!');
    standby.writeCharts({ 'kpanda-0.1.0': 'old chart', 'ghippo-1.0.0': 'new chart' });
    writeFileSync(join(standby.root, 'charts/ghippo-1.0.0.tgz'), 'NEW CHART');
    const failed = await sync('--yes');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('something else than file /files/bad.tar');
    expect(readFileSync(join(original.root, 'files/good.tar'), 'utf8')).toBe('good');
    expect(readdirSync(join(original.root, 'files')).sort()).toEqual(['SHA256SUMS', 'good.tar', 'old.tar']);
    writeFileSync(join(standby.root, 'files/bad.tar'), 'what was promised');
    const again = await program.run('resume', ...lock());
    expect(again.stderr).toContain('something else than chart ghippo-1.0.0');
    expect(readdirSync(join(original.root, 'charts')).sort()).toEqual(['index.yaml', 'kpanda-0.1.0.tgz']);
  });

  test('goes on with the half of a file that an earlier copy left', async () => {
    const content = randomBytes(3_000_000).toString('hex');
    standby.writeFiles({ 'old.tar': 'kept', 'half.iso': content, 'torn.iso': content });
    writeFileSync(join(original.root, 'files/.holdfast-sync-half.iso'), content.slice(0, 5_000_000));
    writeFileSync(join(original.root, 'files/.holdfast-sync-torn.iso'), 'x'.repeat(5_000_000));
    const done = await sync('--yes', '--json');
    expect(done.code, done.stderr).toBe(0);
    for (const name of ['half.iso', 'torn.iso'])
      expect(sha256(readFileSync(join(original.root, 'files', name)))).toBe(sha256(content));
    const events = done.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const told = events.filter(({ type }) => type === 'step-progress');
    // The rest of one; the rest of the other, which did not fit, and then the whole of it.
    expect(told.at(-1)?.doneBytes).toBe(1_000_000 + 1_000_000 + content.length);
  });
});

describe('an object store and ChartMuseum (stand-ins)', () => {
  let original: ObjectStore;
  let standby: ObjectStore;
  let charts: ChartMuseum[];
  const keys = { accessKey: 'rootuser', secretKey: 'rootpass123' };

  beforeEach(async () => {
    const [port, chartPort] = [await closedPort(), await closedPort()];
    original = stack.use(await startObjectStore({ address: '127.0.0.51', port, ...keys }));
    standby = stack.use(await startObjectStore({ address: '127.0.0.52', port, ...keys }));
    charts = [];
    for (const address of ['127.0.0.51', '127.0.0.52'])
      charts.push(stack.use(await startChartMuseum(address, chartPort)));
    program.env.S3_ACCESS = keys.accessKey;
    program.env.S3_SECRET = keys.secretKey;
    site(`    files:
      port: ${port}
      compare: { bucket: kubean }
      write: { s3: { accessKey: "env:S3_ACCESS", secretKey: "env:S3_SECRET" } }
    charts: { port: ${chartPort} }
`);
    const base = `http://127.0.0.52:${port}/kubean`;
    // curl's own signature: what the stand-in takes from others, it may take from us.
    for (const name of ['a.tar', 'sub%20dir/b%2Bc.tar']) {
      const content = `content of ${name}`;
      const signed = ['--aws-sigv4', 'aws:amz:us-east-1:s3', '--user', `${keys.accessKey}:${keys.secretKey}`];
      const payload = ['-H', `x-amz-content-sha256: ${sha256(content).slice('sha256:'.length)}`];
      await run('curl', [
        '-sf',
        ...signed,
        ...payload,
        '-X',
        'PUT',
        '--data-binary',
        content,
        `${base}/${name}`,
      ]);
    }
  });

  test('get what they lack, with the same ETags, in one piece and in parts', async () => {
    const parts = [randomBytes(6_000_000), randomBytes(6_000_000), randomBytes(1_000_000)];
    standby.objects.set('/kubean/image.iso', { content: Buffer.concat(parts), etag: partsEtag(parts) });
    // As large as its parts are, so that both have three.
    standby.partBytes.set('/kubean/image.iso', 6_000_000);
    charts[1]!.charts.set('kpanda-0.1.0', 'kpanda 0.1.0\nnew');
    original.failNext(503, 500);
    const done = await sync('--yes');
    expect(done.code, done.stderr).toBe(0);
    for (const [path, { etag, content }] of standby.objects) {
      expect([path, original.objects.get(path)?.etag]).toEqual([path, etag]);
      expect(original.objects.get(path)?.content.equals(content)).toBe(true);
    }
    expect(charts[0]!.charts).toEqual(charts[1]!.charts);
    expect((await sync('--dry-run')).code).toBe(0);
    const back = await program.run('rollback', ...lock(), '--yes');
    expect(back.code, back.stderr).toBe(0);
    expect([original.objects.size, charts[0]!.charts.size]).toEqual([0, 0]);
  });

  test('show conflicts of objects and of charts, and overwrite what was decided', async () => {
    const etag = `"${'0'.repeat(32)}"`;
    original.objects.set('/kubean/a.tar', { content: Buffer.from('other'), etag });
    charts[0]!.charts.set('kpanda-0.1.0', 'kpanda 0.1.0\nold');
    charts[1]!.charts.set('kpanda-0.1.0', 'kpanda 0.1.0\nnew');
    const refused = await sync('--yes');
    expect(refused.code).toBe(4);
    expect(refused.stdout + refused.stderr).toMatch(/\/kubean\/a\.tar \("0{32}" → "[0-9a-f]{32}"\)/);
    expect(refused.stdout + refused.stderr).toMatch(
      /kpanda-0\.1\.0 \(sha256:[0-9a-f]{12} → sha256:[0-9a-f]{12}\)/,
    );
    const done = await sync('--prefer', 'standby', '--yes', '--accept-final');
    expect(done.code, done.stderr).toBe(0);
    expect(original.objects.get('/kubean/a.tar')?.etag).toBe(standby.objects.get('/kubean/a.tar')?.etag);
    expect(charts[0]!.charts.get('kpanda-0.1.0')).toBe('kpanda 0.1.0\nnew');
  });

  test('are not written with wrong keys, and the secret is not shown', async () => {
    program.env.S3_SECRET = 'not-the-secret';
    const failed = await sync('--yes');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('SignatureDoesNotMatch');
    expect(failed.stdout + failed.stderr).not.toContain('not-the-secret');
    expect(original.objects.size).toBe(0);
  });
});
