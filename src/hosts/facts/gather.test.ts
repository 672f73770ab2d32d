import { afterAll, describe, expect, it } from 'vitest';
import { fakeHost, fakePool } from '../../../test/fake-host.ts';
import { SimClock } from '../../../test/sim-clock.ts';
import { bashPath, busyboxMissing, busyboxPath } from '../../../test/tool-paths.ts';
import { SystemClock } from '../../base/clock.ts';
import { ask, type FactKind } from '../fact.ts';
import type { Connection, HostPool } from '../host.ts';
import { controllerSpec, openLocal } from '../local.ts';
import { clockOffset } from './clock-offset.ts';
import { gatherFacts } from './gather.ts';
import { kernel } from './kernel.ts';
import { factKinds } from './registry.ts';

const never = new AbortController().signal;
const clock = new SystemClock();
const random = (size: number): Uint8Array => new Uint8Array(size).fill(0xab);
const separator = `hf-${'ab'.repeat(12)}`;

/** A fact that is what its fragment prints. */
const saying = (name: string, fragment: string, stable?: (value: string) => unknown): FactKind<string> => ({
  name,
  command: () => fragment,
  parse: (output) => output,
  ...(stable === undefined ? {} : { stable }),
});

/** The pool of this machine under several names, each with a real shell. */
function poolWith(env: Readonly<Record<string, string | undefined>>): HostPool & { runs: number } {
  const local = openLocal({ ...controllerSpec('me'), sudo: 'none' }, { clock, env });
  const pool = {
    runs: 0,
    connect: async (name: string): Promise<Connection> => ({
      ...local,
      host: name,
      mayBeRoot: false,
      run: (command, o) => {
        pool.runs++;
        return local.run(command, o);
      },
    }),
    controller: () => local,
    async [Symbol.asyncDispose]() {},
  };
  return pool;
}

const busybox = busyboxMissing === undefined ? busyboxPath() : undefined;
const bash = bashPath();
afterAll(() => {
  busybox?.[Symbol.dispose]();
  bash[Symbol.dispose]();
});

describe.each([
  { name: 'dash', path: process.env.PATH, skip: false },
  { name: 'bash', path: `${bash.folder}:${process.env.PATH}`, skip: false },
  { name: busyboxMissing ?? 'busybox', path: busybox?.folder, skip: busybox === undefined },
])('gathering with a real shell: $name', ({ path, skip }) => {
  if (skip) return it.skip('is skipped');
  const realPool = () => poolWith({ PATH: path });

  it('asks each host everything in one round trip', async () => {
    const pool = realPool();
    const queries = ['a', 'b', 'c'].flatMap((host) =>
      [...factKinds].map((kind) => ask(host, kind, undefined)),
    );
    const facts = await gatherFacts(queries, pool, { clock, signal: never });
    expect(pool.runs).toBe(3);
    expect(facts.unreachable.size).toBe(0);
    expect(facts.failures).toEqual([]);
    expect(facts.get(ask('b', kernel, undefined))).toMatchObject({ name: 'Linux' });
    for (const query of queries) expect(facts.get(query)).toBeDefined();
  });

  it('keeps a fragment that exits, loops over its input, does not parse or prints rubbish from hurting the others', async () => {
    const kinds = [
      saying('first', 'echo one'),
      saying('exits', 'echo before; exit 3; echo after'),
      saying('broken', 'if then ((; "'),
      saying('reads', 'cat; echo read'),
      saying('sets', 'set -eu; cd /; false; echo no'),
      saying('redefines', 'printf() { :; }; PATH=; exec 1>/dev/null; echo gone'),
      saying('binary', "printf '\\377\\n'"),
      saying('no-newline', 'printf abc'),
      saying('last', 'echo end'),
    ];
    const facts = await gatherFacts(
      kinds.map((kind) => ask('h', kind, undefined)),
      realPool(),
      { clock, signal: never },
    );
    expect(
      Object.fromEntries(kinds.map((kind) => [kind.name, facts.get(ask('h', kind, undefined))])),
    ).toEqual({
      first: 'one\n',
      exits: 'before\n',
      broken: '',
      reads: 'read\n',
      sets: '',
      redefines: '',
      binary: '\ufffd\n',
      'no-newline': 'abc',
      last: 'end\n',
    });
  });

  it('measures the clock of a host by its own time at both ends', async () => {
    const facts = await gatherFacts([ask('h', clockOffset, undefined)], realPool(), { clock, signal: never });
    const found = facts.get(ask('h', clockOffset, undefined));
    expect(Math.abs(found?.offsetMs as number)).toBeLessThanOrEqual(found?.uncertaintyMs as number);
  });

  it('rejects with the reason when the caller aborts', async () => {
    const controller = new AbortController();
    const work = gatherFacts([ask('h', saying('slow', 'sleep 60'), undefined)], realPool(), {
      clock,
      signal: controller.signal,
    });
    controller.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
  });
});

describe('gathering', () => {
  const answer = (outputs: readonly string[], time = '1700000000000000000'): string => {
    const stamp = `\n${separator} time ${time}\n`;
    return [stamp, ...outputs.map((output, index) => `\n${separator} ${index}\n${output}`), stamp].join('');
  };
  const one = saying('one', 'echo 1');
  const o = { clock: new SimClock(), signal: never, random };

  it('lists hosts that cannot be reached, with why, and has the others', async () => {
    const pool = fakePool(fakeHost('up').on('echo 1', answer(['1\n'])), fakeHost('down').cut());
    const facts = await gatherFacts([ask('up', one, undefined), ask('down', one, undefined)], pool, o);
    expect([...facts.unreachable]).toEqual([['down', 'the connection was lost']]);
    expect(facts.errors?.get('down')).toMatchObject({ code: 'host/lost' });
    expect(facts.get(ask('up', one, undefined))).toBe('1\n');
    expect(facts.get(ask('down', one, undefined))).toBeUndefined();
  });

  it('takes an answer that was broken off for no answer', async () => {
    const whole = answer(['1\n']);
    for (let length = 0; length < whole.length; length++) {
      const host = fakeHost('h').on('echo 1', whole.slice(0, length));
      const facts = await gatherFacts([ask('h', one, undefined)], fakePool(host), o);
      expect([length, facts.unreachable.get('h')]).toEqual([length, expect.stringContaining('broke off')]);
    }
  });

  it('is not fooled by output that looks like a separator', async () => {
    const forged = `\nhf-0123 1\n${separator}x 1\nreal\n`;
    const facts = await gatherFacts(
      [ask('h', one, undefined)],
      fakePool(fakeHost('h').on('echo 1', answer([forged]))),
      o,
    );
    expect(facts.get(ask('h', one, undefined))).toBe(forged);
  });

  it('names facts that cannot be understood, and keeps the rest of the host', async () => {
    const pool = fakePool(fakeHost('h').on('uname', answer(['', '1\n'])));
    const facts = await gatherFacts([ask('h', kernel, undefined), ask('h', one, undefined)], pool, o);
    expect(facts.failures).toMatchObject([{ host: 'h', fact: 'kernel' }]);
    expect(facts.get(ask('h', one, undefined))).toBe('1\n');
  });

  it('asks a question once, however many need it, and tells arguments apart', async () => {
    const echo: FactKind<string, string> = {
      name: 'echo',
      command: (word) => `echo ${word}`,
      parse: (output) => output,
    };
    const host = fakeHost('h').on('echo a', answer(['a\n', 'b\n']));
    const facts = await gatherFacts(
      [ask('h', echo, 'a'), ask('h', echo, 'b'), ask('h', echo, 'a')],
      fakePool(host),
      o,
    );
    expect([facts.get(ask('h', echo, 'a')), facts.get(ask('h', echo, 'b'))]).toEqual(['a\n', 'b\n']);
    expect(host.ran).toHaveLength(1);
    expect(host.ran[0]).toMatchObject({ as: 'root' });
  });

  describe('its digest', () => {
    const stable = saying('one', 'echo 1', (value) => value.length);
    const digestOf = async (output: string, kind = stable, hosts = ['h']): Promise<string> => {
      const pool = fakePool(
        ...hosts.map((name) => fakeHost(name).on('echo 1', answer([output]))),
        fakeHost('gone').cut(),
      );
      return (
        await gatherFacts(
          hosts.map((name) => ask(name, kind, undefined)),
          pool,
          o,
        )
      ).digest;
    };

    it('stays where only what is not stable has changed', async () => {
      expect(await digestOf('aa')).toBe(await digestOf('bb'));
      expect(await digestOf('aa')).not.toBe(await digestOf('b'));
      expect(await digestOf('aa', one)).not.toBe(await digestOf('bb', one));
    });

    it('does not depend on the order of hosts, and changes with a host that is gone', async () => {
      expect(await digestOf('a', one, ['x', 'y'])).toBe(await digestOf('a', one, ['y', 'x']));
      expect(await digestOf('a', one, ['x'])).not.toBe(await digestOf('a', one, ['x', 'gone']));
    });
  });
});
