/** Worlds for the contract of step kinds: for each kind at least one host on which it has something to do. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { defineReasons } from '../src/base/reason.ts';
import { Secret } from '../src/base/secret.ts';
import { resolve } from '../src/dns/resolve.ts';
import type { Prober } from '../src/engine/steps/probe.ts';
import type { SecretRef } from '../src/site/secret-ref.ts';
import { makeTsigKey, namedMissing, startNamed } from './named.ts';
import {
  isRoot,
  namespaceMissing,
  type ScratchHost,
  type ScratchOptions,
  scratchHost,
  treeOf,
} from './scratch-host.ts';
import type { StepWorld, StepWorldKind } from './step-contract.ts';

const isKept = (name: string): boolean => name.includes('.holdfast-old-');

/** How to make a world of a scratch host. */
export interface Recipe {
  readonly name: string;
  readonly missing?: string | undefined;
  readonly endsByItself?: boolean;
  readonly options?: ScratchOptions;
  /** Prepares `<folder>/etc` and `<folder>/state`, and gives the arguments. */
  prepare(o: { folder: string; etc: string; state: string; host: ScratchHost }): unknown;
  readonly secrets?: Readonly<Record<SecretRef, string>>;
  /** More that the step may touch, beside the two folders. */
  look?(host: ScratchHost): Promise<unknown>;
  /** More that tells two moments apart. */
  trace?(host: ScratchHost): Promise<unknown>;
  /** Files below the folders whose content is no state: logs. */
  readonly leaveOut?: (name: string) => boolean;
}

/** Makes a world that `Trial` and the contract can use. */
export function world(recipe: Recipe): StepWorldKind {
  return {
    name: recipe.name,
    missing: recipe.missing,
    endsByItself: recipe.endsByItself === true,
    async open(): Promise<StepWorld> {
      const host = await scratchHost(recipe.options);
      const [etc, state] = [join(host.folder, 'etc'), join(host.folder, 'state')];
      mkdirSync(etc);
      mkdirSync(state);
      const args = await recipe.prepare({ folder: host.folder, etc, state, host });
      const leaveOut = (name: string): boolean => isKept(name) || recipe.leaveOut?.(name) === true;
      const secrets = Object.entries(recipe.secrets ?? {}).map(
        ([reference, value]) => [reference as SecretRef, new Secret(reference, value)] as const,
      );
      return {
        host,
        clock: host.clock,
        args,
        secrets: new Map(secrets),
        snapshot: async () => [treeOf(etc, leaveOut), treeOf(state, leaveOut), await recipe.look?.(host)],
        trace: async () => [
          treeOf(etc),
          treeOf(state),
          await recipe.look?.(host),
          await recipe.trace?.(host),
        ],
        [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
      };
    },
  };
}

const needsRoot = isRoot ? undefined : 'needs root to give files away';

const files: readonly StepWorldKind[] = [
  world({
    name: 'a host without the file',
    prepare: ({ etc }) => ({ path: `${etc}/motd`, content: 'Welcome\n', mode: '0640' }),
  }),
  world({
    name: 'a host with another file',
    prepare({ etc }) {
      writeFileSync(`${etc}/motd`, 'Go away\r\n\0', { mode: 0o604 });
      return { path: `${etc}/motd`, content: 'Welcome\n', validate: ['grep', '-q', 'Welcome', '{path}'] };
    },
  }),
  world({
    name: 'a host where the file is another user’s',
    missing: needsRoot,
    prepare({ etc }) {
      writeFileSync(`${etc}/motd`, 'Welcome\n');
      execFileSync('chown', ['daemon:games', `${etc}/motd`]);
      return { path: `${etc}/motd`, content: 'Welcome\n', owner: 'nobody', group: 'daemon', mode: '4711' };
    },
  }),
  world({
    name: 'a host with an old key',
    secrets: { 'env:KEY': 'correct horse battery staple' },
    prepare({ etc }) {
      writeFileSync(`${etc}/key`, 'old and just as secret', { mode: 0o600 });
      return { path: `${etc}/key`, contentFrom: 'env:KEY', validate: ['grep', '-q', 'horse', '{path}'] };
    },
  }),
  world({
    name: 'a host with a file too large for the journal',
    prepare({ etc }) {
      writeFileSync(`${etc}/list`, 'line\n'.repeat(60_000));
      return { path: `${etc}/list`, content: 'short\n' };
    },
  }),
  world({
    name: 'a host with a file that should go',
    prepare({ etc }) {
      writeFileSync(`${etc}/legacy.conf`, 'old\n', { mode: 0o644 });
      return { path: `${etc}/legacy.conf`, absent: true };
    },
  }),
];

const directories: readonly StepWorldKind[] = [
  world({
    name: 'a host without it and its parents',
    prepare: ({ etc }) => ({ path: `${etc}/a/b/c`, mode: '2750' }),
  }),
  world({
    name: 'a host with it, under other attributes',
    missing: needsRoot,
    prepare({ etc }) {
      mkdirSync(`${etc}/data`, { mode: 0o700 });
      writeFileSync(`${etc}/data/precious`, 'kept');
      return { path: `${etc}/data`, mode: '1777', owner: 'daemon', group: 'games' };
    },
  }),
];

const hostsFiles: readonly StepWorldKind[] = [
  world({
    name: 'a host that names it twice',
    prepare({ etc }) {
      const text =
        '127.0.0.1\tlocalhost\n# 站点\n10.0.0.193 Registry.Example. files # old\n10.0.0.194 registry.example\n';
      writeFileSync(`${etc}/hosts`, text, { mode: 0o644 });
      return {
        path: `${etc}/hosts`,
        absent: ['registry.example'],
        entries: [{ address: '10.0.0.195', names: ['files', 'charts'] }],
      };
    },
  }),
  world({
    name: 'a host without a hosts file',
    prepare: ({ etc }) => ({ path: `${etc}/hosts`, entries: [{ address: '::1', names: ['localhost'] }] }),
  }),
];

const commands: readonly StepWorldKind[] = [
  world({
    name: 'a host where it has not run, with an undo',
    secrets: { 'env:PASSWORD': 'hunter2 and more' },
    prepare: ({ etc }) => ({
      run: ['sh', '-c', `cat >${etc}/made; echo said "$(cat ${etc}/made)"`],
      creates: `${etc}/made`,
      undo: ['rm', '-f', `${etc}/made`],
      stdin: 'env:PASSWORD',
    }),
  }),
  world({
    name: 'a host where it has not run, without an undo',
    prepare: ({ etc }) => ({
      run: ['mkdir', '-p', 'it’s $HOME'],
      unless: ['test', '-d', 'it’s $HOME'],
      workDir: etc,
    }),
  }),
];

const liveKeys = ['net.ipv4.ip_forward', 'net.ipv4.ip_local_port_range', 'net.ipv4.conf.lo.rp_filter'];
const sysctls: readonly StepWorldKind[] = [
  world({
    name: 'a network namespace with the kernel’s own values',
    missing: namespaceMissing,
    options: { namespace: true },
    prepare: () => ({
      name: 'contract',
      values: {
        'net.ipv4.ip_forward': 1,
        'net.ipv4.ip_local_port_range': '20000  60000',
        'net.ipv4.conf.lo.rp_filter': '2',
      },
    }),
    async look(host) {
      const paths = liveKeys.map((key) => `/proc/sys/${key.replaceAll('.', '/')}`);
      const text = `cat ${paths.join(' ')}; ls -lA --time-style=+ /etc/sysctl.d | grep -v ^total; cat /etc/sysctl.d/*.conf 2>/dev/null`;
      return (await host.run({ text }, { timeoutMs: 10_000, signal: new AbortController().signal })).stdout;
    },
  }),
];

interface UnitFiles {
  readonly active: 'active' | 'inactive' | 'failed';
  readonly enabled: string;
  readonly config?: string;
}

/** Puts a unit there for the stand-in of systemctl; one that is up has read its configuration. */
export async function putUnit(
  state: string,
  name: string,
  { active, enabled, config = '' }: UnitFiles,
): Promise<void> {
  const folder = `${state}/units/${name}`;
  mkdirSync(folder, { recursive: true });
  // Its files must be older than its start by more than the clock's grain.
  await new Promise((resolveAfter) => setTimeout(resolveAfter, 60));
  const upSeconds = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  const sub = { active: 'running', inactive: 'dead', failed: 'failed' }[active];
  const started = active === 'active' ? Math.round(upSeconds * 1e6) : 0;
  const loaded =
    active === 'active'
      ? config
          .split(' ')
          .filter(Boolean)
          .map((path) => readFileSync(path, 'utf8'))
      : [];
  const values = { active, sub, enabled, started, config, type: 'simple', loaded: loaded.join('') };
  for (const [key, value] of Object.entries(values)) {
    writeFileSync(`${folder}/${key}`, key === 'loaded' ? String(value) : `${value}\n`);
  }
}

/** When it started and what it was told are not part of what a revert brings back. */
const unitNoise = (name: string): boolean => name === 'started' || name === 'orders';
export const systemd: ScratchOptions = { namespace: true, standIns: ['systemctl', 'journalctl'] };

const stamps = (host: ScratchHost): Promise<unknown> =>
  host
    .run(
      { text: 'cat /run/holdfast/loaded/* 2>/dev/null' },
      { timeoutMs: 10_000, signal: new AbortController().signal },
    )
    .then(({ stdout }) => stdout);

const services: readonly StepWorldKind[] = [
  world({
    name: 'a stand-in of systemd where it is stopped and disabled',
    missing: namespaceMissing,
    options: systemd,
    leaveOut: unitNoise,
    async prepare({ state }) {
      await putUnit(state, 'nginx.service', { active: 'inactive', enabled: 'disabled' });
      return { unit: 'nginx', wanted: 'running', enabled: true, steadyMs: 500 };
    },
  }),
  world({
    name: 'a stand-in of systemd where it runs and should not',
    missing: namespaceMissing,
    options: systemd,
    leaveOut: unitNoise,
    async prepare({ state }) {
      await putUnit(state, 'firewalld.service', { active: 'active', enabled: 'enabled' });
      return { unit: 'firewalld.service', wanted: 'stopped', enabled: false };
    },
  }),
];

const serviceConfigs: readonly StepWorldKind[] = [
  world({
    name: 'a stand-in of systemd where it runs with another configuration',
    missing: namespaceMissing,
    options: systemd,
    leaveOut: unitNoise,
    trace: stamps,
    secrets: { 'env:KEY': 'a key that nobody may see' },
    async prepare({ state, etc }) {
      writeFileSync(`${etc}/nginx.conf`, 'workers 1\n');
      writeFileSync(`${etc}/key`, 'old key\n', { mode: 0o600 });
      await putUnit(state, 'nginx.service', {
        active: 'active',
        enabled: 'enabled',
        config: `${etc}/nginx.conf ${etc}/key`,
      });
      return {
        unit: 'nginx',
        steadyMs: 500,
        how: 'reload',
        files: [
          { path: `${etc}/nginx.conf`, content: 'workers 2\n', mode: '0600' },
          { path: `${etc}/key`, contentFrom: 'env:KEY' },
        ],
        test: ['grep', '-q', 'workers', `${etc}/nginx.conf`],
      };
    },
  }),
  world({
    name: 'a stand-in of systemd where it is stopped',
    missing: namespaceMissing,
    options: systemd,
    leaveOut: unitNoise,
    trace: stamps,
    async prepare({ state, etc }) {
      await putUnit(state, 'nginx.service', {
        active: 'inactive',
        enabled: 'enabled',
        config: `${etc}/nginx.conf`,
      });
      return {
        unit: 'nginx',
        how: 'restart',
        files: [{ path: `${etc}/nginx.conf`, content: 'workers 2\n' }],
      };
    },
  }),
];

/** Puts packages there for the stand-ins of apt and yum. */
export function putPackages(
  state: string,
  available: Record<string, string>,
  installed: Record<string, string>,
): void {
  for (const [folder, packages] of Object.entries({ available, installed })) {
    mkdirSync(`${state}/${folder}`);
    for (const [name, text] of Object.entries(packages))
      writeFileSync(`${state}/${folder}/${name}`, `${text}\n`);
  }
}

const packages: readonly StepWorldKind[] = [
  world({
    name: 'a stand-in of apt where some are missing and one is older',
    missing: namespaceMissing,
    options: { namespace: true, standIns: ['apt-get', 'dpkg-query'] },
    prepare({ state }) {
      const available = {
        nginx: '1.22.1-9 nginx-common libssl3',
        'nginx-common': '1.22.1-9',
        libssl3: '3.0.16',
        jq: '1.6-2',
      };
      putPackages(state, available, { libssl3: '3.0.15', jq: '1.5-1' });
      return { packages: [{ name: 'nginx' }, { name: 'jq', version: '1.6-2' }, { name: 'libssl3' }] };
    },
  }),
  world({
    name: 'a stand-in of yum where some are missing and one is newer',
    missing: namespaceMissing,
    options: {
      namespace: true,
      standIns: ['yum', 'rpm'],
      without: ['/usr/bin/dpkg-query', '/usr/bin/apt-get', '/usr/bin/dnf'],
    },
    prepare({ state }) {
      putPackages(
        state,
        { nginx: '1.20.1-10.el7 openssl', openssl: '1.1.1k-7.el7', jq: '1.6-2.el7' },
        { jq: '0:1.6-2.el7' },
      );
      return {
        packages: [
          { name: 'nginx', version: '1.20.1' },
          { name: 'jq', version: '1.5-1.el7' },
        ],
      };
    },
  }),
];

const key = makeTsigKey('contract');
const keyRef: SecretRef = 'env:TSIG';

const dnsRecords: readonly StepWorldKind[] = [
  {
    name: 'a real BIND that answers something else',
    missing: namedMissing,
    async open() {
      const text =
        '$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\nwww 30 A 192.0.2.1\n';
      const statements = `allow-update { key ${key.name}; };`;
      const named = await startNamed({ zones: [{ zone: 'site.example', text, statements }], keys: [key] });
      const host = await scratchHost();
      const { clock } = host;
      return {
        host,
        clock,
        args: {
          server: named.address,
          port: named.port,
          zone: 'site.example',
          name: 'www.site.example',
          type: 'A',
          ttlSeconds: 5,
          data: ['192.0.2.3', '192.0.2.2'],
          key: { name: key.name, secret: keyRef },
        },
        secrets: new Map([[keyRef, new Secret(keyRef, key.secret)]]),
        trace: async () => host.clock.monotonicMs(),
        async snapshot() {
          const servers = [{ address: named.address, port: named.port }];
          const signal = new AbortController().signal;
          const about = { servers, timeoutMs: 5_000, recurse: false, clock, signal, random: Math.random };
          const { rcode, answers } = await resolve({ ...about, name: 'www.site.example' });
          return { rcode, answers: answers.map(({ ttl, data }) => `${ttl} ${data}`).sort() };
        },
        async [Symbol.asyncDispose]() {
          await host[Symbol.asyncDispose]();
          await named[Symbol.asyncDispose]();
        },
      };
    },
  },
];

/** A prober that finds its target down for the first asks of each check, then up. */
export function patientProber(): Prober<{ after: number }> {
  let asked = 0;
  const reasons = defineReasons({ asked: { en: 'asked', zh: '已询问' } });
  return {
    kind: 'patience',
    args: z.strictObject({ after: z.number() }),
    title: ({ after }, { address }) => `${address} (after ${after})`,
    async run({ clock, target }, { after }) {
      asked++;
      const status = asked > after ? 'up' : 'down';
      const got = status === 'up' ? 'open' : 'refused';
      return {
        status,
        asked: target.address,
        got,
        expected: 'open',
        at: clock.now(),
        tookMs: 1,
        because: reasons.of('asked'),
      };
    },
  };
}

const probes: readonly StepWorldKind[] = [
  world({
    name: 'a service that takes its time',
    endsByItself: true,
    prepare: () => ({
      probe: 'patience',
      args: { after: 4 },
      target: { member: 'standby', address: '192.0.2.1' },
      deadlineMs: 60_000,
    }),
  }),
];

/** By kind. A kind without a world fails `step-worlds.test.ts`. */
export const stepWorlds: Readonly<Record<string, readonly StepWorldKind[]>> = {
  command: commands,
  directory: directories,
  'dns-record': dnsRecords,
  file: files,
  'hosts-file': hostsFiles,
  package: packages,
  probe: probes,
  service: services,
  'service-config': serviceConfigs,
  sysctl: sysctls,
};
