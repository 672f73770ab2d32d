/** What is installed on a host: our marker, the ports that serve, and what the package there would install. */

import type { StepContext } from '../../../engine/step.ts';
import { order, question } from '../../../engine/steps/parts/run.ts';
import { sh } from '../../../hosts/shell.ts';
import { type Marker, parseMarker } from './marker.ts';

export interface Installation {
  readonly marker: Marker | undefined;
  /** Which of the ports something listens on. */
  readonly serving: readonly number[];
  /** Of the package that is there now; undefined: package, installer or manifest is missing. */
  readonly digest: string | undefined;
}

export interface Places {
  readonly package: string;
  readonly installer: string;
  readonly manifest: string;
  readonly marker: string;
  readonly ports: readonly number[];
}

const LIST_TIMEOUT_MS = 600_000;

/** Only reads. */
export async function lookAt(ctx: StepContext, o: Places): Promise<Installation> {
  const bytes = await ctx.host.files.read(o.marker, ctx.signal);
  // Local address and state of /proc/net/tcp (proc(5)): 0A is LISTEN; the port is in hex.
  const sockets = await question(ctx, sh`cat /proc/net/tcp /proc/net/tcp6 2>/dev/null; :`);
  const listening = new Set(
    [...sockets.stdout.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ 0A /gm)].map(([, hex]) =>
      Number.parseInt(hex as string, 16),
    ),
  );
  return {
    marker: bytes === undefined ? undefined : parseMarker(Buffer.from(bytes).toString()),
    serving: o.ports.filter((port) => listening.has(port)),
    digest: await digestOfPackage(ctx, o),
  };
}

/** Names and sizes, and the content of the two files that are run: the rest was checksummed when it was copied. */
async function digestOfPackage(ctx: StepContext, o: Places): Promise<string | undefined> {
  const command = sh`export LC_ALL=C; [ -x ${o.installer} ] && [ -f ${o.manifest} ] && cd ${o.package} 2>/dev/null || exit 0
{ sha256sum < ${o.installer} && sha256sum < ${o.manifest} && find . -type f -exec stat -c '%s %n' {} + | sort; } | sha256sum`;
  const { stdout } = await order(ctx, command, {
    what: `list ${o.package}`,
    hint: `Look at \`find ${o.package}\` on the host.`,
    timeoutMs: LIST_TIMEOUT_MS,
  });
  const digest = stdout.trim().split(/\s+/)[0];
  return digest === '' || digest === undefined ? undefined : `sha256:${digest}`;
}
