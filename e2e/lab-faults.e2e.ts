/** Faults in the lab: each is there as others see it, and is undone: by itself, early, and although Holdfast was killed. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Fault } from '../src/lab/faults/kinds.ts';
import { faultKinds } from '../src/lab/faults/kinds.ts';
import type { LabCommand } from '../src/lab/lab.ts';
import { labMissing, startLab, type TestLab, withLab } from '../test/lab.ts';
import { titleOf } from '../test/title-of.ts';
import { until } from '../test/until.ts';

const LIMIT_MS = 120_000;
const LONG_MS = 600_000;
const ONE = '10.71.1.11';
const VIP = '10.71.1.50';
const SITE = `
access: { user: root }
hosts:
  one: { address: ${ONE}, addresses: ['fd71:1::11'] }
  two: { address: 10.71.1.12, addresses: ['fd71:1::12'] }
  far: { address: 10.71.2.13, addresses: ['fd71:2::13'] }
`;
/** Comes back by itself where nothing holds it: what a fault has to beat. */
const NGINX = `
mkdir -p /etc/systemd/system/nginx.service.d
printf '[Service]\\nRestart=always\\nRestartSec=100ms\\n' >/etc/systemd/system/nginx.service.d/restart.conf
systemctl daemon-reload && systemctl enable --now nginx`;

/** Writes a file that was not there, whose blocks nobody had. */
const PROBE = 'head -c 65536 /dev/zero >/root/probe; code=$?; rm /root/probe; exit $code';

interface Story {
  readonly fault: Fault;
  /** The same for the command line. */
  readonly args: readonly string[];
  /** Whether the fault is there, as somebody else sees it. */
  isThere(lab: TestLab): Promise<boolean>;
}

const worked = async (lab: TestLab, host: string, command: LabCommand): Promise<boolean> =>
  (await lab.exec(host, command)).code === 0;
const pings = async (lab: TestLab, from: string, address: string): Promise<boolean> =>
  await worked(lab, from, ['ping', '-c1', '-W1', address]);
const greets = async (lab: TestLab): Promise<boolean> =>
  (await lab.run(`timeout 2 bash --norc -c 'read -r hello </dev/tcp/${ONE}/22'`)).code === 0;
const pageOf = async (lab: TestLab): Promise<string> =>
  (await lab.exec('two', ['curl', '-sI', '-m2', `http://${ONE}/`])).stdout;

const stories: readonly Story[] = [
  {
    fault: { kind: 'kill' },
    args: ['kill'],
    isThere: async (lab) => !(await pings(lab, 'two', ONE)) && !(await greets(lab)),
  },
  {
    fault: { kind: 'pause' },
    args: ['pause'],
    // The kernel that all share still answers.
    isThere: async (lab) => !(await greets(lab)) && (await pings(lab, 'two', ONE)),
  },
  {
    fault: { kind: 'isolate' },
    args: ['isolate'],
    isThere: async (lab) => !(await pings(lab, 'two', ONE)) && !(await greets(lab)),
  },
  {
    fault: { kind: 'slow', rate: '100kbit' },
    args: ['slow', '--rate', '100kbit'],
    async isThere(lab) {
      const { stdout } = await lab.exec('two', `ping -q -c100 -i0.002 -s1400 -W1 ${ONE}`);
      return Number(/(\d+) received/.exec(stdout)?.[1]) < 50;
    },
  },
  {
    fault: { kind: 'full-disk' },
    args: ['full-disk'],
    isThere: async (lab) => !(await worked(lab, 'one', PROBE)),
  },
  {
    fault: { kind: 'clock-skew', unit: 'nginx', byMs: -500 * 86_400_000 },
    args: ['clock-skew', '--unit', 'nginx', '--by=-500d'],
    async isThere(lab) {
      const date = /^Date: (.*)$/m.exec(await pageOf(lab))?.[1] ?? '';
      const { stdout } = await lab.run(['date', '+%s']);
      return Date.parse(date) / 1_000 < Number(stdout) - 400 * 86_400;
    },
  },
  {
    fault: { kind: 'stop-service', unit: 'nginx', signal: 'KILL' },
    args: ['stop-service', '--unit', 'nginx', '--signal', 'KILL'],
    isThere: async (lab) => (await pageOf(lab)) === '' && (await greets(lab)),
  },
];

/** Everything of the host works: what a fault has left is found, whichever it was. */
async function isWell(lab: TestLab): Promise<boolean> {
  for (const { isThere } of stories) if (await isThere(lab)) return false;
  return true;
}

describe.skipIf(labMissing !== undefined)(titleOf('a fault in the lab', labMissing), () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startLab({ site: SITE, name: 'faults' });
    await lab.exec('one', NGINX);
  }, LIMIT_MS);
  afterEach(async () => await lab.heal());
  afterAll(async () => await lab?.down());

  test('is told here for every kind there is', () => {
    expect(stories.map(({ fault }) => fault.kind).sort()).toEqual([...faultKinds.names].sort());
  });

  describe.each(stories)('$fault.kind', ({ fault, args, isThere }) => {
    test('is there, and gone when it is ended early', { timeout: LIMIT_MS }, async () => {
      const begun = await lab.fault('one', fault, { forMs: LONG_MS });
      expect(await isThere(lab)).toBe(true);
      expect(await lab.faults()).toMatchObject([{ host: 'one', kind: fault.kind }]);
      await expect(lab.fault('one', fault)).rejects.toMatchObject(
        fault.kind === 'kill' ? { code: 'lab/host-off' } : { code: 'lab/fault-exists' },
      );
      await begun.end();
      expect(await lab.faults()).toEqual([]);
      await until(async () => await isWell(lab), 'nothing of the fault is left');
      await begun.end();
    });

    test('ends by itself, although its Holdfast was killed as soon as it had begun', {
      timeout: LIMIT_MS,
    }, async () => {
      const { child } = lab.program.start('lab', 'fault', 'one', ...args, '--for', '5s');
      await until(async () => (await lab.faults()).length === 1, 'the fault is on its way');
      child.kill('SIGKILL');
      await until(async () => await isThere(lab), 'it is there all the same');
      await until(async () => (await lab.faults()).length === 0, 'its time is over');
      await until(async () => await isWell(lab), 'nothing of it is left');
    });
  });

  test('of one direction or from some only is just that, through the router, too, whatever the address', {
    timeout: LIMIT_MS,
  }, async () => {
    await lab.exec('one', ['ip', 'address', 'add', `${VIP}/24`, 'dev', 'host0']);
    const reach = async (from: string): Promise<boolean[]> =>
      await Promise.all([ONE, VIP, 'fd71:1::11'].map(async (address) => await pings(lab, from, address)));
    const [all, none] = [
      [true, true, true],
      [false, false, false],
    ];
    expect(await reach('far')).toEqual(all);
    {
      await using _fault = await lab.fault('one', { kind: 'isolate', from: ['far'] });
      expect(await reach('far')).toEqual(none);
      expect(await reach('two')).toEqual(all);
      expect(await greets(lab)).toBe(true);
    }
    {
      await using _fault = await lab.fault('one', { kind: 'isolate', from: ['controller'] });
      expect(await greets(lab)).toBe(false);
      // The controller still routes.
      expect(await reach('far')).toEqual(all);
    }
    for (const direction of ['in', 'out'] as const) {
      await using _fault = await lab.fault('one', { kind: 'isolate', direction });
      await lab.exec('two', ['ip', 'neigh', 'replace', ONE, 'lladdr', await macOf('one'), 'dev', 'host0']);
      await lab.exec('one', [
        'ip',
        'neigh',
        'replace',
        '10.71.1.12',
        'lladdr',
        await macOf('two'),
        'dev',
        'host0',
      ]);
      expect([await hears('two', 'one', ONE), await hears('one', 'two', '10.71.1.12')]).toEqual(
        direction === 'in' ? [false, true] : [true, false],
      );
    }
    expect(await reach('two')).toEqual(all);
  });

  async function macOf(host: string): Promise<string> {
    return (await lab.exec(host, ['cat', '/sys/class/net/host0/address'])).stdout.trim();
  }

  /** Whether a datagram gets through one way. */
  async function hears(from: string, to: string, address: string): Promise<boolean> {
    const heard = lab.exec(to, 'timeout 3 socat -u UDP-RECVFROM:9001 - || :');
    const send = `for i in 1 2 3 4 5 6 7 8; do echo hello | socat -u - UDP-SENDTO:${address}:9001; sleep 0.2; done`;
    await lab.exec(from, send);
    return (await heard).stdout.includes('hello');
  }

  test('cuts connections that were there', { timeout: LIMIT_MS }, async () => {
    await lab.exec(
      'one',
      'setsid --fork socat -u TCP-LISTEN:9002 OPEN:/root/got,creat >/dev/null 2>&1 </dev/null',
    );
    const talk = `(while :; do echo 123456789; sleep 0.01; done) | socat -u - TCP:${ONE}:9002`;
    await until(async () => {
      await lab.exec('two', [
        'sh',
        '-c',
        'pgrep -x socat || setsid --fork sh -c "$1" >/dev/null 2>&1 </dev/null',
        'sh',
        talk,
      ]);
      return await worked(lab, 'one', 'test -s /root/got');
    }, 'the two talk');
    const waiting = async (): Promise<number> =>
      Number((await lab.exec('two', `ss -tnH dst ${ONE}:9002`)).stdout.split(/\s+/)[2]);
    const cut = await lab.fault('one', { kind: 'isolate', from: ['two'] });
    await until(async () => (await waiting()) > 500, 'what is sent is not received any more');
    await cut.end();
    await until(async () => (await waiting()) < 100, 'it has arrived');
    await lab.exec('two', ['pkill', '-x', 'socat']);
  });

  test('that cannot be is refused with the reason, and changes nothing', { timeout: LIMIT_MS }, async () => {
    const got = async (fault: Fault): Promise<unknown> =>
      await lab.fault('one', fault).then(
        async (begun) => await begun.end(),
        (error: { code: string; got: string }) => `${error.code}: ${error.got}`,
      );
    expect(await got({ kind: 'stop-service', unit: 'keepalived' })).toBe(
      'lab/fault-not-begun: keepalived.service is not active',
    );
    await lab.exec('one', ['systemctl', 'start', 'etcd']);
    expect(await got({ kind: 'clock-skew', unit: 'etcd', byMs: 60_000 })).toContain('a program of Go');
    expect([
      undefined,
      "lab/fault-not-begun: this machine's kernel cannot: it has no netem (CONFIG_NET_SCH_*)",
    ]).toContain(await got({ kind: 'slow', delayMs: 200 }));
    const said = await lab.program.run('lab', 'fault', 'one', 'kill', '--unit', 'nginx');
    expect(said.code).toBe(1);
    expect(said.stderr).toContain('[lab/bad-fault]');
    expect(await lab.faults()).toEqual([]);
    expect(await isWell(lab)).toBe(true);
  });

  test('is listed with the time that is left, and healed from the command line', {
    timeout: LIMIT_MS,
  }, async () => {
    const { program } = lab;
    expect((await program.run('lab', 'fault', 'one', 'pause', '--for', '5m')).code).toBe(0);
    expect((await program.run('lab', 'fault', 'two', 'isolate', '--for', '9m')).code).toBe(0);
    expect((await program.run('lab', 'faults')).stdout).toMatch(
      /^one +pause +\d+m\d*s? ?left|^one +pause +5m left/m,
    );
    const ps = JSON.parse((await program.run('lab', 'ps', '--json')).stdout) as {
      hosts: { name: string; faults: { kind: string }[] }[];
    }[];
    expect(ps[0]?.hosts.map(({ name, faults }) => [name, ...faults.map(({ kind }) => kind)])).toEqual([
      ['one', 'pause'],
      ['two', 'isolate'],
      ['far'],
    ]);
    expect((await program.run('lab', 'heal', 'one')).stderr).toContain('one: pause has ended');
    expect((await lab.faults()).map(({ host }) => host)).toEqual(['two']);
    await program.run('lab', 'heal');
    expect(await lab.faults()).toEqual([]);
    expect(await isWell(lab)).toBe(true);
  });

  test('is over after a reset', { timeout: LIMIT_MS }, async () => {
    await lab.fault('one', { kind: 'kill' }, { forMs: LONG_MS });
    await lab.fault('two', { kind: 'isolate' }, { forMs: LONG_MS });
    await lab.reset();
    expect(await lab.faults()).toEqual([]);
    expect(await pings(lab, 'two', ONE)).toBe(true);
    await lab.exec('one', NGINX);
  });
});

describe.skipIf(labMissing !== undefined)(titleOf('a lab with faults', labMissing), () => {
  test('goes down without a trace in the middle of them', { timeout: LIMIT_MS }, async () => {
    let folder = 'none';
    await withLab({ site: SITE, name: 'down' }, async (lab) => {
      folder = lab.folder;
      onTestFinished(async () => await lab.down());
      await lab.exec('one', NGINX);
      for (const { fault } of stories.filter(
        (each) => each.fault.kind !== 'kill' && each.fault.kind !== 'pause',
      ))
        await lab.fault('one', fault, { forMs: LONG_MS });
      await lab.fault('one', { kind: 'pause' }, { forMs: LONG_MS });
      await lab.fault('two', { kind: 'kill' }, { forMs: LONG_MS });
      expect(traces(folder)).not.toEqual([]);
    });
    await until(() => traces(folder).length === 0, 'no trace is left');
  });
});

/** Processes that have the lab's folder in their command line, and loop devices of its disks. */
function traces(folder: string): string[] {
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  };
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const loops = readdirSync('/sys/block').map((name) => read(`/sys/block/${name}/loop/backing_file`));
  return [...pids.map((pid) => read(`/proc/${pid}/cmdline`)), ...loops].filter((text) =>
    text.includes(folder),
  );
}
