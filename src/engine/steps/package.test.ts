import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { namespaceMissing, type ScratchOptions } from '../../../test/scratch-host.ts';
import { Trial } from '../../../test/step-contract.ts';
import { putPackages, world } from '../../../test/step-worlds.ts';
import { packageKind } from './package.ts';
import { parseSimulation } from './parts/packages/apt.ts';
import { isWishedVersion } from './parts/packages/rpm.ts';

const suffix = namespaceMissing === undefined ? '' : ` (${namespaceMissing})`;
const APT: ScratchOptions = { namespace: true, standIns: ['apt-get', 'dpkg-query'] };
const YUM: ScratchOptions = {
  namespace: true,
  standIns: ['yum', 'rpm'],
  without: ['/usr/bin/dpkg-query', '/usr/bin/apt-get', '/usr/bin/dnf'],
};

describe.skipIf(namespaceMissing !== undefined)(`packages that others came to need${suffix}`, () => {
  it.each([
    ['apt', APT],
    ['yum', YUM],
  ] as const)('are not removed again by %s, and neither are the others', async (_name, options) => {
    let state = '';
    const kind = world({
      name: 'a host with nothing',
      options,
      prepare(o) {
        state = o.state;
        putPackages(o.state, { nginx: '1.0-1', module: '1.0-1 nginx' }, {});
        return { packages: [{ name: 'nginx' }] };
      },
    });
    await using opened = await kind.open();
    const trial = new Trial(packageKind, opened);
    await trial.capture();
    await trial.apply();
    writeFileSync(`${state}/installed/module`, '1.0-1\n');
    const before = await opened.snapshot();
    await expect(trial.revert()).rejects.toMatchObject({
      code: 'step/revert-would-remove-more',
      got: expect.stringContaining('module'),
    });
    expect(await opened.snapshot()).toEqual(before);
  });
});

describe('what apt would do', () => {
  it('is read with versions before, architectures and trailing marks', () => {
    const output = [
      'NOTE: This is only a simulation!',
      'Inst libjq1 [1.6-2.1+deb12u1] (1.6-2.1+deb12u3 Debian-Security:12/oldstable-security [amd64]) []',
      'Inst gcc-12-base:i386 (12.2.0-14+deb12u1 Debian:12.11/stable [i386])',
      'Conf libjq1 (1.6-2.1+deb12u3 Debian-Security:12/oldstable-security [amd64])',
    ].join('\n');
    expect(parseSimulation(output)).toEqual({
      installs: new Map([
        ['libjq1', '1.6-2.1+deb12u3'],
        ['gcc-12-base', '12.2.0-14+deb12u1'],
      ]),
      added: ['gcc-12-base'],
    });
  });
});

describe('a version of an rpm package', () => {
  it('may leave out epoch and release, and nothing else', () => {
    const installed = '32:9.11.4-26.P2.el7_9.16';
    for (const version of [installed, '9.11.4-26.P2.el7_9.16', '9.11.4', '32:9.11.4', undefined]) {
      expect(isWishedVersion(installed, { name: 'bind', version }), version).toBe(true);
    }
    for (const version of ['9.11', '9.11.4-26', '31:9.11.4', '9.11.4-26.P2.el7']) {
      expect(isWishedVersion(installed, { name: 'bind', version }), version).toBe(false);
    }
    expect(isWishedVersion(undefined, { name: 'bind' })).toBe(false);
  });
});

describe('arguments of packages', () => {
  it('are exact names: no patterns, options, files or tasks', () => {
    const parse = (name: string): boolean => packageKind.args.safeParse({ packages: [{ name }] }).success;
    for (const name of ['nginx', 'libstdc++6', 'python3.11', 'gcc-12-base', 'NetworkManager'])
      expect(parse(name)).toBe(true);
    for (const name of ['', '-y', 'nginx*', './x.deb', 'kde^', 'a=1', 'nginx-', 'a b'])
      expect(parse(name), name).toBe(name === 'nginx-');
  });
});
