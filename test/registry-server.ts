/** Debian's real `docker-registry` on a loopback port of its own, with its storage in a folder of its own. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Daemon, startDaemon } from './daemon.ts';

const DOCKER_REGISTRY = '/usr/bin/docker-registry';
const SKOPEO = '/usr/bin/skopeo';

/** Why tests with a real registry must be skipped here, or undefined. */
export const registryMissing: string | undefined = existsSync(DOCKER_REGISTRY)
  ? undefined
  : 'no docker-registry here (Debian package docker-registry)';

/** Why tests with skopeo must be skipped here, or undefined. */
export const skopeoMissing: string | undefined = existsSync(SKOPEO)
  ? undefined
  : 'no skopeo here (Debian package skopeo)';

export interface TestRegistry extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** `http://127.0.0.1:41234`, or https with `tls`. */
  readonly url: string;
  /** `127.0.0.1:41234`, as image references name it. */
  readonly host: string;
  /** Where it keeps blobs: `docker/registry/v2/…`. */
  readonly storage: string;
  log(): string;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** After a kill: again, on the same port and storage. */
  restart(): Promise<void>;
}

export interface RegistryOptions {
  readonly address?: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** Lines of an htpasswd file with bcrypt digests: asks for HTTP Basic credentials. */
  readonly htpasswd?: string;
  /** Sends clients to a token service, whose tokens are signed under `rootFile`. */
  readonly token?: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    readonly rootFile: string;
  };
}

/** Starts it and waits until it listens. */
export async function startRegistry(o: RegistryOptions = {}): Promise<TestRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-registry-'));
  const address = o.address ?? '127.0.0.1';
  const storage = join(folder, 'storage');
  const configFile = join(folder, 'config.yml');
  const launch = (port: number): Promise<Daemon> => {
    writeFileSync(configFile, configText(o, { folder, address, port, storage }));
    return startDaemon(DOCKER_REGISTRY, ['serve', configFile], /listening on /);
  };
  let daemon = await launch(o.port ?? 0);
  const port = Number(/listening on [^ ]*:(\d+)/.exec(daemon.log())?.[1]);
  return {
    address,
    port,
    storage,
    url: `${o.tls === undefined ? 'http' : 'https'}://${address}:${port}`,
    host: `${address}:${port}`,
    log: () => daemon.log(),
    kill: () => daemon.kill(),
    async restart() {
      daemon = await launch(port);
    },
    async [Symbol.asyncDispose]() {
      await daemon[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configText(
  o: RegistryOptions,
  at: { folder: string; address: string; port: number; storage: string },
): string {
  if (o.htpasswd !== undefined)
    writeFileSync(join(at.folder, 'htpasswd'), `${o.htpasswd}\n`, { mode: 0o600 });
  const config = {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: at.storage }, delete: { enabled: true } },
    http: {
      addr: `${at.address}:${at.port}`,
      secret: 'test',
      ...(o.tls === undefined ? {} : { tls: { certificate: o.tls.certFile, key: o.tls.keyFile } }),
    },
    ...authOf(o, at.folder),
  };
  // JSON is YAML.
  return JSON.stringify(config);
}

function authOf({ htpasswd, token }: RegistryOptions, folder: string): object {
  if (htpasswd !== undefined)
    return { auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } } };
  if (token === undefined) return {};
  const { rootFile, ...rest } = token;
  return { auth: { token: { ...rest, rootcertbundle: rootFile } } };
}
