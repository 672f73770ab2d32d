/** The installer's step on a host with its own /etc and network, with the lab's stand-in and its real services. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { registryMissing } from '../../../../test/registry-server.ts';
import { namespaceMissing, scratchHost } from '../../../../test/scratch-host.ts';
import { Trial } from '../../../../test/step-contract.ts';
import { titleOf } from '../../../../test/title-of.ts';
import { until } from '../../../../test/until.ts';
import { Secret } from '../../../base/secret.ts';
import { script } from '../../../hosts/shell.ts';
import { dce5Install } from './dce5-install.ts';

const STANDIN = join(import.meta.dirname, '../../../lab/standins/dce5-installer');
const NAME = 'www.tinder.test';
const OWN = '10.9.9.9';
const missing = [
  namespaceMissing,
  registryMissing,
  existsSync('/usr/sbin/nginx') ? undefined : 'no nginx here (Debian package nginx)',
  existsSync('/usr/bin/openssl') ? undefined : 'no openssl here (Debian package openssl)',
];
const skip = missing.some((each) => each !== undefined);

/** A node: what getent answers stands in a file, as if DNS did. */
async function openNode() {
  const host = await scratchHost({ namespace: true });
  const at = (...path: string[]): string => join(host.folder, ...path);
  const run = (text: string) =>
    host.run(script(text), { timeoutMs: 10_000, signal: new AbortController().signal });
  await run(`ip link set lo up && ip address add ${OWN}/32 dev lo`);
  // The stand-in's folder is the host's root as far as /etc goes.
  mkdirSync(at('root'));
  symlinkSync('/etc', at('root', 'etc'));
  writeFileSync(at('answer'), OWN);
  const program = (path: string, text: string): void => {
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
  };
  program(
    at('bin', 'getent'),
    `awk -v n="$2" '$2 == n { print $1 }' /etc/hosts; echo "$(cat ${at('answer')}) STREAM $2"`,
  );
  copyFileSync(STANDIN, at('standin'));
  const putPackage = (name: string, before = ''): void => {
    mkdirSync(at(name, 'sample'), { recursive: true });
    writeFileSync(at(name, 'sample', 'manifest.yaml'), 'components: {}\n');
    program(
      at(name, 'dce5-installer'),
      `${before}\nDCE5_STANDIN_FOLDER=${at('root')} DCE5_STANDIN_OWN=${OWN} exec ${at('standin')} "$@"`,
    );
  };
  const configure = (packageName: string, node = NAME, alt = OWN): void =>
    writeFileSync(
      at('clusterConfig.yaml'),
      `apiVersion: provision.daocloud.io/v1alpha3\nspec:\n  bootstrapNode: ${node}\n  fullPackagePath: ${at(packageName)}\n  imagesAndCharts:\n    additionalSSLSubjectAltName: ${alt}\n`,
    );
  putPackage('v1');
  configure('v1');
  const trialOf = (packageName: string, more: object = {}): Trial => {
    const args = {
      task: 'full',
      package: at(packageName),
      installer: at(packageName, 'dce5-installer'),
      manifest: at(packageName, 'sample/manifest.yaml'),
      config: at('clusterConfig.yaml'),
      name: NAME,
      mustLeadTo: OWN,
      ports: [443, 9000, 8081],
      stateFolder: at('state'),
      secrets: ['env:PW'],
      ...more,
    };
    const secrets = new Map([['env:PW', new Secret('env:PW', 'hunter2')] as const]);
    const nothing = async (): Promise<unknown> => [];
    return new Trial(dce5Install, {
      host,
      clock: host.clock,
      args,
      secrets,
      snapshot: nothing,
      trace: nothing,
      [Symbol.asyncDispose]: async () => {},
    });
  };
  return {
    at,
    run,
    trialOf,
    putPackage,
    configure,
    leadTo: (address: string) => writeFileSync(at('answer'), address),
    hosts: async () => (await run('cat /etc/hosts')).stdout,
    async [Symbol.asyncDispose]() {
      const pids = ['registry', 'nginx']
        .map((name) => at('root', 'run', `dce5-standin-${name}.pid`))
        .filter(existsSync)
        .map((path) => Number(readFileSync(path, 'utf8')));
      for (const pid of pids) process.kill(pid, 'SIGTERM');
      await until(() => pids.every((pid) => !existsSync(`/proc/${pid}`)), 'the services end');
      await host[Symbol.asyncDispose]();
    },
  };
}

describe.skipIf(skip)(titleOf('the step dce5-install', ...missing), () => {
  test('installs in name mode, proves that the node serves, and leaves /etc/hosts as it was', async () => {
    await using node = await openNode();
    const [trial, before] = [node.trialOf('v1'), await node.hosts()];
    expect(await trial.check()).toMatchObject({
      state: 'todo',
      diff: {
        summary: expect.stringMatching(
          /dce5-installer cluster-create -c .*clusterConfig.yaml -m .*manifest.yaml$/,
        ),
      },
    });
    await trial.apply();
    expect(await trial.verify()).toMatchObject({
      got: expect.stringContaining('ports 443, 9000, 8081 serving, 0 lines'),
    });
    expect(await trial.check()).toMatchObject({ state: 'done', because: { code: 'dce5-install/done' } });
    expect(await node.hosts()).toBe(before);
    // The whole cluster was asked for.
    expect(existsSync(node.at('root/var/lib/dce5-standin/cluster-created'))).toBe(true);
  });

  test('is refused where the name leads elsewhere, and does not run the installer', async () => {
    await using node = await openNode();
    node.leadTo('10.9.9.8');
    const [trial, before] = [node.trialOf('v1'), await node.hosts()];
    expect(await trial.check()).toMatchObject({
      state: 'refused',
      because: {
        code: 'dce5-install/would-edit-hosts',
        params: { why: { code: 'dce5-name/other-address' } },
      },
    });
    await expect(trial.apply()).rejects.toMatchObject({ code: 'dce5/name-elsewhere' });
    expect(existsSync(node.at('state'))).toBe(false);
    expect(await node.hosts()).toBe(before);
  });

  test('is refused where /etc/hosts has the name, even with the right address and as an alias', async () => {
    await using node = await openNode();
    await node.run(`echo '${OWN} tinder ${NAME.toUpperCase()}' >> /etc/hosts`);
    expect(await node.trialOf('v1').check()).toMatchObject({
      state: 'refused',
      because: { params: { why: { code: 'dce5-name/override' } } },
    });
  });

  test('says so where the name moved while the installer ran, and it wrote the name into /etc/hosts', async () => {
    await using node = await openNode();
    node.putPackage('v1', `echo 10.9.9.8 > ${node.at('answer')}`);
    const trial = node.trialOf('v1');
    await expect(trial.apply()).rejects.toMatchObject({
      code: 'dce5/hosts-file-changed',
      got: expect.stringMatching(new RegExp(`^line \\d+: ${OWN} ${NAME}$`)),
    });
    expect(await node.hosts()).toContain(`${OWN} ${NAME}`);
    // Begun and not done: what the node serves is not taken for an installation.
    expect((await trial.check()).state).toBe('refused');
  });

  test('behind a proxy, where the name never leads to the node, takes the line of the installer out again', async () => {
    await using node = await openNode();
    const [proxy, before] = ['10.9.9.8', await node.hosts()];
    const trial = node.trialOf('v1', { mustLeadTo: undefined, behind: [proxy] });
    node.leadTo('10.9.9.7');
    expect(await trial.check()).toMatchObject({
      state: 'refused',
      because: { params: { why: { code: 'dce5-name/other-address' } } },
    });
    node.leadTo(proxy);
    writeFileSync(node.at('v1', 'fail-at-step'), '2');
    await expect(trial.apply()).rejects.toMatchObject({ code: 'dce5/installer-failed' });
    expect(readFileSync(node.at('state', 'installer.log'), 'utf8')).toContain(`writing ${OWN} ${NAME}`);
    expect(await node.hosts()).toBe(before);

    writeFileSync(node.at('v1', 'fail-at-step'), '');
    // As after a power cut while it ran.
    await node.run(`echo '${OWN} ${NAME}' >> /etc/hosts`);
    expect((await trial.check()).state).toBe('todo');
    await trial.apply();
    await trial.verify();
    expect(await node.hosts()).toBe(before);
  });

  test('behind a proxy does not upgrade a node that clients do not get', async () => {
    await using node = await openNode();
    const proxy = '10.9.9.8';
    node.leadTo(proxy);
    await using servers = new AsyncDisposableStack();
    servers.defer(
      async () => void (await node.run(`kill $(cat ${node.at()}/*.pid); rm -f ${node.at()}/*.pid`)),
    );
    /** A registry of the address that shows the certificate of a node. */
    const serve = (address: string, certificate: string) =>
      node.run(`cd ${node.at()}; ip address add ${address}/32 dev lo 2>/dev/null
[ ! -e ${address}.pid ] || kill $(cat ${address}.pid)
[ -e ${certificate}.crt ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${certificate} -keyout ${certificate}.key -out ${certificate}.crt 2>/dev/null
nohup openssl s_server -quiet -accept ${address}:443 -cert ${certificate}.crt -key ${certificate}.key </dev/null >/dev/null 2>&1 &
echo $! > ${address}.pid
until openssl s_client -connect ${address}:443 </dev/null 2>/dev/null | grep -q CN.*=.*${certificate}; do sleep 0.1; done`);
    const args = { task: 'upgrade', ports: [443], mustLeadTo: undefined, behind: [proxy], mustServe: OWN };
    const trial = node.trialOf('v1', args);
    await serve(OWN, 'own');
    await serve(proxy, 'other');
    expect(await trial.check()).toMatchObject({
      state: 'refused',
      because: { code: 'dce5-install/not-active', params: { front: proxy } },
    });
    await expect(trial.apply()).rejects.toMatchObject({ code: 'dce5/name-elsewhere' });
    expect(existsSync(node.at('state'))).toBe(false);

    await serve(proxy, 'own');
    expect((await trial.check()).state).toBe('todo');
  });

  test('behind a proxy takes the line out even where the step is aborted while the installer runs', async () => {
    await using node = await openNode();
    const [proxy, before] = ['10.9.9.8', await node.hosts()];
    node.putPackage('v1', `echo '${OWN} ${NAME}' >> /etc/hosts; touch ${node.at('running')}; sleep 30`);
    node.leadTo(proxy);
    const trial = node.trialOf('v1', { mustLeadTo: undefined, behind: [proxy] });
    const abort = new AbortController();
    const applied = trial.apply(trial.context(undefined, abort.signal));
    const failed = expect(applied).rejects.toThrow();
    await until(() => existsSync(node.at('running')), 'the installer runs');
    abort.abort();
    await failed;
    expect(await node.hosts()).toBe(before);
  });

  test('lets the installer change other lines of /etc/hosts', async () => {
    await using node = await openNode();
    node.putPackage('v1', "echo '172.30.41.194 g-master1' >> /etc/hosts");
    const trial = node.trialOf('v1');
    await trial.apply();
    await trial.verify();
    expect(trial.said.join()).toContain('do not concern the name');
  });

  test('shows the end of the log where the installer fails, without the password, and runs it again on resume', async () => {
    await using node = await openNode();
    node.putPackage('v1', 'echo "login with hunter2"');
    writeFileSync(node.at('v1', 'fail-at-step'), '2');
    const trial = node.trialOf('v1');
    await expect(trial.apply()).rejects.toMatchObject({
      code: 'dce5/installer-failed',
      got: 'exit code 1: [dce5-installer stand-in] error: step 2 failed, as the package asked',
      evidence: expect.stringContaining('login with <env:PW>'),
    });
    expect(readFileSync(node.at('state', 'installer.log'), 'utf8')).toContain('login with hunter2');
    expect((await node.run(`stat -c %a ${node.at('state', 'installer.log')}`)).stdout).toBe('600\n');
    writeFileSync(node.at('v1', 'fail-at-step'), '');
    expect((await trial.check()).state).toBe('todo');
    await trial.apply();
    await trial.verify();
  });

  test('upgrades from another package, which an install refuses to do', async () => {
    await using node = await openNode();
    await node.trialOf('v1').apply();
    node.putPackage('v2');
    node.configure('v2');
    expect(await node.trialOf('v2').check()).toMatchObject({
      state: 'refused',
      because: { code: 'dce5-install/other-package' },
      hint: { code: 'dce5-install/use-upgrade' },
    });
    const upgrade = node.trialOf('v2', { task: 'upgrade' });
    expect(await upgrade.check()).toMatchObject({
      state: 'todo',
      diff: { summary: expect.stringMatching(/ -u tinder$/) },
    });
    node.leadTo('10.9.9.8');
    expect((await upgrade.check()).state).toBe('refused');
    node.leadTo(OWN);
    await upgrade.apply();
    await upgrade.verify();
    expect((await upgrade.check()).state).toBe('done');
    expect((await node.trialOf('v2').check()).state).toBe('done');
  });

  test('does not install over an upgrade that was cut: that one is to be ended', async () => {
    await using node = await openNode();
    await node.trialOf('v1').apply();
    node.putPackage('v2');
    node.configure('v2');
    writeFileSync(node.at('v2', 'fail-at-step'), '2');
    const upgrade = node.trialOf('v2', { task: 'upgrade' });
    await expect(upgrade.apply()).rejects.toMatchObject({ code: 'dce5/installer-failed' });
    for (const name of ['v1', 'v2'])
      expect(await node.trialOf(name).check()).toMatchObject({
        state: 'refused',
        because: { code: 'dce5-install/upgrade-begun', params: { package: node.at('v2') } },
        hint: { code: 'dce5-install/end-upgrade' },
      });
    expect((await upgrade.check()).state).toBe('todo');
  });

  test('in address mode installs the node alone, wherever the name leads', async () => {
    await using node = await openNode();
    node.leadTo('10.9.9.8');
    node.configure('v1', OWN, NAME);
    const trial = node.trialOf('v1', { task: 'bootstrap', mustLeadTo: undefined });
    await trial.apply();
    await trial.verify();
    expect(existsSync(node.at('root/var/lib/dce5-standin/cluster-created'))).toBe(false);
  });

  test('leaves an installation by hand alone, and something else on its ports', async () => {
    await using node = await openNode();
    node.configure('v1', OWN, NAME);
    const byHand = await node.run(
      `${node.at('v1/dce5-installer')} cluster-create -c ${node.at('clusterConfig.yaml')} -j 1,2,3,4,5`,
    );
    expect(byHand.code).toBe(0);
    expect(await node.trialOf('v1').check()).toMatchObject({
      state: 'done',
      because: { code: 'dce5-install/by-hand' },
    });
    expect(await node.trialOf('v1', { ports: [443, 9000, 8082] }).check()).toMatchObject({
      state: 'refused',
      because: { code: 'dce5-install/ports-taken', params: { ports: '443, 9000' } },
    });
  });

  test('says so where package, installer or manifest is missing', async () => {
    await using node = await openNode();
    expect(await node.trialOf('v9').check()).toMatchObject({
      state: 'refused',
      because: { code: 'dce5-install/no-package' },
    });
    expect(await node.trialOf('v1', { task: 'upgrade' }).check()).toMatchObject({
      state: 'refused',
      because: { code: 'dce5-install/nothing-there' },
    });
  });
});
