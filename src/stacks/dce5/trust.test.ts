/** Who accepts the nodes' certificates, asked by a real shell with a real openssl of two real TLS servers. */
import { existsSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { namespaceMissing, scratchHost } from '../../../test/scratch-host.ts';
import { titleOf } from '../../../test/title-of.ts';
import { until } from '../../../test/until.ts';
import { script } from '../../hosts/shell.ts';
import { findRefusing, type Trust, trustOf } from './trust.ts';

const NAME = 'www.tinder.test';
const [ORIGINAL, STANDBY] = ['10.9.9.1', '10.9.9.2'];
const missing = [
  namespaceMissing,
  existsSync('/usr/bin/openssl') ? undefined : 'no openssl here (Debian package openssl)',
];

/** A host with docker and skopeo, in a network where both nodes serve; each signed its certificate itself. */
async function openHost() {
  const host = await scratchHost({ namespace: true });
  onTestFinished(() => host[Symbol.asyncDispose]());
  const run = async (text: string): Promise<string> => {
    const signal = new AbortController().signal;
    const { stdout, stderr, code } = await host.run(script(text), { timeoutMs: 30_000, signal });
    expect(code, stderr).toBe(0);
    return stdout;
  };
  await run(`ip link set lo up
for p in docker skopeo; do printf '#!/bin/sh\\n' > ${host.folder}/bin/$p; chmod 755 ${host.folder}/bin/$p; done
rm -rf /etc/docker /etc/containers /etc/containerd; mkdir -p /etc/docker/certs.d/${NAME} /etc/containers/certs.d/${NAME}:443
cd ${host.folder}
for a in ${ORIGINAL} ${STANDBY}; do
ip address add $a/32 dev lo
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=$a -addext subjectAltName=DNS:${NAME},IP:$a -keyout $a.key -out $a.crt 2>/dev/null
nohup openssl s_server -quiet -accept $a:443 -cert $a.crt -key $a.key </dev/null >/dev/null 2>&1 &
echo $! >> pids
done`);
  onTestFinished(() => run(`kill $(cat ${host.folder}/pids)`).then(() => undefined));
  const query = trustOf('here', NAME, [ORIGINAL, STANDBY]);
  const look = async (): Promise<Trust> =>
    query.kind.parse(await run(query.kind.command(query.args)), query.args);
  await until(
    async () => (await look()).nodes.every(({ acceptedBy }) => acceptedBy !== undefined),
    'both nodes serve',
  );
  return { host, run, look };
}

describe.skipIf(missing.some((each) => each !== undefined))(titleOf('trust of a host', ...missing), () => {
  test('each tool accepts the nodes whose certificate is in its own folder, and the other is named', async () => {
    const { host, run, look } = await openHost();
    expect(findRefusing(await look())).toEqual([
      { runtime: 'docker', addresses: [ORIGINAL, STANDBY] },
      { runtime: 'skopeo', addresses: [ORIGINAL, STANDBY] },
    ]);
    // As people do it: the node that was there when they looked, and the folder with the port in its name.
    await run(`cp ${host.folder}/${ORIGINAL}.crt /etc/docker/certs.d/${NAME}/ca.crt
cat ${host.folder}/*.crt > /etc/containers/certs.d/${NAME}:443/both.crt`);
    const first = await look();
    expect(first.nodes).toEqual([
      { address: ORIGINAL, acceptedBy: ['docker', 'skopeo'] },
      { address: STANDBY, acceptedBy: ['skopeo'] },
    ]);
    expect(findRefusing(first)).toEqual([{ runtime: 'docker', addresses: [STANDBY] }]);

    await run(`cp ${host.folder}/${STANDBY}.crt /etc/docker/certs.d/${NAME}/standby.crt`);
    expect(findRefusing(await look())).toEqual([]);
  });

  test('an insecure registry is its owner’s to judge, a node without power is not asked', async () => {
    const { host, run, look } = await openHost();
    await run(`echo '{"insecure-registries":["${NAME}"]}' > /etc/docker/daemon.json
cp ${host.folder}/${ORIGINAL}.crt /etc/containers/certs.d/${NAME}:443/
kill $(tail -n 1 ${host.folder}/pids)`);
    await until(async () => (await look()).nodes[1]?.acceptedBy === undefined, 'the standby is gone');
    const found = await look();
    expect(found.configured).toEqual([{ runtime: 'docker', path: '/etc/docker/daemon.json' }]);
    expect(findRefusing(found)).toEqual([]);
    await run(`sed -i '$d' ${host.folder}/pids`);
  });

  test('containerd’s authorities are those that its hosts.toml names', async () => {
    const { host, run, look } = await openHost();
    await run(`printf '#!/bin/sh\\n' > ${host.folder}/bin/containerd; chmod 755 ${host.folder}/bin/containerd
mkdir -p /etc/containerd/certs.d/${NAME}
printf '[host."https://${NAME}"]\\n  ca = ["${host.folder}/${STANDBY}.crt"]\\n' > /etc/containerd/certs.d/${NAME}/hosts.toml`);
    expect(findRefusing(await look()).find(({ runtime }) => runtime === 'containerd')).toEqual({
      runtime: 'containerd',
      addresses: [ORIGINAL],
    });
  });
});
