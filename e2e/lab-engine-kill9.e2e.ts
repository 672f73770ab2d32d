/**
 * Promise 4 on real hosts: `holdfast apply` over SSH, killed with SIGKILL at every boundary of its journal, once with
 * `resume` and once with `rollback` after it. What it had begun on the host goes on for a moment without it, as it
 * would at night. Three hosts are worked on at once; each cut begins on a host that is as before.
 */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { SystemClock } from '../src/base/clock.ts';
import { pictureOf } from '../test/host-picture.ts';
import { describeLab, type LabStories, type Operator } from '../test/lab-story.ts';
import type { Running } from '../test/program.ts';

const HOSTS = ['one', 'two', 'three'];
const clock = new SystemClock();
/** Under load a cut may come too late for its boundary; then it is tried again. */
const TRIES = 3;

/** Five steps of five kinds, each of which a cut can leave half-done. */
const site = (host: string): string => `
stacks:
  base:
    kind: baseline
    hosts: ${host}
    sysctl: { net.ipv4.ip_forward: 1 }
    files:
      - { path: /srv/kept, content: "new\\n" }
      - { path: /etc/nginx/conf.d/answer.conf, content: "server { listen 8080; }\\n", restart: nginx }
    services: [nginx]
    commands:
      - { name: init, run: [touch, /srv/done], creates: /srv/done, undo: [rm, -f, /srv/done] }
`;
/** Also takes back what a finished run has left. */
const LAY_OUT = `
systemctl disable --quiet --now nginx; systemctl reset-failed nginx
rm -rf /srv/* /srv/.[!.]* /etc/nginx/conf.d/* /etc/nginx/conf.d/.[!.]* /etc/sysctl.d/*holdfast* /var/lib/holdfast
sysctl -q net.ipv4.ip_forward=0
echo old >/srv/kept; chown games:adm /srv/kept; chmod 4640 /srv/kept
`;

interface Cut {
  readonly entry: number;
  readonly way: 'resume' | 'rollback';
}
interface Pictures {
  readonly before: string;
  readonly after: string;
}

const entriesOf = ({ program }: Operator): number => {
  try {
    return readFileSync(program.journalFile(), 'latin1').split('\n').length - 1;
  } catch {
    return 0;
  }
};

/** Kills the program as soon as its journal has so many entries. @returns how many it has then */
async function killAt(running: Running, operator: Operator, entry: number): Promise<number> {
  const deadlineMs = clock.monotonicMs() + 60_000;
  while (running.child.exitCode === null && entriesOf(operator) < entry) {
    if (clock.monotonicMs() > deadlineMs) throw new Error('it neither ends nor gets there');
    await clock.sleep(1);
  }
  running.child.kill('SIGKILL');
  await running.ended;
  return entriesOf(operator);
}

describeLab(
  'kill -9 over SSH',
  { name: 'kill9', hosts: HOSTS.map((host, at) => `${host}: 10.64.0.1${at}`).join('\n') },
  (stories) => {
    stories.story(
      'at every boundary of the journal resume and rollback both end whole',
      async (operator) => {
        const pictures = new Map<string, Pictures>();
        let entries = 0;
        for (const host of HOSTS) {
          await stories.on(host, LAY_OUT);
          operator.site(site(host));
          const before = await pictureOf(stories.lab, host);
          await operator.expects(0, 'apply', '--yes');
          entries = entriesOf(operator);
          pictures.set(host, { before, after: await pictureOf(stories.lab, host) });
        }
        const cuts = Array.from({ length: entries - 1 }, (_, at) => at + 1).flatMap((entry): Cut[] => [
          { entry, way: 'resume' },
          { entry, way: 'rollback' },
        ]);
        const total = cuts.length;
        const hits: Cut[] = [];
        await Promise.all(
          HOSTS.map(async (host) => {
            for (let cut = cuts.shift(); cut !== undefined; cut = cuts.shift())
              if (await survives(stories, host, cut, pictures.get(host) as Pictures)) hits.push(cut);
          }),
        );
        expect(entries).toBeGreaterThan(15);
        expect(hits.length, 'cuts that came exactly at their boundary').toBeGreaterThan(total / 2);
      },
      360_000,
    );
  },
);

/** Cuts a run on a host that is as before, and goes on or back. @returns whether it was cut where it was meant to be */
async function survives(
  { lab, on, operator }: LabStories,
  host: string,
  { entry, way }: Cut,
  { before, after }: Pictures,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    await on(host, LAY_OUT);
    const someone = operator(`${way}-${entry}-${attempt}`);
    someone.site(site(host));
    const running = someone.start('apply', '--yes');
    const at = await killAt(running, someone, entry);
    if (at !== entry && attempt < TRIES) {
      await lab.exec(host, 'sleep 0.3');
      continue;
    }
    const where = `${way} after a kill at entry ${at}`;
    const { code, stdout, stderr } = await someone.run(way, ...(way === 'rollback' ? ['--yes'] : []));
    // Too late for every boundary: then there is nothing left to resume.
    if (running.child.signalCode !== null) expect(code, `${where}\n${stdout}${stderr}`).toBe(0);
    expect(await pictureOf(lab, host), where).toBe(way === 'resume' ? after : before);
    return at === entry;
  }
}
