/** How a backup of a pair is tried: restored by the script on its host into a server of its own. Pure. */
import type { FactQuery } from '../../../hosts/fact.ts';
import { sh } from '../../../hosts/shell.ts';
import type { RestoreResult, RestoreTrial } from '../../stack.ts';
import type { Pair } from '../pair.ts';
import { backupsOn } from './fact.ts';

/** @param tables `db.table` whose rows are counted and summed */
export function trialOf(pair: Pair, tables: readonly string[]): RestoreTrial {
  const { etc } = pair.paths;
  const hosts = pair.nodes.map(({ member }) => member.host);
  return {
    facts: hosts.map((host) => backupsOn(host, etc) as unknown as FactQuery),
    backups: (facts) =>
      hosts.flatMap((host) =>
        (facts.get(backupsOn(host, etc))?.whole ?? []).map(({ id, beganMs, gtid, bytes }) => ({
          host,
          id,
          beganMs,
          position: gtid,
          bytes,
        })),
      ),
    command: ({ id }) => sh`nice -n 10 ${`${etc}/backup`} drill ${id} ${tables}`,
    parse: parseDrill,
  };
}

/** `ms-unpack 640`, `table shop.orders rows 7 checksum 12`, `broken …`, as the script prints them. */
export function parseDrill(output: string): RestoreResult | undefined {
  const lines = output.split('\n').map((line): [string, string] => {
    const [key = '', ...rest] = line.split(' ');
    return [key, rest.join(' ')];
  });
  const of = (...keys: string[]) => lines.filter(([key]) => keys.includes(key));
  const [broken] = of('broken');
  if (broken === undefined && of('whole').length === 0) return undefined;
  return {
    ...(broken === undefined ? {} : { broken: broken[1] }),
    phases: lines
      .filter(([key]) => key.startsWith('ms-'))
      .map(([key, value]) => ({ name: key.slice('ms-'.length), tookMs: Number(value) })),
    found: of('version', 'gtid', 'restored', 'tables', 'table').map(([name, value]) => ({ name, value })),
  };
}
