/**
 * A client that pulls one image from a registry, again and again, by a name: it resolves the name anew for each pull (as
 * containerd and Docker do, which keep no answers), opens a connection, checks the certificate against the name, fetches
 * manifest, configuration and layers, and checks every digest. A line of JSON for each pull, until it is killed: the
 * sample, and by which node it was served.
 *
 *   node bench/pull-client.ts <name> <image> <tag> <file of certificates> <DNS server, or =address>
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { SystemClock } from '../src/base/clock.ts';
import { resolve } from '../src/dns/resolve.ts';
import { runClient } from '../src/drill/client.ts';

/** From the start of one pull to the start of the next, unless it takes longer. */
const PERIOD_MS = 50;
/** For one pull. A client that waits longer has the longer outage. */
const TIMEOUT_MS = 1_000;
const ACCEPT =
  'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json';
const clock = new SystemClock();
const [name = '', image = '', tag = '', caFile = '', at = ''] = process.argv.slice(2);
const ca = readFileSync(caFile);
/** Which node's certificate came last. */
let by: string | undefined;

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

async function pull(address: string, signal: AbortSignal): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const fetch = (path: string): Promise<Buffer> => fetchFrom(agent, address, path, signal);
    const manifest = JSON.parse((await fetch(`manifests/${tag}`)).toString()) as Manifest;
    for (const { digest } of [manifest.config, ...manifest.layers]) {
      const hex = createHash('sha256')
        .update(await fetch(`blobs/${digest}`))
        .digest('hex');
      if (digest !== `sha256:${hex}`) throw new Error(`${digest} is something else`);
    }
  } finally {
    agent.destroy();
  }
}

function fetchFrom(agent: Agent, address: string, path: string, signal: AbortSignal): Promise<Buffer> {
  return new Promise((done, fail) => {
    const options = {
      host: address,
      servername: name,
      path: `/v2/${image}/${path}`,
      headers: { host: name, accept: ACCEPT },
    };
    const request = get({ ...options, ca, agent, signal }, (response) => {
      const { subjectaltname = '' } = (response.socket as TLSSocket).getPeerCertificate();
      by = /IP Address:([0-9.]+)/.exec(subjectaltname)?.[1];
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () =>
        response.statusCode === 200
          ? done(Buffer.concat(chunks))
          : fail(new Error(`status ${response.statusCode}`)),
      );
    });
    request.on('error', fail);
  });
}

await runClient(
  {
    clock,
    periodMs: PERIOD_MS,
    timeoutMs: TIMEOUT_MS,
    members: new Set<string>(),
    async resolve(signal) {
      if (at.startsWith('=')) return { addresses: [at.slice(1)], ttlMs: 0 };
      const servers = [{ address: at, port: 53 }];
      const query = {
        servers,
        name,
        timeoutMs: TIMEOUT_MS,
        recurse: true,
        clock,
        signal,
        random: Math.random,
      };
      return { addresses: (await resolve(query)).data, ttlMs: 0 };
    },
    fetch: pull,
    onSample: (sample) => process.stdout.write(`${JSON.stringify({ ...sample, by })}\n`),
  },
  new AbortController().signal,
);
