/** What the tests of the SSH transport share: transports that are closed after the test, and a quick poll. */
import { SystemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/log.ts';
import { Secret } from '../src/base/secret.ts';
import { type SshOptions, type SshTransport, sshTransport } from '../src/hosts/ssh.ts';
import type { HostSpec } from '../src/site/model.ts';
import type { SecretRef } from '../src/site/secret-ref.ts';

export const clock = new SystemClock();
export const never = new AbortController().signal;
export const quick = { timeoutMs: 20_000, signal: never };

export interface SshRig extends AsyncDisposable {
  /** Makes a transport for hosts of a site, with secrets by name of variable. */
  open(
    o?: Partial<SshOptions> & { site?: readonly HostSpec[]; secrets?: Record<string, string> },
  ): SshTransport;
}

/** @param home folder that stands for the user's: its .ssh/config is read */
export function sshRig(home: string): SshRig {
  const transports: SshTransport[] = [];
  return {
    open({ site = [], secrets = {}, ...o } = {}) {
      const transport = sshTransport({
        clock,
        log: silentLogger,
        hosts: new Map(site.map((spec) => [spec.name, spec])),
        secret: async (reference: SecretRef) => new Secret(reference, secrets[reference.slice(4)] ?? ''),
        env: { HOME: home, USER: 'nobody-here' },
        ...o,
      });
      transports.push(transport);
      return transport;
    },
    async [Symbol.asyncDispose]() {
      for (const transport of transports) await transport[Symbol.asyncDispose]();
    },
  };
}
