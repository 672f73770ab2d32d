import { describe, expect, test } from 'vitest';
import { SimClock } from '../../test/sim-clock.ts';
import { siteOf } from '../../test/site.ts';
import { registry } from '../base/registry.ts';
import type { Connection, HostPool } from '../hosts/host.ts';
import { sh } from '../hosts/shell.ts';
import { stacks } from '../stacks/registry.ts';
import type { RestoreTrial, Stack, StoredBackup } from '../stacks/stack.ts';
import { drillRestore } from './restore.ts';

const site = siteOf(`
hosts: { one: 10.0.0.1, two: 10.0.0.2 }
stacks:
  base: { kind: baseline, hosts: one }
  more: { kind: baseline, hosts: two }
`);

function stored(host: string, id: string, beganMs: number): StoredBackup {
  return { host, id, beganMs, position: '', bytes: 1 };
}

const ALL = [stored('one', 'a', 1_000), stored('two', 'b', 3_000), stored('one', 'c', 2_000)];

/** Backups of the stack `base` alone; the host answers `said` to whatever it is told. */
function drill(request: Parameters<typeof drillRestore>[1], said = 'well', all = ALL) {
  const trial: RestoreTrial = {
    facts: [],
    backups: () => all,
    command: ({ id }) => sh`restore ${id}`,
    parse: (output) =>
      output === '' ? undefined : { phases: [], found: [], ...(output === 'well' ? {} : { broken: output }) },
  };
  const told: string[] = [];
  const host = (name: string) =>
    ({
      host: name,
      run: async ({ text }: { text: string }) => {
        told.push(`${name}: ${text}`);
        return { code: 0, stdout: said, stderr: 'first\nlast\n', tookMs: 1 };
      },
    }) as unknown as Connection;
  const hosts = { connect: async (name: string) => host(name) } as unknown as HostPool;
  // biome-ignore lint/suspicious/noExplicitAny: a family's members have different argument types
  const baseline: Stack<any> = {
    ...stacks.get('baseline'),
    restores: (_site, { name }) => (name === 'base' ? trial : undefined),
  };
  const clock = new SimClock();
  const world = {
    site,
    stacks: registry('stack', [baseline], ({ name }) => name),
    hosts,
    clock,
    signal: new AbortController().signal,
  };
  return { done: drillRestore(world, request), told };
}

describe('a restore on purpose', () => {
  test('takes the newest of all hosts, on the host that has it', async () => {
    const { done, told } = drill({});
    expect(await done).toMatchObject({ stack: 'base', backup: { id: 'b' } });
    expect(told).toEqual(['two: restore b']);
  });

  test('takes the newest of one host, or the one that is named', async () => {
    expect((await drill({ on: 'one' }).done).backup.id).toBe('c');
    expect((await drill({ from: 'a' }).done).backup.id).toBe('a');
  });

  test('tells of a backup that is broken, as a result', async () => {
    expect(await drill({}, 'table x is gone').done).toMatchObject({ broken: 'table x is gone' });
  });

  test('fails where it could not be tried, with the last word of the host', async () => {
    await expect(drill({}, '').done).rejects.toMatchObject({ code: 'drill/not-restored', got: 'last' });
  });

  test('fails where there is no such backup, and names those that are there', async () => {
    const { done } = drill({ from: 'a', on: 'two' });
    await expect(done).rejects.toMatchObject({
      code: 'drill/no-such-backup',
      got: 'a on one, b on two, c on one',
    });
    await expect(drill({}, 'well', []).done).rejects.toMatchObject({ got: 'none at all' });
  });

  test('fails where the stack that is named makes none', async () => {
    await expect(drill({ stack: 'more' }).done).rejects.toMatchObject({
      code: 'drill/no-backups',
      got: 'base',
    });
  });
});
