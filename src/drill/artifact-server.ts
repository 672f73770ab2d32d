/**
 * A small artifact server for drills and the demo: files, a Helm chart repository and an OCI registry from one
 * folder. It serves on loopback only and keeps everything on disk, so that kill -9 loses nothing that was answered.
 *
 *   node src/drill/artifact-server.ts --address 127.0.0.2 --port 8080 --root DIR
 */
import { createServer } from 'node:http';
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { artifactHandler } from './artifact-server/handler.ts';
import { DrillError } from './error.ts';

export interface ArtifactServer extends AsyncDisposable {
  /** `http://127.0.0.2:8080` */
  readonly url: string;
  readonly port: number;
}

/** Whether an address never leaves this machine (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3). */
export function isLoopback(address: string): boolean {
  return isIP(address) !== 0 && (address.startsWith('127.') || address === '::1');
}

/**
 * Serves until disposed.
 * @param o.port 0: any free one
 * @throws DrillError `drill/not-loopback`, `drill/cannot-listen`
 */
export async function startArtifactServer(o: {
  readonly address: string;
  readonly port: number;
  readonly root: string;
  readonly log: Logger;
}): Promise<ArtifactServer> {
  if (!isLoopback(o.address)) {
    throw new DrillError({
      code: 'drill/not-loopback',
      message: 'the artifact server for drills serves on loopback only: it asks nobody who they are',
      expected: 'an address in 127.0.0.0/8, or ::1',
      got: o.address,
      hint: 'Give a loopback address with --address.',
    });
  }
  const server = createServer(artifactHandler(o));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new DrillError({
          code: 'drill/cannot-listen',
          message: `the artifact server cannot listen on ${o.address} port ${o.port}`,
          got: messageOf(cause),
          hint: 'Choose a free port with --port, and an address that this machine has.',
          cause,
        }),
      ),
    );
    server.listen(o.port, o.address, resolve);
  });
  const { port } = server.address() as { port: number };
  const host = o.address.includes(':') ? `[${o.address}]` : o.address;
  return {
    url: `http://${host}:${port}`,
    port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Writes warnings to stderr, one JSON line each: this program has no terminal of its own. */
const stderrLog: Logger = {
  debug() {},
  info() {},
  warn: (message, fields) => void process.stderr.write(`${JSON.stringify({ message, ...fields })}\n`),
  error: (message, fields) => void process.stderr.write(`${JSON.stringify({ message, ...fields })}\n`),
  with: () => stderrLog,
};

async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: { address: { type: 'string' }, port: { type: 'string' }, root: { type: 'string' } },
  });
  const { address = '127.0.0.1', port = '0', root } = values;
  if (root === undefined || !/^\d+$/.test(port) || Number(port) > 65_535) {
    process.stderr.write('usage: artifact-server.ts --root DIR [--address 127.0.0.1] [--port 0]\n');
    process.exitCode = 2;
    return;
  }
  const server = await startArtifactServer({ address, port: Number(port), root, log: stderrLog });
  process.stdout.write(`${server.url}\n`);
}

if (process.argv[1] === import.meta.filename) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  });
}
