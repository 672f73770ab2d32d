/** Facts as a host would give them: the commands of the queries run in a real shell here, and parsed. */
import { execFileSync } from 'node:child_process';
import { digestOf } from '../src/base/digest.ts';
import type { FactQuery, Facts } from '../src/hosts/fact.ts';

/** Runs each query on this machine. */
export function gatherHere(queries: readonly FactQuery[]): Facts {
  const values = new Map(
    queries.map(({ host, kind, args }) => {
      const path = `${process.env.PATH}:/usr/sbin:/sbin`;
      const output = execFileSync('sh', ['-c', kind.command(args)], {
        encoding: 'utf8',
        env: { PATH: path },
        maxBuffer: 2 ** 26,
      });
      return [keyOf({ host, kind, args }), kind.parse(output, args)] as const;
    }),
  );
  return {
    get: (query) => values.get(keyOf(query as unknown as FactQuery)) as never,
    unreachable: new Map(),
    digest: digestOf([...values.keys()]),
  };
}

/** No host could be reached. */
export const noFacts: Facts = { get: () => undefined, unreachable: new Map(), digest: 'sha256:0' };

function keyOf({ host, kind, args }: FactQuery): string {
  return JSON.stringify([host, kind.name, args]);
}
