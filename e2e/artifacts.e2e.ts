/** Parity of two members as a site has them: real registries, files and charts over HTTP, and skopeo as a witness. */
import { execFile } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCatalog } from '../src/app/catalog.ts';
import { SystemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/log.ts';
import { renderReason } from '../src/base/reason.ts';
import type { ProbeResult } from '../src/probes/probe.ts';
import { runProbe } from '../src/probes/run-probe.ts';
import type { Member, StackSpec } from '../src/site/model.ts';
import { artifacts } from '../src/stacks/artifacts/index.ts';
import { artifactsParity } from '../src/stacks/artifacts/probes/artifacts-parity.ts';
import type { ArtifactsSpec } from '../src/stacks/artifacts/schema.ts';
import { type ArtifactMember, startMember } from '../test/artifact-member.ts';
import { closedPort } from '../test/listen.ts';
import { pushImage, pushIndex } from '../test/push-image.ts';
import { registryMissing, skopeoMissing, startRegistry, type TestRegistry } from '../test/registry-server.ts';
import { siteOf } from '../test/site.ts';

const run = promisify(execFile);
const missing = registryMissing ?? skopeoMissing;
const catalog = makeCatalog();

describe.skipIf(missing !== undefined)(
  `two members${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let preferredRegistry: TestRegistry;
    let standbyRegistry: TestRegistry;
    let preferred: ArtifactMember;
    let standby: ArtifactMember;
    let site: ReturnType<typeof siteOf>;

    beforeAll(async () => {
      const [registryPort, webPort] = [await closedPort(), await closedPort()];
      preferredRegistry = await startRegistry({ address: '127.0.0.11', port: registryPort });
      standbyRegistry = await startRegistry({ address: '127.0.0.12', port: registryPort });
      preferred = await startMember('127.0.0.11', webPort);
      standby = await startMember('127.0.0.12', webPort);
      site = siteOf(`
hosts: { preferred: 127.0.0.11, standby: 127.0.0.12 }
endpoints:
  bootstrap: { name: www.tinder.test, driver: dns-embedded, members: [preferred, standby] }
stacks:
  tinder:
    kind: artifacts
    endpoint: bootstrap
    registry: { scheme: http, port: ${registryPort} }
    files: { port: ${webPort}, path: /files/SHA256SUMS, compare: { index: /files/SHA256SUMS } }
    charts: { port: ${webPort}, path: /charts/index.yaml }
`);
      for (const member of [preferred, standby]) {
        member.writeFiles({ 'offline.tar': 'the offline package' });
        member.writeCharts({ 'kpanda-0.1.0': 'a chart' });
      }
      for (const { url } of [preferredRegistry, standbyRegistry]) {
        await pushImage(url, { name: 'daocloud/kpanda', tag: 'v1' });
        await pushImage(url, { name: 'daocloud/ghippo', tag: 'v1', format: 'docker' });
        await pushIndex(url, { name: 'daocloud/insight', tag: 'v1' });
        await pushIndex(url, { name: 'daocloud/skoala', tag: 'v1', format: 'docker' });
      }
    });
    afterAll(async () => {
      for (const started of [preferredRegistry, standbyRegistry, preferred, standby]) {
        await started?.[Symbol.asyncDispose]();
      }
    });

    const stack = () => site.stacks.get('tinder') as StackSpec<ArtifactsSpec>;
    const member = (name: string) =>
      site.endpoints.get('bootstrap')?.members.find((one) => one.name === name) as Member;
    const ask = (
      probe: { kind: string; args: unknown; timeoutMs?: number },
      name: string,
    ): Promise<ProbeResult> =>
      runProbe(
        catalog.probeKinds.get(probe.kind),
        probe.args,
        { member: name, address: member(name).address },
        {
          clock: new SystemClock(),
          timeoutMs: probe.timeoutMs ?? 5_000,
          signal: new AbortController().signal,
          log: silentLogger,
          secret: () => Promise.reject(new Error('no secrets here')),
        },
      );
    /** Whether `preferred` may lead again while `standby` is active: asked as the watcher does before a failback. */
    const askParity = async (): Promise<ProbeResult> => {
      const [probe] = artifacts.fitToLead(site, stack(), member('preferred'), member('standby'));
      return ask(probe!, 'preferred');
    };
    const sentence = (result: ProbeResult): string =>
      renderReason(result.because, [artifactsParity.reasons], 'en');

    test('answer every probe of the stack', async () => {
      for (const name of ['preferred', 'standby']) {
        for (const probe of artifacts.probes(site, stack())) {
          const result = await ask(probe, name);
          expect([name, probe.name, result.status, result.got]).toEqual([name, probe.name, 'up', '200 OK']);
        }
      }
    });

    test('hold the same, as skopeo sees it, too', async () => {
      const result = await askParity();
      expect(sentence(result)).toBe(
        'preferred holds everything that standby holds (images: 4, files: 1, charts: 1)',
      );
      for (const name of ['kpanda', 'ghippo', 'insight', 'skoala']) {
        const digests = await Promise.all(
          [preferredRegistry, standbyRegistry].map(({ host }) => skopeoDigest(`${host}/daocloud/${name}:v1`)),
        );
        expect(digests[0]).toBe(digests[1]);
      }
    });

    test('differ once an image is copied to the standby only, and no longer once it is copied back', async () => {
      await skopeoCopy(
        `${preferredRegistry.host}/daocloud/insight:v1`,
        `${standbyRegistry.host}/added/insight:v2`,
      );
      const result = await askParity();
      expect(result.status).toBe('down');
      expect(sentence(result)).toContain('1 of 7 are missing (added/insight:v2)');
      await skopeoCopy(
        `${standbyRegistry.host}/added/insight:v2`,
        `${preferredRegistry.host}/added/insight:v2`,
      );
      expect((await askParity()).status).toBe('up');
    });

    test('differ where only one architecture of an index was copied: another digest under the same tag', async () => {
      await skopeoCopy(`${standbyRegistry.host}/daocloud/insight:v1`, `${standbyRegistry.host}/one/arch:v1`);
      await skopeoCopy(
        `${standbyRegistry.host}/daocloud/insight:v1`,
        `${preferredRegistry.host}/one/arch:v1`,
        [],
      );
      const result = await askParity();
      expect(result).toMatchObject({
        status: 'down',
        got: expect.stringContaining('another content: one/arch:v1'),
      });
      await skopeoCopy(`${standbyRegistry.host}/one/arch:v1`, `${preferredRegistry.host}/one/arch:v1`);
      expect((await askParity()).status).toBe('up');
    });

    test('differ where a layer is gone from the disk under a tag that is still there', async () => {
      const pushed = await pushImage(preferredRegistry.url, { name: 'torn', tag: 'v1', seed: 'torn' });
      await pushImage(standbyRegistry.url, { name: 'torn', tag: 'v1', seed: 'torn' });
      const hex = (pushed.parts[0] as string).slice(7);
      const links = join(preferredRegistry.storage, 'docker/registry/v2/repositories/torn/_layers/sha256');
      expect(readdirSync(links)).toContain(hex);
      rmSync(join(links, hex), { recursive: true });
      const result = await askParity();
      expect(result).toMatchObject({ status: 'down', got: expect.stringContaining('not whole: torn:v1') });
      await expect(
        skopeoCopy(`${preferredRegistry.host}/torn:v1`, `${standbyRegistry.host}/x:v1`),
      ).rejects.toThrow();
      await pushImage(preferredRegistry.url, { name: 'torn', tag: 'v1', seed: 'torn' });
      expect((await askParity()).status).toBe('up');
    });

    test('compare all pages of a catalogue that is longer than one', { timeout: 120_000 }, async () => {
      for (const { url } of [preferredRegistry, standbyRegistry]) {
        const names = Array.from({ length: 105 }, (_, n) => `many/n${n}`);
        await Promise.all(names.map((name) => pushImage(url, { name, tag: 'v1' })));
      }
      await pushImage(standbyRegistry.url, { name: 'many/z-last', tag: 'v1' });
      const result = await askParity();
      expect(sentence(result)).toContain('are missing (many/z-last:v1)');
      await pushImage(preferredRegistry.url, { name: 'many/z-last', tag: 'v1' });
      expect((await askParity()).got).toContain('compared (images: 113');
    });

    test('differ in files and charts, and say in which', async () => {
      standby.writeFiles({ 'offline.tar': 'the offline package', 'upgrade.tar': 'newer' });
      standby.writeCharts({ 'kpanda-0.1.0': 'a chart', 'kpanda-ui-0.2.0': 'newer' });
      const result = await askParity();
      expect(sentence(result)).toContain('are missing (/files/upgrade.tar, kpanda-ui-0.2.0)');
      preferred.writeFiles({ 'offline.tar': 'the offline package', 'upgrade.tar': 'newer' });
      preferred.writeCharts({ 'kpanda-0.1.0': 'a chart', 'kpanda-ui-0.2.0': 'newer' });
      expect((await askParity()).status).toBe('up');
    });

    test('leave it open while the active one is dead, and are unfit while the candidate is', async () => {
      await standbyRegistry.kill();
      expect(await askParity()).toMatchObject({
        status: 'unknown',
        because: { code: 'artifacts/active-silent' },
      });
      await standbyRegistry.restart();
      await preferredRegistry.kill();
      expect(await askParity()).toMatchObject({
        status: 'down',
        because: { code: 'artifacts/candidate-silent' },
      });
      await preferredRegistry.restart();
      expect((await askParity()).status).toBe('up');
    });
  },
);

async function skopeoCopy(from: string, to: string, options: readonly string[] = ['--all']): Promise<void> {
  const flags = [
    '--insecure-policy',
    'copy',
    ...options,
    '--src-tls-verify=false',
    '--dest-tls-verify=false',
  ];
  await run('skopeo', [...flags, `docker://${from}`, `docker://${to}`]);
}

async function skopeoDigest(image: string): Promise<string> {
  const { stdout } = await run('skopeo', [
    'inspect',
    '--tls-verify=false',
    '--format',
    '{{.Digest}}',
    `docker://${image}`,
  ]);
  return stdout.trim();
}
