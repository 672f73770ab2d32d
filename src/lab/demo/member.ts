/** One artifact server of the demo: files, charts and an OCI registry on one loopback address. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { HoldfastError } from '../../base/errors.ts';
import { type Child, startChild } from './child.ts';
import { writeContent } from './content.ts';
import type { Sweeper } from './sweeper.ts';

export interface Ports {
  readonly http: number;
  readonly registry: number;
}

export interface DemoMember {
  readonly name: string;
  readonly address: string;
  readonly registryUrl: string;
  readonly httpUrl: string;
  /** `docker-registry` (Debian's) or `embedded`. */
  readonly registryKind: 'docker-registry' | 'embedded';
  start(signal: AbortSignal): Promise<void>;
  /** SIGKILL to each of its processes: nothing is flushed, nothing says goodbye. */
  killHard(): Promise<void>;
}

const ARTIFACT_SERVER = resolve(import.meta.dirname, '../../drill/artifact-server.ts');
const REGISTRY_PROGRAM = '/usr/bin/docker-registry';
const START_LIMIT_MS = 10_000;

/** Prepares a member's folder and says how to start it; nothing runs yet. */
export async function makeMember(o: {
  name: string;
  address: string;
  ports: Ports;
  root: string;
  clock: Clock;
  env: Readonly<Record<string, string | undefined>>;
  sweeper: Sweeper;
  /** Even where Debian's `docker-registry` is installed. */
  embeddedRegistry: boolean;
}): Promise<DemoMember> {
  const registryKind = !o.embeddedRegistry && existsSync(REGISTRY_PROGRAM) ? 'docker-registry' : 'embedded';
  const httpUrl = `http://${o.address}:${o.ports.http}`;
  const registryUrl = `http://${o.address}:${o.ports.registry}`;
  await writeContent(join(o.root, 'www'));
  await mkdir(join(o.root, 'registry'), { recursive: true });
  await writeFile(join(o.root, 'registry.yml'), registryConfig(o.root, o.address, o.ports.registry));
  let children: Child[] = [];

  const serve = (port: number, root: string): Promise<Child> =>
    startChild({
      name: `${o.name}:${port}`,
      env: o.env,
      sweeper: o.sweeper,
      program: process.execPath,
      args: [ARTIFACT_SERVER, '--address', o.address, '--port', String(port), '--root', root],
    });
  const serveRegistry = (): Promise<Child> =>
    registryKind === 'embedded'
      ? serve(o.ports.registry, join(o.root, 'registry'))
      : startChild({
          name: `${o.name}:registry`,
          env: o.env,
          sweeper: o.sweeper,
          program: REGISTRY_PROGRAM,
          args: ['serve', join(o.root, 'registry.yml')],
        });

  return {
    name: o.name,
    address: o.address,
    httpUrl,
    registryUrl,
    registryKind,
    async start(signal) {
      children = [await serve(o.ports.http, join(o.root, 'www')), await serveRegistry()];
      await waitUntilServed(`${httpUrl}/files/SHA256SUMS`, children, o.clock, signal);
      await waitUntilServed(`${registryUrl}/v2/`, children, o.clock, signal);
    },
    async killHard() {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(children.map((child) => child.ended));
      children = [];
    },
  };
}

async function waitUntilServed(
  url: string,
  children: readonly Child[],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = clock.monotonicMs() + START_LIMIT_MS;
  for (;;) {
    const answered = await fetch(url, { signal }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.ok;
      },
      () => false,
    );
    if (answered) return;
    if (clock.monotonicMs() > deadlineMs) {
      throw new HoldfastError({
        code: 'demo/not-served',
        message: `${url} was not served within ${START_LIMIT_MS} ms`,
        evidence: children.map((child) => `${child.name}: ${child.tail()}`).join('\n'),
        hint: 'Run the demo again with --verbose to see what the server said.',
      });
    }
    await clock.sleep(25, signal);
  }
}

function registryConfig(root: string, address: string, port: number): string {
  return `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: ${join(root, 'registry')} }
  delete: { enabled: true }
http: { addr: "${address}:${port}", secret: demo }
`;
}
