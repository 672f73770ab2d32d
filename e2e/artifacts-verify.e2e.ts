/** `holdfast verify` of a bootstrap pair as the runbook has it: real registries, files and charts, a real DNS answer. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ArtifactMember, startMember } from '../test/artifact-member.ts';
import { closedPort } from '../test/listen.ts';
import { openProgram, type Program } from '../test/program.ts';
import { pushImage } from '../test/push-image.ts';
import { registryMissing, startRegistry, type TestRegistry } from '../test/registry-server.ts';
import { titleOf } from '../test/title-of.ts';
import { until } from '../test/until.ts';

const ADDRESSES = { original: '127.0.0.91', standby: '127.0.0.92' } as const;
type Name = keyof typeof ADDRESSES;
const NAMES = Object.keys(ADDRESSES) as Name[];

interface Line {
  readonly check: string;
  readonly member?: string;
  readonly probe?: string;
  readonly ok: boolean;
  readonly text: string;
  readonly result?: { readonly got: string };
}

describe.skipIf(registryMissing !== undefined)(titleOf('holdfast verify', registryMissing), () => {
  const stack = new AsyncDisposableStack();
  const registries = new Map<Name, TestRegistry>();
  const webs = new Map<Name, ArtifactMember>();
  let program: Program;

  beforeAll(async () => {
    const [registryPort, webPort, dnsPort] = [await closedPort(), await closedPort(), await closedPort()];
    for (const name of NAMES) {
      const at = { address: ADDRESSES[name], port: registryPort };
      registries.set(name, stack.use(await startRegistry(at)));
      webs.set(name, stack.use(await startMember(ADDRESSES[name], webPort)));
      await fill(name);
    }
    program = stack.use(openProgram());
    program.site(siteText({ registryPort, webPort, dnsPort }));
    const watch = program.start('watch');
    await until(() => watch.said().includes('published original'));
  });
  afterAll(() => stack.disposeAsync());

  function fill(name: Name): Promise<unknown> {
    webs.get(name)?.writeFiles({ 'offline.tar': 'the offline package' });
    webs.get(name)?.writeCharts({ 'kpanda-0.1.0': 'a chart' });
    return pushImage(registries.get(name)?.url as string, { name: 'daocloud/kpanda', tag: 'v1' });
  }

  async function verify(code: number): Promise<Line[]> {
    const said = await program.run('verify', '--json');
    expect([said.code, said.stderr]).toEqual([code, expect.any(String)]);
    return (JSON.parse(said.stdout) as { checks: Line[] }).checks;
  }
  const wrong = (lines: readonly Line[]) =>
    lines.filter(({ ok }) => !ok).map(({ check, member, probe }) => `${check} ${member} ${probe}`);

  test('pulls an image and downloads a file and a chart by the name and by both addresses, and compares', async () => {
    const lines = await verify(0);
    const trials = lines.filter(({ check }) => check === 'trial' || check === 'through');
    const things = ['image pull', 'file download', 'chart download'];
    expect(trials.map(({ check, member, probe }) => [check, member, probe])).toEqual([
      ...NAMES.flatMap((name) => things.map((thing) => ['trial', name, thing])),
      ...things.map((thing) => ['through', 'www.tinder.test', thing]),
    ]);
    expect(trials.slice(-3).map(({ result }) => result?.got)).toEqual([
      expect.stringMatching(/^image daocloud\/kpanda:v1: manifest sha256:.* all digests right$/),
      'file /files/offline.tar: 19 B, SHA-256 as listed',
      'chart kpanda-0.1.0: 7 B, digest as in the index',
    ]);
    expect(lines.filter(({ check }) => check === 'parity').map(({ text }) => text)).toEqual([
      'standby holds everything that original holds (images: 1, files: 1, charts: 1)',
      'original holds everything that standby holds (images: 1, files: 1, charts: 1)',
    ]);
    const shown = await program.run('verify');
    expect(shown.stdout).toMatch(
      /^✓ +bootstrap +www\.tinder\.test +image pull +pull a small image from 127\.0\.0\.91/m,
    );
  });

  test('finds a damaged blob of the active member by its address and by the name, and nothing of the other', async () => {
    const { parts } = await fillAgain();
    const hex = (parts[0] as string).slice('sha256:'.length);
    const storage = registries.get('original')?.storage as string;
    const folder = join(storage, 'docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex);
    expect(readdirSync(folder)).toEqual(['data']);
    writeFileSync(join(folder, 'data'), 'something else');
    expect(wrong(await verify(1))).toEqual([
      'trial original image pull',
      'through www.tinder.test image pull',
    ]);
    rmSync(folder, { recursive: true });
    await fillAgain();
    expect(wrong(await verify(0))).toEqual([]);
  });

  test('after a switch the name is tried on the other member, and what the first lacks is said', async () => {
    const switched = await program.run('switch', 'standby', '--json');
    expect(switched.code, switched.stderr).toBe(0);
    const { verified } = JSON.parse(switched.stdout);
    expect(verified.checks.map(({ check, member, probe }: Line) => `${check} ${member} ${probe}`)).toEqual(
      expect.arrayContaining([
        'trial standby image pull',
        'through www.tinder.test image pull',
        'through www.tinder.test chart download',
      ]),
    );
    await pushImage(registries.get('standby')?.url as string, {
      name: 'daocloud/new',
      tag: 'v2',
      seed: 'new',
    });
    const lines = await verify(1);
    expect(wrong(lines)).toEqual(['parity original parity']);
    const lacks = lines.find(({ ok }) => !ok)?.text;
    expect(lacks).toContain('missing (daocloud/new:v2); holdfast sync --from standby --to original');
    const shown = await program.run('verify');
    expect(shown.stdout).toMatch(
      /www\.tinder\.test +file download +download a small file from 127\.0\.0\.92/,
    );
  });

  async function fillAgain(): Promise<{ parts: readonly string[] }> {
    return pushImage(registries.get('original')?.url as string, { name: 'daocloud/kpanda', tag: 'v1' });
  }
});

function siteText(port: { registryPort: number; webPort: number; dnsPort: number }): string {
  return `apiVersion: holdfast/v1
kind: Site
metadata: { name: verified }
hosts:
  original: { address: ${ADDRESSES.original}, transport: local }
  standby: { address: ${ADDRESSES.standby}, transport: local }
endpoints:
  bootstrap:
    name: www.tinder.test
    driver: { kind: dns-embedded, listen: ['127.0.0.1:${port.dnsPort}'] }
    members: [original, standby]
    ttl: 1s
    interval: 200ms
    timeout: 5s
    holdDown: 1s
    failback: manual
stacks:
  tinder:
    kind: artifacts
    endpoint: bootstrap
    registry: { scheme: http, port: ${port.registryPort} }
    files: { port: ${port.webPort}, path: /files/SHA256SUMS, compare: { index: /files/SHA256SUMS } }
    charts: { port: ${port.webPort}, path: /charts/index.yaml }
`;
}
