import type { EndpointFrame } from './frame.ts';
import type { ParsedKinds } from './kinds.ts';
import type { Endpoint, EndpointName, HostName, HostSpec, Member, ProbeSpec } from './model.ts';

/** What building needs besides the frame. */
export interface Building {
  readonly kinds: ParsedKinds;
  readonly hosts: ReadonlyMap<HostName, HostSpec>;
  /** Endpoints with a stack behind them, which says when a member is fit to lead. */
  readonly withStack: ReadonlySet<EndpointName>;
}

/** Defaults; the reference page and the descriptions in `frame.ts` say the same, and a test compares them. */
export const ENDPOINT_DEFAULTS = {
  policy: 'failover',
  rise: 2,
  fall: 2,
  intervalMs: 1_000,
  timeoutMs: 1_000,
  ttlMs: 5_000,
  holdDownMs: 10_000,
  failoverTargetMs: 30_000,
  failbackAfterMs: 600_000,
} as const;

/** An endpoint with its defaults, its driver's settings and its probes parsed by their own schemas. */
export function buildEndpoint(name: EndpointName, frame: EndpointFrame, b: Building): Endpoint {
  const d = ENDPOINT_DEFAULTS;
  return {
    name,
    ...(frame.name === undefined ? {} : { dnsName: frame.name }),
    addresses: frame.addresses ?? [],
    driver: {
      kind: typeof frame.driver === 'string' ? frame.driver : frame.driver.kind,
      config: b.kinds.driver(name),
    },
    policy: frame.policy ?? d.policy,
    members: buildMembers(frame.members, b.hosts),
    probes: buildProbes(name, frame.probes ?? [], b),
    rise: frame.rise ?? d.rise,
    fall: frame.fall ?? d.fall,
    intervalMs: frame.interval ?? d.intervalMs,
    timeoutMs: frame.timeout ?? d.timeoutMs,
    ttlMs: frame.ttl ?? d.ttlMs,
    holdDownMs: frame.holdDown ?? d.holdDownMs,
    failoverTargetMs: frame.failoverTarget ?? d.failoverTargetMs,
    failback: buildFailback(frame.failback, b.withStack.has(name)),
  };
}

/** Without a stack nothing can say whether the original holds what the standby holds: then a person decides. */
function buildFailback(frame: EndpointFrame['failback'], hasParity: boolean): Endpoint['failback'] {
  const afterMs = ENDPOINT_DEFAULTS.failbackAfterMs;
  if (frame === undefined) return { mode: hasParity ? 'auto' : 'manual', afterMs };
  if (typeof frame === 'string') return { mode: frame, afterMs };
  return { mode: frame.mode ?? 'auto', afterMs: frame.after ?? afterMs };
}

function buildMembers(frames: EndpointFrame['members'], hosts: Building['hosts']): Member[] {
  return frames.map((frame) => {
    const member = typeof frame === 'string' ? { host: frame } : frame;
    const { host, address, weight } = { address: undefined, weight: undefined, ...member };
    return { name: host, host, address: address ?? hosts.get(host)?.address ?? '', weight: weight ?? 1 };
  });
}

function buildProbes(
  name: EndpointName,
  frames: NonNullable<EndpointFrame['probes']>,
  b: Building,
): ProbeSpec[] {
  const taken = new Set(frames.flatMap((frame) => (typeof frame === 'string' ? [] : (frame.name ?? []))));
  return frames.map((frame, index) => {
    const { kind, name: given } = typeof frame === 'string' ? { kind: frame, name: undefined } : frame;
    const free = given ?? freeName(kind, taken);
    taken.add(free);
    return { name: free, kind, args: b.kinds.probe(name, index) };
  });
}

/** `https`, then `https-2` … for probes without a name. */
function freeName(kind: string, taken: ReadonlySet<string>): string {
  if (!taken.has(kind)) return kind;
  let number = 2;
  while (taken.has(`${kind}-${number}`)) number++;
  return `${kind}-${number}`;
}
