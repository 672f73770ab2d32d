import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noFacts } from '../../../test/facts.ts';
import { namespaceMissing, type ScratchHost, scratchHost, treeOf } from '../../../test/scratch-host.ts';
import { catalog, siteOf } from '../../../test/site.ts';
import { Trial } from '../../../test/step-contract.ts';
import { putPackages, putUnit } from '../../../test/step-worlds.ts';
import { inOrder } from '../../engine/graph.ts';
import type { Step } from '../../engine/step.ts';
import { loadSite } from '../../site/load.ts';
import type { Site, StackSpec } from '../../site/model.ts';
import { baseline } from './index.ts';
import type { BaselineSpec } from './schema.ts';

const suffix = namespaceMissing === undefined ? '' : ` (${namespaceMissing})`;

function planOf(site: Site): readonly Step[] {
  const [stack] = [...site.stacks.values()] as [StackSpec<BaselineSpec>];
  return inOrder(baseline.plan(site, stack, noFacts, { kind: 'build' }));
}

function trialOf(step: Step, host: ScratchHost): Trial {
  return new Trial(catalog.stepKinds.get(step.kind), {
    host,
    clock: host.clock,
    args: step.args,
    snapshot: async () => undefined,
    trace: async () => undefined,
    [Symbol.asyncDispose]: async () => {},
  });
}

describe.skipIf(namespaceMissing !== undefined)(`a baseline of every kind${suffix}`, () => {
  it('is done, then has nothing more to do, and comes back whole in reverse', async () => {
    await using host = await scratchHost({
      namespace: true,
      standIns: ['apt-get', 'dpkg-query', 'systemctl', 'journalctl'],
    });
    const state = join(host.folder, 'state');
    const srv = join(host.folder, 'srv');
    mkdirSync(state);
    putPackages(state, { nginx: '1.22.1-9 nginx-common', 'nginx-common': '1.22.1-9' }, { bash: '5.2.15-2' });
    await putUnit(state, 'nginx.service', {
      active: 'inactive',
      enabled: 'disabled',
      config: `${srv}/conf/nginx.conf`,
    });
    const site = siteOf(`
hosts: { a: 10.0.0.1 }
stacks:
  base:
    kind: baseline
    hosts: a
    hostsFile: { absent: [www.site.example], entries: [{ address: 10.0.0.9, names: [mirror.site.example] }] }
    packages: [nginx]
    sysctl: { net.ipv4.ip_forward: 1 }
    directories: [{ path: ${srv}/conf, mode: '0750' }]
    files:
      - { path: ${srv}/conf/nginx.conf, content: "workers 2;\\n", reload: nginx }
      - { path: ${srv}/conf/motd, content: "hello\\n" }
    services: [{ unit: nginx, test: [grep, -q, workers, ${srv}/conf/nginx.conf] }]
    commands:
      - { name: mark, run: [touch, ${srv}/mark], creates: ${srv}/mark, undo: [rm, -f, ${srv}/mark] }
`);
    const look = async (): Promise<unknown> => {
      const text = 'cat /etc/hosts /proc/sys/net/ipv4/ip_forward; ls /etc/sysctl.d';
      const { stdout } = await host.run(
        { text },
        { timeoutMs: 10_000, signal: new AbortController().signal },
      );
      return [treeOf(host.folder, (name) => ['started', 'orders'].includes(name)), stdout];
    };
    const before = await look();
    const trials = planOf(site).map((step) => trialOf(step, host));
    expect(new Set(trials.map(({ kind }) => kind.kind)).size).toBe(8);
    for (const trial of trials) {
      expect((await trial.check()).state, trial.kind.kind).toBe('todo');
      await trial.capture();
      await trial.apply();
      await trial.verify();
    }
    expect(readFileSync(`${state}/units/nginx.service/loaded`, 'utf8')).toBe('workers 2;\n');
    for (const step of planOf(site)) {
      expect((await trialOf(step, host).check()).state, step.id).toBe('done');
    }
    for (const trial of trials.toReversed()) await trial.revert();
    expect(await look()).toEqual(before);
  }, 60_000);
});

describe('a source', () => {
  const write = (content: string | Uint8Array, work: (site: Site, folder: string) => void): void => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-source-'));
    try {
      mkdirSync(join(folder, 'files'));
      writeFileSync(join(folder, 'files/motd'), content);
      const text =
        'apiVersion: holdfast/v1\nkind: Site\nmetadata: { name: t }\nhosts: { a: 10.0.0.1 }\nstacks:\n  base: { kind: baseline, hosts: all, files: [{ path: /etc/motd, source: files/motd }] }\n';
      const { site } = loadSite({ file: join(folder, 'site.yaml'), text, schemas: catalog.siteSchemas });
      if (site === undefined) throw new Error('the test has a wrong site');
      work(site, folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

  it('is found beside the site file, and stands in the plan', () => {
    write('你好\n', (site) =>
      expect(planOf(site)[0]?.args).toEqual({ path: '/etc/motd', content: '你好\n' }),
    );
  });

  it('that is missing, too large or no text is named with its place in the site file', () => {
    write('x', (site, folder) => {
      rmSync(join(folder, 'files/motd'));
      expect(() => planOf(site)).toThrow(
        expect.objectContaining({
          code: 'baseline/source-unreadable',
          got: 'ENOENT',
          where: { position: expect.objectContaining({ line: 6 }) },
        }),
      );
    });
    write('x'.repeat(2 ** 20 + 1), (site) =>
      expect(() => planOf(site)).toThrow(expect.objectContaining({ code: 'baseline/source-too-large' })),
    );
    write(Uint8Array.of(0xff), (site) =>
      expect(() => planOf(site)).toThrow(expect.objectContaining({ code: 'baseline/source-not-text' })),
    );
  });
});

describe('the spec of a baseline', () => {
  const problem = (spec: object): string | undefined =>
    baseline.spec
      .safeParse({ hosts: 'all', ...spec })
      .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)[0];

  it('explains what is wrong', () => {
    const file = { path: '/etc/x', content: '' };
    expect(problem({ files: [file, file] })).toBe("files.1: '/etc/x' is named twice");
    expect(problem({ files: [{ path: '/etc/x' }] })).toBe(
      'files.0: expected exactly one of content, source, contentFrom and absent',
    );
    expect(problem({ files: [{ ...file, reload: 'a', restart: 'a' }] })).toBe(
      'files.0: expected reload or restart, not both',
    );
    expect(problem({ directories: [{ path: '/srv', mode: 755 }] })).toBe(
      "directories.0.mode: expected a mode in quotes such as '0644', got 755",
    );
    expect(problem({ commands: [{ name: 'a', run: ['true'] }] })).toBe(
      'commands.0: expected exactly one of unless and creates: how to tell that it was done',
    );
    expect(problem({ packages: ['a b'] })).toContain('packages.0');
    expect(problem({ packages: ['a', { name: 'a' }] })).toBe("packages.1: 'a' is named twice");
  });

  it('has hosts of the site only, and no defaults for them', () => {
    expect(baseline.spec.safeParse({}).success).toBe(false);
    expect(() => siteOf('hosts: { a: 10.0.0.1 }\nstacks: { base: { kind: baseline, hosts: [b] } }')).toThrow(
      /'b'/,
    );
  });
});
