/** What a pair is before a plan is made for it: too old, unknown or broken, who leads, and who made it. Pure. */
import { ask, type Facts } from '../../hosts/fact.ts';
import { addresses } from '../../hosts/facts/addresses.ts';
import type { Site, StackSpec } from '../../site/model.ts';
import { MariadbError } from './error.ts';
import { isOlder, stateOf } from './facts.ts';
import type { Node, Pair } from './pair.ts';

/** @throws MariadbError `mariadb/too-old` */
export function refuseOld(site: Site, stack: StackSpec, { nodes, paths }: Pair, facts: Facts): void {
  for (const { member } of nodes) {
    const version = facts.get(stateOf(member.host, paths.etc))?.version;
    if (!isOlder(version, 10, 3)) continue;
    throw new MariadbError({
      code: 'mariadb/too-old',
      message: `MariaDB ${version?.text} knows no GTID that survives a failover`,
      where: { host: member.host, position: site.where(['stacks', stack.name]) },
      expected: '10.3 or newer',
      got: version?.text ?? 'unknown',
      hint: 'Upgrade it to 10.5 or newer from the repository of MariaDB, then plan again.',
    });
  }
}

/**
 * What is planned for a database in use depends on what it is: without asking it nothing is.
 * @throws MariadbError `mariadb/not-asked`, `mariadb/broken`
 */
export function refuseUnknown(site: Site, stack: StackSpec, { nodes, paths }: Pair, facts: Facts): void {
  for (const { member } of nodes) {
    const state = facts.get(stateOf(member.host, paths.etc));
    const where = { host: member.host, position: site.where(['stacks', stack.name]) };
    if (state?.isRunning === true && !state.isAsked) {
      throw new MariadbError({
        code: 'mariadb/not-asked',
        message: 'the database that runs on a host does not let its root in',
        where,
        expected: 'root@localhost, by the socket or by /root/.my.cnf',
        got: 'a refusal, or no answer',
        hint: 'Write `[client]` and `password=…` into /root/.my.cnf there (mode 0600), and `rootPassword` into the site file; then plan again.',
      });
    }
    const error = state?.slave.Last_SQL_Error ?? '';
    if (state === undefined || state.lead !== undefined || error === '') continue;
    throw new MariadbError({
      code: 'mariadb/broken',
      message: `replication from ${state.slave.Master_Host} is broken: each may hold rows that the other lacks`,
      where,
      expected: 'two servers that follow each other',
      got: error,
      hint: 'Mend it there. Or decide who is right: `STOP SLAVE; RESET SLAVE ALL` on both; the standby is then seeded, and a dump of what it held is kept.',
    });
  }
}

/** The leader, then the other. */
export function inOrder({ endpoint, nodes, paths }: Pair, facts: Facts): [Node, Node] {
  const [first, second] = nodes;
  const states = nodes.map(({ member }) => facts.get(stateOf(member.host, paths.etc)));
  const newest = states.map((state) => state?.lead).sort((a, b) => (b?.epoch ?? 0) - (a?.epoch ?? 0))[0];
  const owns = ({ member: { host } }: Node): boolean =>
    (facts.get(ask(host, addresses, undefined)) ?? []).some(({ address }) =>
      endpoint.addresses.includes(address),
    );
  const isSecond = newest === undefined ? owns(second) && !owns(first) : newest.node === second.member.name;
  return isSecond ? [second, first] : [first, second];
}

/** Whether the standby follows already, and not as one of our pairs. */
export function followsByHand({ paths }: Pair, { member }: Node, facts: Facts): boolean {
  const { slave = {}, lead } = facts.get(stateOf(member.host, paths.etc)) ?? {};
  return (slave.Master_Host ?? '') !== '' && (lead === undefined || slave.Using_Gtid === 'No');
}
