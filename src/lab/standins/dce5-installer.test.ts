/** The stand-in for the vendor's installer, with real docker-registry and nginx on loopback, in a folder of its own. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { putPackage } from '../../../test/dce5-package.ts';
import { registryMissing, skopeoMissing } from '../../../test/registry-server.ts';
import { titleOf } from '../../../test/title-of.ts';
import { until } from '../../../test/until.ts';
import { parseStandin } from '../standins.ts';

const PROGRAM = join(import.meta.dirname, 'dce5-installer');
const missing = [
  registryMissing,
  skopeoMissing,
  ['/usr/sbin/nginx', '/usr/bin/nginx'].some(existsSync) ? undefined : 'no nginx here (Debian package nginx)',
  existsSync('/usr/bin/openssl') ? undefined : 'no openssl here (Debian package openssl)',
  existsSync('/usr/bin/curl') ? undefined : 'no curl here (Debian package curl)',
];
const skip = missing.some((each) => each !== undefined);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A node: a folder that is its root, a package, and ports of its own. */
async function openNode() {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-dce5-standin-'));
  const at = (...path: string[]): string => join(folder, ...path);
  const [registry, files, charts] = [await freePort(), await freePort(), await freePort()];
  mkdirSync(at('etc'));
  writeFileSync(at('etc/hosts'), '127.0.0.1 localhost\n');
  putPackage(at('package'), 'v1');
  writeFileSync(at('manifest.yaml'), 'components: {}\n');
  const configure = (node: string, altName: string, packagePath = at('package')): void =>
    writeFileSync(
      at('clusterConfig.yaml'),
      `apiVersion: provision.daocloud.io/v1alpha3
kind: ClusterConfig
spec:
  bootstrapNode: ${node} # from the site
  tinderKind: 
    registryPort: ${registry}
    minioServerPort: ${files}
    chartmuseumPort: ${charts}
  masterNodes:
    - nodeName: "g-master1"
  fullPackagePath: "${packagePath}"
  imagesAndCharts:
    type: builtin
    additionalSSLSubjectAltName: '${altName}' # Domain name resolved by the dns service
`,
    );
  const run = (...more: string[]) =>
    spawnSync(
      PROGRAM,
      ['cluster-create', '-c', at('clusterConfig.yaml'), '-m', at('manifest.yaml'), ...more],
      {
        encoding: 'utf8',
        env: {
          PATH: `${process.env.PATH}:/usr/sbin`,
          DCE5_STANDIN_FOLDER: folder,
          DCE5_STANDIN_OWN: '127.0.0.1 10.9.9.9',
        },
      },
    );
  const pids = (): number[] =>
    ['registry', 'nginx'].flatMap((name) => {
      const path = at('run', `dce5-standin-${name}.pid`);
      return existsSync(path) ? [Number(readFileSync(path, 'utf8'))] : [];
    });
  return {
    at,
    configure,
    run,
    ports: { registry, files, charts },
    async [Symbol.asyncDispose]() {
      const running = pids();
      for (const pid of running) endProcess(pid);
      await until(() => running.every((pid) => !existsSync(`/proc/${pid}`)), 'the services end');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It has ended already.
  }
}

/** Over the node's real services, as clients ask. */
function curl(...args: string[]): string {
  return execFileSync('curl', ['-fsSk', '--max-time', '10', ...args], { encoding: 'utf8' });
}

test('the stand-in says what it stands in for', () => {
  expect(parseStandin('dce5-installer', readFileSync(PROGRAM, 'utf8'))).toMatchObject({
    installsAs: '/usr/local/bin/dce5-installer',
    standsInFor: expect.stringContaining('dce5-installer'),
  });
});

describe.skipIf(skip)(titleOf('the stand-in for dce5-installer', ...missing), () => {
  test('in full: serves image, file and chart under a certificate of the two fields, and creates the cluster', async () => {
    await using node = await openNode();
    node.configure('localhost', '10.9.9.9');
    const { status, stderr } = node.run();
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const { registry, files, charts } = node.ports;
    expect(curl(`https://127.0.0.1:${registry}/v2/daocloud/kpanda/tags/list`)).toContain('"v1"');
    expect(curl(`http://127.0.0.1:${files}/kubean/v2.28.1/kubelet`)).toBe('kubelet v1');
    expect(curl(`http://127.0.0.1:${files}/kubean/SHA256SUMS`)).toMatch(
      /^[0-9a-f]{64} {2}v2.28.1\/kubelet\n$/,
    );
    curl(`http://127.0.0.1:${files}/minio/health/live`);
    const [entry] = parse(curl(`http://127.0.0.1:${charts}/index.yaml`)).entries.kpanda;
    const bytes = readFileSync(node.at('package/charts/kpanda-0.1.0-v1.tgz'));
    expect(entry).toMatchObject({
      version: '0.1.0-v1',
      digest: createHash('sha256').update(bytes).digest('hex'),
    });
    const certificate = new X509Certificate(readFileSync(node.at('var/lib/dce5-standin/certs/server.crt')));
    expect(certificate.subjectAltName).toBe('DNS:localhost, IP Address:10.9.9.9');
    expect(existsSync(node.at('var/lib/dce5-standin/cluster-created'))).toBe(true);
    expect(readFileSync(node.at('etc/hosts'), 'utf8')).toBe('127.0.0.1 localhost\n');
  });

  test('with -j 1,2,3,4,5 in address mode: the bootstrap node only, the fields the other way round', async () => {
    await using node = await openNode();
    node.configure('10.9.9.9', 'www.tinder.test');
    expect(node.run('-j', '1,2,3,4,5').status).toBe(0);
    const certificate = new X509Certificate(readFileSync(node.at('var/lib/dce5-standin/certs/server.crt')));
    expect(certificate.subjectAltName).toBe('IP Address:10.9.9.9, DNS:www.tinder.test');
    expect(existsSync(node.at('var/lib/dce5-standin/cluster-created'))).toBe(false);
    expect(readFileSync(node.at('etc/hosts'), 'utf8')).toBe('127.0.0.1 localhost\n');
  });

  test('-u tinder adds what the new package has, keeps the rest, and the certificate', async () => {
    await using node = await openNode();
    node.configure('10.9.9.9', 'www.tinder.test');
    expect(node.run('-j', '1,2,3,4,5').status).toBe(0);
    const before = readFileSync(node.at('var/lib/dce5-standin/certs/server.crt'), 'utf8');
    putPackage(node.at('next'), 'v2');
    node.configure('10.9.9.9', 'www.tinder.test', node.at('next'));
    expect(node.run('-u', 'tinder').status).toBe(0);
    const { registry, charts } = node.ports;
    const { tags } = JSON.parse(curl(`https://127.0.0.1:${registry}/v2/daocloud/kpanda/tags/list`));
    expect([...tags].sort()).toEqual(['v1', 'v2']);
    expect(parse(curl(`http://127.0.0.1:${charts}/index.yaml`)).entries.kpanda).toHaveLength(2);
    expect(readFileSync(node.at('var/lib/dce5-standin/certs/server.crt'), 'utf8')).toBe(before);
    expect(existsSync(node.at('var/lib/dce5-standin/cluster-created'))).toBe(false);
  });

  test('in name mode: a name that does not lead to the node is written into the hosts file, with -u as well', async () => {
    await using node = await openNode();
    node.configure('www.tinder.invalid', '10.9.9.9');
    expect(node.run('-j', '1').status).toBe(0);
    expect(readFileSync(node.at('etc/hosts'), 'utf8')).toBe(
      '127.0.0.1 localhost\n10.9.9.9 www.tinder.invalid\n',
    );
    expect(node.run('-j', '1').status).toBe(0);
    expect(readFileSync(node.at('etc/hosts'), 'utf8')).toBe(
      '127.0.0.1 localhost\n10.9.9.9 www.tinder.invalid\n',
    );
  });

  test('fails where it must: another version, no package, an unknown part, a step that fails', async () => {
    await using node = await openNode();
    node.configure('10.9.9.9', 'www.tinder.test', node.at('nowhere'));
    expect(node.run()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('fullPackagePath is no folder'),
    });
    node.configure('10.9.9.9', 'www.tinder.test');
    expect(node.run('-u', 'gproduct').status).toBe(1);
    writeFileSync(node.at('package/fail-at-step'), '2\n');
    expect(node.run()).toMatchObject({ status: 1, stderr: expect.stringContaining('step 2 failed') });
    writeFileSync(node.at('clusterConfig.yaml'), 'apiVersion: v1\n');
    expect(node.run().stderr).toContain('v1alpha3');
  });
});
