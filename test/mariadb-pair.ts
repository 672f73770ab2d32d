/** The MariaDB pair of the lab's journeys and of the bench: its site file, and how it stands. */
import type { Lab } from '../src/lab/lab.ts';
import { startLab, type TestLab } from './lab.ts';
import { until } from './until.ts';

export const MARIADB_VIP = '10.78.1.50';

/** Two hosts and an address; the controller, at .1, is the client. */
export const MARIADB_SITE = `
access: { user: root }
hosts:
  db1: 10.78.1.11
  db2: 10.78.1.12
endpoints:
  db:
    addresses: [${MARIADB_VIP}]
    driver: keepalived
    members: [db1, db2]
    failback: manual
    interval: 500ms
    timeout: 1s
stacks:
  db:
    kind: mariadb
    endpoint: db
    availability: continue
    bufferPool: 128M
    replication: { password: env:REPL_PW }
    platform: { user: cloudpods, password: env:APP_PW, networks: [10.78.1.0/24] }
    monitor: { password: env:WATCH_PW, networks: [10.78.1.0/24] }
`;

/** Brings its hosts up, and gives the program the passwords that the site file refers to. */
export async function startMariadbLab(
  name: string,
  o: { readonly site?: string; readonly password?: string } = {},
): Promise<TestLab> {
  const lab = await startLab({ site: o.site ?? MARIADB_SITE, name });
  const passwords = { REPL_PW: 'repl-secret', APP_PW: o.password ?? 'app-secret', WATCH_PW: 'watch-secret' };
  Object.assign(lab.program.env, passwords);
  return lab;
}

/** What the role agent of a host says: `state`, `readonly`, `role` … */
export async function statusOf(lab: Lab, host: string): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await lab.exec(host, '/etc/holdfast/mariadb/db/role status');
  return Object.fromEntries(
    stdout.split('\n').map((line) => {
      const [key = '', ...rest] = line.split(' ');
      return [key, rest.join(' ')];
    }),
  );
}

/** Waits until `primary` owns the address and writes, and the other is level with it and would take the address. */
export async function waitForPair(lab: Lab, primary: string): Promise<void> {
  const standby = primary === 'db1' ? 'db2' : 'db1';
  await until(
    async () => {
      const [its, others] = await Promise.all([statusOf(lab, primary), statusOf(lab, standby)]);
      return (
        its.state === 'together' &&
        its.vip === 'MASTER' &&
        others.state === 'level' &&
        others.vip === 'BACKUP'
      );
    },
    `${primary} leads and ${standby} is level`,
    60_000,
  );
}

/** The old primary comes back by itself; one that holds what nobody else has waits for `apply`, which seeds it again. */
export async function rejoin(lab: TestLab, host: string): Promise<void> {
  const known = /^(level|diverged|broken)/;
  await until(
    async () => known.test((await statusOf(lab, host)).state ?? ''),
    `${host} says how it stands`,
    60_000,
  );
  const { state = '', diverged = '' } = await statusOf(lab, host);
  if (state === 'level') return;
  if (state === 'diverged' && (await lab.exec(host, ['test', '-s', diverged])).code !== 0)
    throw new Error(`${host}: what only it has is not in ${diverged}`);
  const { code, stderr } = await lab.program.run('apply', '-y', '--accept-final', '--lab');
  if (code !== 0) throw new Error(stderr);
}
