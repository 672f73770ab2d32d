/** Gathers facts: one command a host, all hosts at once within a limit. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { canonicalJson, digestOf } from '../../base/digest.ts';
import { isHoldfastError, messageOf } from '../../base/errors.ts';
import { throwIfAborted } from '../../base/interrupt.ts';
import { limit } from '../../base/limit.ts';
import type { HostName } from '../../site/model.ts';
import type { FactFailure, FactQuery, Facts, FactTiming } from '../fact.ts';
import type { HostPool } from '../host.ts';
import { joinFragments, splitOutput } from './round-trip.ts';

export interface GatherOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Bytes that no host can guess, for separators. Default: node's own. */
  readonly random?: (size: number) => Uint8Array;
  /** For one host, after it was reached. Default 60 s: the slowest of hundred virtual machines on one disk is slow. */
  readonly timeoutMs?: number;
  /** Hosts asked at once. Default 64. */
  readonly concurrency?: number;
}

/** A query of any kind: a list holds facts of many types. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type AnyQuery = FactQuery<any, any>;

interface Answer {
  readonly query: AnyQuery;
  readonly value: unknown;
}

/**
 * Asks every host everything at once. A host that cannot be reached, or does not answer in time, is listed in
 * `unreachable`; a fact that cannot be understood in `failures`: neither spoils the others.
 * Runs as root where the host allows it, else as the user, who sees less (processes behind ports).
 * @throws only the signal's reason, after an abort
 */
export async function gatherFacts(
  queries: readonly AnyQuery[],
  pool: HostPool,
  o: GatherOptions,
): Promise<Facts> {
  const byHost = new Map<HostName, Map<string, AnyQuery>>();
  for (const query of queries) {
    const ofHost = byHost.get(query.host) ?? new Map<string, AnyQuery>();
    byHost.set(query.host, ofHost.set(keyOf(query), query));
  }
  const atOnce = limit(o.concurrency ?? 64);
  const errors = new Map<HostName, Error>();
  const failures: FactFailure[] = [];
  const values = new Map<string, Answer>();
  await Promise.all(
    [...byHost].map(async ([host, asked]) => {
      try {
        const answers = await atOnce.run(
          () => askHost(host, [...asked.values()], pool, o, failures),
          o.signal,
        );
        for (const answer of answers) values.set(keyOf(answer.query), answer);
      } catch (error) {
        throwIfAborted(o.signal);
        errors.set(host, error instanceof Error ? error : new Error(String(error)));
      }
    }),
  );
  return {
    get: <T>(query: AnyQuery) => values.get(keyOf(query))?.value as T | undefined,
    unreachable: new Map([...errors].sort(byName).map(([host, error]) => [host, inOneLine(error)])),
    errors,
    failures: failures.sort((a, b) => (`${a.host} ${a.fact}` < `${b.host} ${b.fact}` ? -1 : 1)),
    digest: digestOf([
      [...values.keys()].sort().map((key) => stableOf(key, values)),
      [...errors.keys()].sort(),
    ]),
  };
}

async function askHost(
  host: HostName,
  queries: readonly AnyQuery[],
  pool: HostPool,
  o: GatherOptions,
  failures: FactFailure[],
): Promise<Answer[]> {
  const separator = `hf-${Buffer.from((o.random ?? randomBytes)(12)).toString('hex')}`;
  const fragments = queries.map((query) => query.kind.command(query.args));
  const connection = await pool.connect(host, o.signal);
  const sentAtMs = o.clock.now();
  const result = await connection.run(joinFragments(fragments, separator), {
    timeoutMs: o.timeoutMs ?? 60_000,
    signal: o.signal,
    ...(connection.mayBeRoot === false ? {} : { as: 'root' as const }),
  });
  const { outputs, ...times } = splitOutput(host, result, separator, fragments.length);
  const timing: FactTiming = { sentAtMs, receivedAtMs: o.clock.now(), ...times };
  return queries.flatMap((query, index) => {
    try {
      return [{ query, value: query.kind.parse(outputs[index] ?? '', query.args, timing) }];
    } catch (error) {
      failures.push({ host, fact: query.kind.name, message: messageOf(error) });
      return [];
    }
  });
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

function inOneLine(error: Error): string {
  return isHoldfastError(error) && error.got !== undefined ? `${error.message}: ${error.got}` : error.message;
}

function keyOf({ host, kind, args }: AnyQuery): string {
  return canonicalJson([host, kind.name, args ?? null]);
}

function stableOf(key: string, values: ReadonlyMap<string, Answer>): unknown {
  const { query, value } = values.get(key) as Answer;
  const stable = query.kind.stable === undefined ? value : query.kind.stable(value);
  return [key, stable ?? null];
}
