/**
 * The engine on real hosts: Debian with systemd, apt and nginx, over SSH, with the real program. What is proven over
 * plain sshd (`engine-*.e2e.ts`) is not told again; here is what needs a machine of its own: units that really start,
 * packages, power cuts, networks.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { pictureOf } from '../test/host-picture.ts';
import { describeLab } from '../test/lab-story.ts';
import { until } from '../test/until.ts';

const HOSTS = `
whole: 10.62.0.11
power: 10.62.0.12
odd: 10.62.0.13
gate: 10.62.0.10
inner: { address: 10.62.1.11, user: ops, jump: gate, sudo: { password: 'env:INNER' } }
`;
const GREETER = readFileSync(join(import.meta.dirname, '../test/greeter-package.sh'), 'utf8');

const nginx = (answer: string): string => `server { listen 8080; return 200 '${answer}\\\\n'; }`;
const baseline = (host: string, rest: string): string =>
  `stacks:\n  base:\n    kind: baseline\n    hosts: ${host}\n${rest.replaceAll(/^(?=.)/gm, '    ')}`;

/** One of each kind of step that a baseline has. */
const WHOLE = baseline(
  'whole',
  `packages: [greeter]
sysctl: { net.ipv4.ip_forward: 1 }
directories:
  - { path: /srv/data/deep, mode: '0750', owner: www-data, group: adm }
files:
  - { path: /srv/data/deep/motd, content: "Welcome\\n", mode: '0604', owner: games }
  - { path: /srv/kept, content: "new\\n" }
  - { path: /srv/legacy, absent: true }
  - { path: /srv/token, contentFrom: 'env:TOKEN' }
  - { path: /etc/nginx/conf.d/answer.conf, content: "${nginx('here')}\\n", reload: nginx }
services:
  - { unit: nginx, test: [nginx, -t] }
  - greeter
commands:
  - { name: init, run: [touch, /srv/initialised], creates: /srv/initialised, undo: [rm, -f, /srv/initialised] }
hostsFile:
  entries: [{ address: 192.0.2.1, names: [repo.example.com] }]
  absent: [registry.example.com]`,
);
const BEFORE = `
echo old >/srv/kept; chown games:adm /srv/kept; chmod 4751 /srv/kept
echo 'nobody needs it' >/srv/legacy; chown daemon:games /srv/legacy; chmod 604 /srv/legacy
echo '192.0.2.7 registry.example.com other # of an installer' >>/etc/hosts
`;

/** Tells on the host that it is at work, and waits until it is told to go on. */
const waiting = (host: string): string =>
  baseline(
    host,
    `files: [{ path: /srv/first, content: "1\\n" }]
commands:
  - name: wait
    run: [sh, -c, 'touch /run/begun; while [ ! -e /run/go ]; do sleep 0.1; done; touch /srv/waited']
    creates: /srv/waited
    undo: [rm, -f, /srv/waited]
  - { name: last, run: [touch, /srv/last], creates: /srv/last, undo: [rm, -f, /srv/last] }`,
  );

describeLab('the engine on Debian hosts', { name: 'engine', hosts: HOSTS }, (stories) => {
  const { story, on } = stories;
  const picture = async (host: string): Promise<string> => await pictureOf(stories.lab, host);
  const answerOf = async (host: string): Promise<string> => await on(host, 'curl -sS http://127.0.0.1:8080/');
  const isOn = async (host: string, path: string): Promise<boolean> =>
    (await stories.lab.exec(host, ['test', '-e', path])).code === 0;

  story('changes a host in every way there is, then nothing, then takes all of it back', async (operator) => {
    operator.program.env.TOKEN = 'correct horse battery staple';
    await on('whole', GREETER);
    await on('whole', BEFORE);
    const before = await picture('whole');
    operator.site(WHOLE);

    const planned = await operator.expects(3, 'plan');
    expect(planned.stdout).toContain('net.ipv4.ip_forward: 0 → 1');
    const applied = await operator.expects(0, 'apply', '--yes');
    expect(applied.stderr).toContain('succeeded');
    expect(await answerOf('whole')).toBe('here\n');
    expect(await on('whole', 'socat -u TCP:127.0.0.1:7777 -')).toBe('good evening\n');
    expect(
      await on('whole', "stat -c '%A %U:%G' /srv/data/deep /srv/data/deep/motd /srv/kept /srv/token"),
    ).toBe('drwxr-x--- www-data:adm\n-rw----r-- games:root\n-rwsr-x--x games:adm\n-rw------- root:root\n');
    expect(await on('whole', 'cat /srv/token')).toBe(operator.program.env.TOKEN);
    expect(await on('whole', 'systemctl is-enabled nginx greeter')).toBe('enabled\nenabled\n');
    expect(await on('whole', 'getent hosts repo.example.com')).toContain('192.0.2.1');
    expect(await on('whole', 'cat /etc/hosts')).toContain('192.0.2.7 other # of an installer');
    const again = await operator.expects(0, 'apply', '--yes');
    expect(again.stdout).toMatch(/^nothing to change: \d+ steps as wanted\n$/);

    await operator.expects(0, 'rollback', '--yes');
    expect(await picture('whole')).toBe(before);
  });

  story('a reboot in between changes nothing: what was made is there at boot', async (operator) => {
    await on('power', GREETER);
    const before = await picture('power');
    operator.site(
      baseline('power', 'packages: [greeter]\nservices: [greeter]\nsysctl: { net.core.somaxconn: 5000 }'),
    );
    await operator.expects(0, 'apply', '--yes');
    await stories.lab.powerOff('power');
    await stories.lab.powerOn('power');
    await until(async () => (await stories.lab.exec('power', 'systemctl is-active greeter')).code === 0);
    const again = await operator.expects(0, 'apply', '--yes');
    expect(again.stdout).toContain('nothing to change');
    await operator.expects(0, 'rollback', '--yes');
    expect(await picture('power')).toBe(before);
  });

  for (const [way, host] of [
    ['resume', 'power'],
    ['rollback', 'power'],
  ] as const) {
    story(
      `a power cut of the host in the middle of a step; after it has booted, ${way} ends whole`,
      async (operator) => {
        const before = await picture(host);
        operator.site(waiting(host));
        const running = operator.start('apply', '--yes');
        await until(() => isOn(host, '/run/begun'), 'the command is at work');
        await stories.lab.powerOff(host);
        const { code, stderr } = await running.ended;
        expect(code, stderr).toBe(1);
        expect(stderr).toMatch(/error: .*\(host power, step base\/power\/command\/wait/);
        const [run] = operator.program.runs();
        expect(stderr).toContain(`to go on:   holdfast resume ${run}`);
        const off = await operator.run(way, '--yes');
        expect(off.code, off.stderr).not.toBe(0);

        await stories.lab.powerOn(host);
        await on(host, 'touch /run/go');
        if (way === 'resume') {
          await operator.expects(0, 'resume');
          expect(await isOn(host, '/srv/last')).toBe(true);
        }
        await operator.expects(0, 'rollback', ...(way === 'resume' ? [String(run)] : []), '--yes');
        expect(await picture(host)).toBe(before);
        await on(host, 'rm -f /run/go /run/begun');
      },
    );
  }

  story('of two operators the second is told who is at work; the first is not disturbed', async (first) => {
    first.site(waiting('odd'));
    const second = stories.operator('colleague');
    second.site(waiting('odd'));
    const running = first.start('apply', '--yes');
    await until(() => isOn('odd', '/run/begun'), 'the command is at work');
    const refused = await second.expects(4, 'apply', '--yes');
    expect(refused.stderr).toMatch(/odd is locked by tester on \S+ since \d{4}-\S+Z, for the run/);
    await on('odd', 'touch /run/go');
    expect((await running.ended).code).toBe(0);
    expect((await second.expects(0, 'apply', '--yes')).stdout).toContain('nothing to change');
    await first.expects(0, 'rollback', '--yes');
    await on('odd', 'rm -f /run/go /run/begun');
  });

  story('behind a bastion, as a user whose sudo asks for a password', async (operator) => {
    await on(
      'inner',
      `nft -f - <<'RULES'
table inet guard {
  chain input {
    type filter hook input priority 0; policy accept;
    tcp dport 22 ip saddr != 10.62.0.10 drop
  }
}
RULES`,
    );
    const direct = await stories.lab.run(['bash', '-c', 'timeout 1 bash -c "</dev/tcp/10.62.1.11/22"']);
    expect(direct.code, 'nobody but the bastion gets there').not.toBe(0);
    const before = await picture('inner');
    operator.site(
      baseline(
        'inner',
        `files: [{ path: /srv/motd, content: "Welcome\\n", mode: '0600' }]\nservices: [nginx]`,
      ),
    );
    await operator.expects(0, 'apply', '--yes');
    expect(await on('inner', "stat -c '%a %U' /srv/motd")).toBe('600 root\n');
    expect(await on('inner', 'journalctl -u ssh --grep "Accepted publickey for ops"')).toContain(
      '10.62.0.10',
    );
    await operator.expects(0, 'rollback', '--yes');
    expect(await picture('inner')).toBe(before);

    const password = (await on('inner', 'getent shadow ops | cut -d: -f2')).trim();
    await on('inner', 'echo ops:changed | chpasswd');
    const wrong = await operator.expects(4, 'plan');
    expect(wrong.stderr).toMatch(/error \S+ host 'inner' cannot be worked on: .*sudo/);
    await on('inner', ['usermod', '-p', password, 'ops']);
  });

  story('a host key that has changed is refused, with the line that holds the old one', async (operator) => {
    operator.site(baseline('odd', `files: [{ path: /srv/motd, content: "Welcome\\n" }]`));
    const key = '/etc/ssh/ssh_host_ed25519_key';
    await on(
      'odd',
      `cp -a ${key} /root/key && rm ${key}* && ssh-keygen -q -t ed25519 -N '' -f ${key} && systemctl restart ssh`,
    );
    const { stderr } = await operator.expects(4, 'apply', '--yes');
    expect(stderr).toMatch(/known_hosts:\d+/);
    expect(stderr).toContain('ssh-keygen -R');
    expect(stderr).toContain('nothing was touched');
    expect(await isOn('odd', '/srv/motd')).toBe(false);
    await on(
      'odd',
      `cp -a /root/key ${key} && rm ${key}.pub && ssh-keygen -y -f ${key} >${key}.pub && systemctl restart ssh`,
    );
    await operator.expects(3, 'plan');
  });

  story(
    'a service that does not start: its journal is shown, and the rollback has it run as before',
    async (operator) => {
      operator.site(baseline('odd', `services: [nginx]`));
      await operator.expects(0, 'apply', '--yes');
      const before = await picture('odd');
      operator.site(
        baseline(
          'odd',
          `files: [{ path: /etc/nginx/conf.d/bad.conf, content: "listen nowhere;\\n", restart: nginx }]`,
        ),
      );
      const { stderr } = await operator.expects(1, 'apply', '--yes');
      expect(stderr).toContain('[step/unit-failed]');
      expect(stderr).toMatch(/\| .*nginx.*"listen" directive is not allowed here/);
      await operator.expects(0, 'rollback', '--yes');
      expect(await picture('odd')).toBe(before);
      expect(await on('odd', 'systemctl is-active nginx')).toBe('active\n');
    },
  );

  story('a full disk is said before anything is begun; the old file stays', async (operator) => {
    await on('odd', 'echo old >/srv/file');
    operator.site(baseline('odd', `files: [{ path: /srv/file, content: "${'0123456789'.repeat(20_000)}" }]`));
    const full = await stories.lab.fault('odd', { kind: 'full-disk' }, { forMs: 600_000 });
    const { stderr } = await operator.expects(1, 'apply', '--yes');
    expect(stderr).toContain('[host/disk-full]');
    expect(await on('odd', 'cat /srv/file')).toBe('old\n');
    await full.end();
    expect((await operator.expects(0, 'locks')).stderr).toContain('no host is locked');
    await operator.expects(0, 'apply', '--yes');
    await operator.expects(0, 'rollback', '--yes');
    expect(await on('odd', 'cat /srv/file; rm /srv/file')).toBe('old\n');
  });

  story(
    'a disk that fills up in the middle: the run stops, and with room again resume goes on',
    async (operator) => {
      const before = await picture('odd');
      operator.site(
        waiting('odd').replace(
          '  - { name: last, run: [touch, /srv/last]',
          `  - { name: last, run: [cp, /bin/bash, /srv/last]`,
        ),
      );
      const running = operator.start('apply', '--yes');
      await until(() => isOn('odd', '/run/begun'), 'the command is at work');
      const full = await stories.lab.fault('odd', { kind: 'full-disk' }, { forMs: 600_000 });
      await on('odd', 'touch /run/go');
      const { code, stderr } = await running.ended;
      expect(code, stderr).toBe(1);
      expect(stderr).toContain('No space left on device');
      await full.end();
      await operator.expects(0, 'resume');
      await operator.expects(0, 'rollback', '--yes');
      expect(await picture('odd')).toBe(before);
      await on('odd', 'rm -f /run/go /run/begun');
    },
  );
});
