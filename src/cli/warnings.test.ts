/** What a probe warns of reaches a person: on every screen, before it becomes an outage. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, hasOpenssl, makeAuthority } from '../../test/certificates.ts';
import { fakeIo } from '../../test/fake-io.ts';
import { type Listening, listen } from '../../test/listen.ts';
import { freeDnsPort } from '../../test/loopback.ts';
import { until } from '../../test/until.ts';
import { runCli } from './program.ts';

const LASTS_DAYS = 10;

describe.skipIf(!hasOpenssl())(
  `a certificate that ends in ${LASTS_DAYS} days (skipped where openssl is missing)`,
  () => {
    let folder: string;
    let authority: Authority;
    let server: Listening;
    let env: Record<string, string>;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'holdfast-warnings-'));
      authority = makeAuthority();
      const issued = authority.issue(['IP:127.0.0.1'], LASTS_DAYS);
      server = await listen(createServer(issued, (_request, response) => void response.end('ok')));
      env = {
        HOLDFAST_SITE: join(folder, 'site.yaml'),
        HOLDFAST_STATE_DIR: join(folder, 'state'),
        USER: 'li',
      };
      await writeFile(join(folder, 'site.yaml'), await site());
    });
    afterAll(async () => {
      await server[Symbol.asyncDispose]();
      authority[Symbol.dispose]();
      await rm(folder, { recursive: true });
    });

    async function site(): Promise<string> {
      const dnsPort = await freeDnsPort();
      return `
apiVersion: holdfast/v1
kind: Site
metadata: { name: lone }
hosts:
  original: { address: 127.0.0.1, transport: local }
endpoints:
  files:
    name: files.example.test
    driver: { kind: dns-embedded, listen: ['127.0.0.1:${dnsPort}'] }
    members: [original]
    interval: 100ms
    timeout: 5s
    probes:
      - { name: registry, kind: https, port: ${server.port}, caFile: ${authority.caFile} }
`;
    }

    async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
      const io = fakeIo({ env });
      return { code: await runCli(args, io), ...io.written };
    }

    async function whileWatching(args: string[], look: (out: () => string) => Promise<void>): Promise<void> {
      const stop = new AbortController();
      const io = fakeIo({ env, stop: stop.signal });
      const ended = runCli(['watch', ...args], io);
      try {
        await until(() => io.written.out.includes('expires'));
        await look(() => io.written.out);
      } finally {
        stop.abort(new Error('SIGTERM'));
        await ended;
      }
    }

    test('is no failure of verify, but a line and a count of its own', async () => {
      await whileWatching([], async () => {
        const { code, out, err } = await run('verify');
        expect(code).toBe(0);
        expect(out).toMatch(
          /^! +files +original +registry +the certificate of 127\.0\.0\.1 expires in 1w\dd$/m,
        );
        expect(err).toContain('all 2 checks passed, 1 warning\n');
      });
    });

    test('stands in verify --json with its code and its sentence', async () => {
      await whileWatching([], async () => {
        const { out } = await run('verify', '--json');
        const [probe, clients] = JSON.parse(out).checks;
        expect(probe.result.warnings).toMatchObject([{ code: 'tls/expires-soon' }]);
        expect(probe.warnings).toEqual([expect.stringMatching(/^the certificate of .* expires in/)]);
        expect(clients.warnings).toEqual([]);
      });
    });

    test('stands in status as long as a watcher sees it', async () => {
      await whileWatching([], async () => {
        const { out } = await run('status');
        expect(out).toMatch(/^ +warning +original registry: the certificate of 127\.0\.0\.1 expires in/m);
      });
    });

    test('is told once by watch, as a line and as JSON', async () => {
      await whileWatching([], async (out) => {
        const line =
          / files warning of original, probe registry: the certificate of 127\.0\.0\.1 expires in/g;
        expect(out().match(line)).toHaveLength(1);
      });
      await whileWatching(['--json'], async (out) => {
        const events = out()
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line));
        const warned = events.filter(({ type }) => type === 'warned');
        expect(warned).toMatchObject([
          {
            endpoint: 'files',
            member: 'original',
            probe: 'registry',
            text: expect.stringContaining('expires'),
          },
        ]);
      });
    });
  },
);
