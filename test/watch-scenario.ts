/** Plays events on one endpoint's decisions, one after the other, on a time that only the test moves. */

import type { Endpoint } from '../src/site/model.ts';
import { decide } from '../src/watch/decide.ts';
import { type EndpointState, initialState } from '../src/watch/endpoint-state.ts';
import type { Command, Decision, WatchInput } from '../src/watch/event.ts';
import type { Moment } from '../src/watch/moment.ts';
import { policyOf, type WatchPolicy } from '../src/watch/policy.ts';
import { restore } from '../src/watch/restore.ts';
import { storedSchema, toStored } from '../src/watch/stored.ts';

export const WALL_START = Date.UTC(2026, 0, 1);

/** An endpoint named `registry` with members `original` and `standby`, one probe, rise 2, fall 2. */
export function testEndpoint(over: Partial<Endpoint> = {}): Endpoint {
  return {
    name: 'registry',
    dnsName: 'registry.example.com',
    addresses: [],
    driver: { kind: 'memory', config: {} },
    policy: 'failover',
    members: testMembers('original', 'standby'),
    probes: [{ name: 'tcp', kind: 'memory', args: {} }],
    rise: 2,
    fall: 2,
    intervalMs: 1_000,
    timeoutMs: 500,
    ttlMs: 1_000,
    holdDownMs: 10_000,
    failoverTargetMs: 5_000,
    failback: { mode: 'auto', afterMs: 60_000 },
    ...over,
  };
}

/** Members by name, each at an address of its own. */
export function testMembers(...names: string[]): Endpoint['members'] {
  return names.map((name, index) => ({ name, host: name, address: `10.0.0.${index + 1}`, weight: 1 }));
}

/** The policy of an endpoint with the endpoint's own probes. */
export function testPolicy(over: Partial<Endpoint> = {}, more: Partial<WatchPolicy> = {}): WatchPolicy {
  const endpoint = testEndpoint(over);
  const supports = { policies: [endpoint.policy], manyMembers: true };
  return { ...policyOf(endpoint, endpoint.probes, supports), ...more };
}

export class Scenario {
  policy: WatchPolicy;
  state: EndpointState;
  nowMs = 0;
  wall = WALL_START;
  #commands = 0;

  constructor(policy: WatchPolicy) {
    this.policy = policy;
    this.state = initialState(policy, this.at);
  }

  get at(): Moment {
    return { monotonicMs: this.nowMs, wall: this.wall };
  }

  /** Who answers now. */
  get answering(): readonly string[] {
    return this.state.answer?.members ?? [];
  }

  feed(event: WatchInput): Decision {
    const decision = decide(this.state, event, this.policy);
    this.state = decision.state;
    return decision;
  }

  /** Moves time and ticks once. */
  wait(ms: number): Decision {
    this.nowMs += ms;
    this.wall += ms;
    return this.feed({ type: 'tick', at: this.at });
  }

  /** One result of one probe of a member. */
  probe(
    member: string,
    status: 'up' | 'down' | 'unknown',
    probe = this.policy.probes[0] as string,
  ): Decision {
    const because = { code: `test/${status}`, params: { member } };
    return this.feed({ type: 'probed', member, probe, status, because, at: this.at });
  }

  /** Enough results on every probe for the verdict to change. */
  settle(member: string, status: 'up' | 'down'): Decision {
    let last: Decision | undefined;
    const times = Math.max(this.policy.rise, this.policy.fall);
    for (const probe of this.policy.probes) {
      for (let n = 0; n < times; n++) {
        const decision = this.probe(member, status, probe);
        if (last === undefined || decision.answer !== undefined) last = decision;
      }
    }
    return last as Decision;
  }

  command(command: Command, by = 'li'): Decision {
    return this.feed({ type: 'command', id: `c${++this.#commands}`, by, command, at: this.at });
  }

  /** Answers the parity check that a decision asked for. */
  parity(decision: Decision, fit: boolean): Decision {
    if (decision.act?.kind !== 'check-parity') throw new Error('no parity check was asked for');
    const because = { code: fit ? 'test/fit' : 'test/lacks', params: {} };
    return this.feed({ type: 'parity-known', ask: decision.act.ask, fit, because, at: this.at });
  }

  /** Kill -9 and a new process that finds only the file, `awayMs` later. */
  restart(awayMs = 0): EndpointState {
    const file = JSON.stringify(toStored(this.state, this.at));
    this.wall += awayMs;
    this.nowMs = 5;
    this.state = restore(storedSchema.parse(JSON.parse(file)), this.policy, this.at);
    return this.state;
  }
}
