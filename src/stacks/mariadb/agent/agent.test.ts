/**
 * The agent's decision, without a server: what it heard of both goes in as the files that its sessions write, what it
 * decides comes out of `role check` and of who would be promoted.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { NEVER_HERE } from '../../../site/endpoint-hooks.ts';

let folder: string;

/** Hundredths of a second since boot, as the script counts. */
function now(): number {
  return Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 100);
}

interface Heard {
  readonly agoMs?: number;
  readonly readOnly: boolean;
  readonly epoch?: number;
  readonly position?: string;
  readonly received?: string;
  readonly sqlError?: number;
}

function heard(
  name: 'local' | 'peer',
  { agoMs = 0, readOnly, epoch = 1, position = '-', received = '-', sqlError = 0 }: Heard,
): void {
  const sent = now() - Math.round(agoMs / 10);
  const line = `${sent} ${readOnly ? 1 : 0} 3000 ON 1 0 ${epoch} ${position} ${received} Yes ${sqlError === 0 ? 'Yes' : 'No'} 0 ${sqlError}\n`;
  writeFileSync(join(folder, 'run', name), line);
}

function level(agoMs: number): void {
  writeFileSync(join(folder, 'run/level'), `${now() - Math.round(agoMs / 10)}\n`);
}

function settings(availability: 'continue' | 'stop', witness = ''): void {
  const lines = [
    'me=db1 peer=db2 port=3306 account=repl ack_timeout_ms=3000 wanted_wait=3000 master_ssl=',
    `witness=${witness} availability=${availability} run=${folder}/run state=${folder}/state vip_run=${folder}/vip vip_state=${folder}/vip`,
  ];
  writeFileSync(join(folder, 'settings'), `${lines.join('\n')}\n`);
}

/** What the witness said of who may go on alone. */
function holder(name: string, agoMs = 0): void {
  writeFileSync(join(folder, 'run/holder'), `${now() - Math.round(agoMs / 10)} ${name}\n`);
}

/** Exit code of `role check` with a client that does nothing and succeeds: what is left is the decision. */
function check(): number | null {
  return spawnSync(join(folder, 'role'), ['check']).status;
}

function mayLead(): boolean {
  return check() === 0;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-role-'));
  for (const name of ['run', 'state', 'vip', 'bin']) mkdirSync(join(folder, name));
  const script = readFileSync(join(import.meta.dirname, 'role.sh'), 'utf8');
  writeFileSync(join(folder, 'role'), script.replace(' PATH=', ` PATH=${folder}/bin:`));
  writeFileSync(join(folder, 'bin/mariadb'), '#!/bin/sh\nexit 0\n');
  for (const name of ['role', 'bin/mariadb']) chmodSync(join(folder, name), 0o755);
  writeFileSync(join(folder, 'state/role'), 'standby\n');
  settings('continue');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a standby whose primary is silent', () => {
  beforeEach(() => {
    heard('local', { readOnly: true, position: '0-1-7' });
    heard('peer', { readOnly: false, agoMs: 5_000 });
  });

  test('leads while the proof that it is level holds', () => {
    level(1_500);
    expect(mayLead()).toBe(true);
  });

  test('does not lead once the primary may have acknowledged something alone', () => {
    level(2_500);
    expect(mayLead()).toBe(false);
  });

  test('leads also later under stop, where the primary never acknowledges alone', () => {
    settings('stop');
    level(60_000);
    expect(mayLead()).toBe(true);
  });

  test('does not lead without a proof, whatever the file says, and keeps the address away, though nobody else is well', () => {
    expect(check()).toBe(NEVER_HERE);
    settings('stop');
    expect(check()).toBe(NEVER_HERE);
  });
});

test('a host without room for what is written is not well, whatever it holds', () => {
  heard('local', { readOnly: true, position: '0-1-7' });
  heard('peer', { readOnly: true, position: '0-1-7' });
  expect(mayLead()).toBe(true);
  // It has no block to give.
  writeFileSync(join(folder, 'run/volumes'), '/proc\n');
  expect(check()).toBe(1);
});

test('a primary without room is well only where the other could not write either', () => {
  heard('local', { readOnly: false, position: '0-1-7' });
  heard('peer', { readOnly: true, position: '0-1-7' });
  writeFileSync(join(folder, 'run/volumes'), '/proc\n');
  const wrote = (lately: 0 | 1): void =>
    writeFileSync(
      join(folder, 'bin/mariadb'),
      `#!/bin/sh\ncase $* in *peer.cnf*"holdfast.beat WHERE node <> 'db1'"*) echo ${lately} ;; esac\n`,
    );
  wrote(1);
  expect(check()).toBe(1);
  wrote(0);
  expect(check()).toBe(0);
});

describe('a host whose peer answers', () => {
  beforeEach(() => heard('local', { readOnly: true, epoch: 4, position: '0-1-100' }));

  test.each([
    ['is writable', { readOnly: false, epoch: 4 }, false],
    ['led later', { readOnly: true, epoch: 5, position: '0-2-90' }, false],
    ['holds more of the same history', { readOnly: true, epoch: 4, position: '0-1-101' }, false],
    ['holds as much', { readOnly: true, epoch: 4, position: '0-1-100' }, true],
    ['led earlier, however much it holds', { readOnly: true, epoch: 3, position: '0-1-900' }, true],
  ])('leads or not where the peer %s', (_what, peer, leads) => {
    heard('peer', peer);
    expect(mayLead()).toBe(leads);
  });

  test('counts what is in the relay log as held', () => {
    heard('local', { readOnly: true, epoch: 4, position: '0-1-90', received: '0-1-101' });
    heard('peer', { readOnly: true, epoch: 4, position: '0-1-101' });
    expect(mayLead()).toBe(true);
  });

  test('does not lead, nor hold the address, where it cannot apply what it received', () => {
    heard('local', { readOnly: true, epoch: 4, position: '0-1-90', received: '0-1-101', sqlError: 1062 });
    heard('peer', { readOnly: true, epoch: 4, position: '0-1-101' });
    expect(mayLead()).toBe(false);
  });

  test('does not lead right after it was fenced for a switch', () => {
    heard('peer', { readOnly: true, epoch: 4, position: '0-1-100' });
    writeFileSync(join(folder, 'run/fenced'), `${now()}\n`);
    expect(mayLead()).toBe(false);
  });
});

describe('a host that was primary and comes back to silence', () => {
  beforeEach(() => {
    writeFileSync(join(folder, 'state/role'), 'primary\n');
    heard('local', { readOnly: true, epoch: 4, position: '0-1-100' });
  });

  test('leads where it is known to have been alone', () => {
    writeFileSync(join(folder, 'state/alone'), 'db2\n');
    expect(mayLead()).toBe(true);
  });

  test('does not lead otherwise, nor by an old proof: the other may have taken over', () => {
    level(0);
    expect(mayLead()).toBe(false);
  });
});

describe('with a witness, and a peer that is silent', () => {
  beforeEach(() => settings('continue', 'w1'));

  test.each([
    ['nobody goes on alone', '-', 0, true],
    ['it may itself', 'db1', 0, true],
    ['the other may', 'db2', 0, false],
    ['nothing, for long', '-', 60_000, false],
  ])('a standby that was level once is fit where the witness says %s', (_what, name, agoMs, leads) => {
    heard('local', { readOnly: true, position: '0-1-7' });
    level(60_000);
    holder(name, agoMs);
    expect(mayLead()).toBe(leads);
  });

  test('a standby that was level just now is fit although the witness is silent: it asks when it is to lead', () => {
    heard('local', { readOnly: true, position: '0-1-7' });
    level(500);
    holder('-', 60_000);
    expect(mayLead()).toBe(true);
  });

  test.each([
    ['nobody goes on alone', '-', 0, true],
    ['it may itself', 'db1', 0, true],
    ['the other may', 'db2', 0, false],
    ['nothing, for long', 'db1', 60_000, false],
  ])('a former primary leads again where the witness says %s', (_what, name, agoMs, leads) => {
    writeFileSync(join(folder, 'state/role'), 'primary\n');
    heard('local', { readOnly: true, epoch: 4, position: '0-1-100' });
    holder(name, agoMs);
    expect(mayLead()).toBe(leads);
  });

  test('a standby that was never level does not lead, whatever the witness says', () => {
    heard('local', { readOnly: true, position: '0-1-7' });
    holder('-');
    expect(mayLead()).toBe(false);
  });

  test('a standby whose copy is not whole does not lead', () => {
    heard('local', { readOnly: true, position: '0-1-7' });
    level(0);
    holder('-');
    expect(mayLead()).toBe(true);
    writeFileSync(join(folder, 'state/seeding'), '');
    expect(mayLead()).toBe(false);
  });
});

/**
 * A client whose sessions answer what the loop asks, and note everything else; `$ro`, `$epoch` and whatever else is theirs is
 * set first.
 */
function sessions(o: { own: string; peer: string; asked?: string; answer: string }): string {
  return `#!/bin/sh
case $* in *peer.cnf*) ${o.peer} ;; *) ${o.own} ;; esac
case $* in
${o.asked ?? ''}
*" -e "*) exit ;;
esac
while read -r line; do
  case $line in
  *"AS sent"*) sent=\${line#*\\'}; sent=\${sent%%\\'*} ;;
  *"AS done"*)
    printf '%s\\n' "sent: $sent" "ro: $ro" 'wait: 3000' "epoch: $epoch" 'semi: ON' 'clients: 1' 'oldest: 5'
    ${o.answer}
    echo 'done: x' ;;
  *) echo "$line" >>${statements()} ;;
  esac
done
`;
}
const statements = (): string => join(folder, 'statements');

/** Runs until the end of the test, with this client. */
function startLoop(client: string): void {
  writeFileSync(join(folder, 'bin/mariadb'), client);
  // A group of its own, which it ends itself.
  const loop = spawn(join(folder, 'role'), ['loop'], { stdio: 'ignore', detached: true });
  onTestFinished(() => void loop.kill());
}

test('a standby is level under writes that never pause, and stays so', { timeout: 30_000 }, async () => {
  // What this one has received is always 0.2 s behind what the other has written: the newest position is never here yet.
  const answer = `read -r up _ </proc/uptime
    at=0-1-$((\${up%.*}\${up#*.} - behind))
    echo "pos: $at"
    [ "$ro" = 0 ] || printf '%s\\n' "Gtid_IO_Pos: $at" 'Slave_IO_Running: Yes' 'Slave_SQL_Running: Yes'`;
  startLoop(sessions({ own: 'ro=1 epoch=4 behind=20', peer: 'ro=0 epoch=4 behind=0', answer }));
  const proof = join(folder, 'run/level');
  await expect.poll(() => existsSync(proof), { timeout: 20_000 }).toBe(true);
  const first = readFileSync(proof, 'utf8');
  // A later question is proven in its turn.
  await expect.poll(() => readFileSync(proof, 'utf8'), { timeout: 20_000 }).not.toBe(first);
  await expect
    .poll(() => readFileSync(join(folder, 'run/state'), 'utf8'), { timeout: 20_000 })
    .toBe('level\n');
});

test('a server that has another database now follows by what it holds now, not by what was heard of it', {
  timeout: 30_000,
}, async () => {
  // Heard: far beyond where the other took over. Asked: not so.
  const asked = `*"SELECT gtid"*) echo 0-1-900; exit ;;
*"SELECT @@read_only,"*) printf '1\\t4\\t0-1-50\\t0-1-50\\n'; exit ;;`;
  startLoop(sessions({ own: 'ro=1 epoch=4', peer: 'ro=0 epoch=5', asked, answer: "echo 'pos: 0-1-1000'" }));
  const said = (): string => (existsSync(statements()) ? readFileSync(statements(), 'utf8') : '');
  await expect.poll(said, { timeout: 20_000 }).toContain('CHANGE MASTER');
  expect(existsSync(join(folder, 'state/diverged'))).toBe(false);
});

test('a host that led when the other knows of nobody is diverged, though the other led earlier and writes', {
  timeout: 30_000,
}, async () => {
  writeFileSync(join(folder, 'bin/mariadb-binlog'), '#!/bin/sh\necho "$*"\n', { mode: 0o755 });
  const asked = `*"GROUP_CONCAT"*) echo "'3:db2'"; exit ;;
*"NOT IN ('3:db2')"*) echo 'at 0-1-40'; exit ;;
*"SELECT @@read_only,"*) printf '1\\t4\\t0-1-50\\t0-1-50\\n'; exit ;;`;
  startLoop(sessions({ own: 'ro=1 epoch=4', peer: 'ro=0 epoch=3', asked, answer: "echo 'pos: 0-1-50'" }));
  const note = join(folder, 'state/diverged');
  await expect.poll(() => existsSync(note), { timeout: 20_000 }).toBe(true);
  expect(readFileSync(readFileSync(note, 'utf8').trim(), 'utf8')).toContain('--start-position=0-1-40');
  expect(existsSync(statements()) ? readFileSync(statements(), 'utf8') : '').not.toContain('CHANGE MASTER');
});

test('a primary gives in to one that led later, which is fenced by now', { timeout: 30_000 }, async () => {
  writeFileSync(join(folder, 'state/role'), 'primary\n');
  startLoop(sessions({ own: 'ro=0 epoch=4', peer: 'ro=1 epoch=5', answer: "echo 'pos: 0-1-50'" }));
  const said = join(folder, 'run/said');
  await expect
    .poll(() => existsSync(said) && readFileSync(said, 'utf8'), { timeout: 20_000 })
    .toMatch(/^fenced/);
});

test('a primary that restarts before its address is laid out leads again', { timeout: 30_000 }, async () => {
  rmSync(join(folder, 'vip'), { recursive: true });
  writeFileSync(join(folder, 'state/role'), 'primary\n');
  writeFileSync(join(folder, 'state/alone'), 'db2\n');
  startLoop(sessions({ own: 'ro=1 epoch=1', peer: 'exit 1', answer: "echo 'pos: 0-1-50'" }));
  const said = join(folder, 'run/said');
  await expect
    .poll(() => existsSync(said) && readFileSync(said, 'utf8'), { timeout: 20_000 })
    .toMatch(/^promoted/);
});
