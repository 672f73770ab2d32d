import { describe, expect, it } from 'vitest';
import { type StackWorld, testStack } from '../../test/stack-contract.ts';
import { stacks } from './registry.ts';

const pair = `
hosts: { preferred: 10.0.0.1, standby: 10.0.0.2, worker: 10.0.0.3 }
endpoints:
  bootstrap: { name: www.tinder.test, driver: dns-embedded, members: [preferred, standby] }
`;

/** Every stack in at least one site. */
const worlds: Readonly<Record<string, readonly StackWorld[]>> = {
  artifacts: [
    {
      name: 'a bootstrap pair with all defaults',
      site: `${pair}stacks: { tinder: { kind: artifacts, endpoint: bootstrap } }`,
    },
    {
      name: 'a pair with one service, credentials and a pinned certificate',
      site: `${pair}stacks:
  tinder:
    kind: artifacts
    endpoint: bootstrap
    files: false
    charts: false
    registry: { port: 5000, insecure: true, auth: { user: ops, password: env:PW } }`,
    },
    {
      name: 'a site without an endpoint',
      site: 'hosts: { a: 10.0.0.1 }\nstacks: { tinder: { kind: artifacts } }',
    },
  ],
  dce5: [
    {
      name: 'a bootstrap pair on one package',
      site: `${pair}stacks: { dce5: { kind: dce5, endpoint: bootstrap, package: /home/offline } }`,
    },
    {
      name: 'a bootstrap pair with master nodes and its own paths',
      site: `${pair}stacks:
  dce5:
    kind: dce5
    endpoint: bootstrap
    package: /home/offline
    config: /root/clusterConfig.yaml
    osRepos: { isoPath: /iso/a.iso }
    tools: []
    masterNodes: [{ nodeName: g-master1, ip: 10.0.0.3, ansiblePass: env:PW }]`,
    },
  ],
  mariadb: [
    {
      name: 'a pair with a platform, a monitor and a root password',
      site: `
hosts: { db1: 10.0.0.1, db2: 10.0.0.2 }
endpoints:
  db: { addresses: [10.0.0.9], driver: keepalived, members: [db1, db2] }
stacks:
  db:
    kind: mariadb
    endpoint: db
    availability: stop
    rootPassword: env:ROOT
    replication: { password: env:REPL }
    platform: { user: cloudpods, password: env:APP, networks: [10.0.0.0/24, 10.9.0.7] }
    monitor: { password: env:WATCH, networks: [10.0.0.254] }`,
    },
    {
      name: 'a pair with all defaults',
      site: `
hosts: { db1: 10.0.0.1, db2: 10.0.0.2 }
endpoints:
  db: { addresses: [10.0.0.9], driver: keepalived, members: [db1, db2] }
stacks: { db: { kind: mariadb, endpoint: db, availability: continue, replication: { password: env:REPL } } }`,
    },
  ],
  baseline: [
    {
      name: 'a site of two hosts',
      site: `
hosts: { a: 10.0.0.1, b: 10.0.0.2 }
stacks:
  base:
    kind: baseline
    hosts: all
    packages: [curl]
    sysctl: { net.ipv4.ip_forward: 1 }
    hostsFile: { absent: [www.tinder.test] }`,
    },
  ],
};

describe('the contract of stacks', () => {
  it('is tried in at least one world of each stack', () => {
    expect(Object.keys(worlds).sort()).toEqual([...stacks.names].sort());
  });
});

for (const stack of stacks) for (const world of worlds[stack.name] ?? []) testStack(stack, world);
