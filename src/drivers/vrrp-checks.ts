/** What a host itself can ask of a member, from the endpoint's probes. Pure. */
import type { HttpArgs, StatusPattern } from '../probes/args/http-args.ts';
import type { TcpArgs } from '../probes/tcp.ts';
import type { ProbeSpec } from '../site/model.ts';

/** One question over the network. Bodies, headers and certificates stay the watcher's: it has the tools. */
export type Ask =
  | { readonly kind: 'tcp'; readonly port: number }
  | {
      readonly kind: 'http' | 'https';
      readonly port: number;
      readonly path: string;
      readonly method: string;
      readonly host: string | undefined;
      /** Inclusive ranges of status codes that mean well. */
      readonly statuses: readonly (readonly [number, number])[];
    };

/** The probes a shell can ask; one that needs a password is asked for its port only. */
export function asksOf(probes: readonly ProbeSpec[]): Ask[] {
  return probes.flatMap(({ kind, args }): Ask[] => {
    if (kind === 'tcp') return [{ kind: 'tcp', port: (args as TcpArgs).port }];
    if (kind !== 'http' && kind !== 'https') return [];
    const { port, path, method, host, status, auth, headers } = args as HttpArgs;
    if (auth !== undefined || Object.keys(headers).length > 0) return [{ kind: 'tcp', port }];
    const patterns: readonly StatusPattern[] = Array.isArray(status) ? status : [status];
    return [{ kind, port, path, method, host, statuses: patterns.map(rangeOf) }];
  });
}

/** The TCP ports that must be open on the member. */
export function portsOf(asks: readonly Ask[]): number[] {
  return [...new Set(asks.map(({ port }) => port))];
}

/** `2xx` → 200 to 299, 204 → itself. */
function rangeOf(pattern: StatusPattern): readonly [number, number] {
  if (typeof pattern === 'number') return [pattern, pattern];
  const [, hundreds] = /^([1-5])xx$/.exec(pattern) ?? [];
  if (hundreds !== undefined) return [Number(hundreds) * 100, Number(hundreds) * 100 + 99];
  const [from = 0, to = 0] = pattern.split('-').map(Number);
  return [from, to];
}
