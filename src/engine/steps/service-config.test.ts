import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { namespaceMissing } from '../../../test/scratch-host.ts';
import { type StepWorld, Trial } from '../../../test/step-contract.ts';
import { putUnit, systemd, world } from '../../../test/step-worlds.ts';
import { serviceConfig } from './service-config.ts';

const suffix = namespaceMissing === undefined ? '' : ` (${namespaceMissing})`;

interface Site {
  readonly trial: Trial;
  readonly etc: string;
  unit(key: string): string;
}

/** A running nginx with `workers 1`; the step brings other content. */
async function within(content: string, more: object, work: (site: Site) => Promise<void>): Promise<void> {
  let folder = '';
  const kind = world({
    name: 'a running unit',
    options: systemd,
    async prepare(o) {
      folder = o.folder;
      writeFileSync(`${o.etc}/nginx.conf`, 'workers 1\n');
      await putUnit(o.state, 'nginx.service', {
        active: 'active',
        enabled: 'enabled',
        config: `${o.etc}/nginx.conf`,
      });
      return { unit: 'nginx', steadyMs: 500, files: [{ path: `${o.etc}/nginx.conf`, content }], ...more };
    },
  });
  await using opened: StepWorld = await kind.open();
  const unit = (key: string): string =>
    readFileSync(`${folder}/state/units/nginx.service/${key}`, 'utf8').trim();
  await work({ trial: new Trial(serviceConfig, opened), etc: `${folder}/etc`, unit });
}

describe.skipIf(namespaceMissing !== undefined)(`the configuration of a unit${suffix}`, () => {
  it('is taken back before the unit hears of it where its test refuses', () =>
    within(
      'workers many\n',
      { test: ['grep', '-qE', 'workers [0-9]+$', '/nowhere'] },
      async ({ trial, etc, unit }) => {
        await trial.capture();
        await expect(trial.apply()).rejects.toMatchObject({
          code: 'step/invalid-content',
          evidence: expect.stringContaining('No such file'),
        });
        expect(readFileSync(`${etc}/nginx.conf`, 'utf8')).toBe('workers 1\n');
        expect(() => unit('orders')).not.toThrow();
        expect(unit('orders')).not.toMatch(/reload|restart/);
      },
    ));

  it('shows the last words of a unit that does not start with it, and revert brings the unit back up', () =>
    within('broken\n', { how: 'restart' }, async ({ trial, unit }) => {
      await trial.capture();
      await expect(trial.apply()).rejects.toMatchObject({
        code: 'step/unit-failed',
        evidence: expect.stringContaining('unknown directive'),
      });
      expect(unit('active')).toBe('failed');
      await trial.revert();
      expect(unit('active')).toBe('active');
      expect(unit('loaded')).toBe('workers 1');
    }));

  it('does not believe a unit that dies again and again with it', () =>
    within('crash\n', { how: 'restart', steadyMs: 2_000 }, async ({ trial, unit }) => {
      await trial.capture();
      await expect(trial.apply()).rejects.toMatchObject({ code: 'step/unit-failed' });
      await trial.revert();
      expect(unit('loaded')).toBe('workers 1');
    }));

  it('is read again where a file it watches changed by other hands, and once only', () =>
    within('workers 1\n', {}, async ({ trial, etc, unit }) => {
      expect((await trial.check()).state).toBe('done');
      writeFileSync(`${etc}/certificate`, 'new');
      const watching = new Trial(serviceConfig, {
        ...trial.world,
        args: { ...(trial.args as object), watch: [`${etc}/certificate`] },
      });
      expect(await watching.check()).toMatchObject({
        state: 'todo',
        diff: { summary: 'reload-or-restart nginx.service' },
      });
      await watching.capture();
      await watching.apply();
      expect((await watching.check()).state).toBe('done');
      expect(unit('orders').match(/reload/g)).toHaveLength(1);
      writeFileSync(`${etc}/certificate`, 'newer');
      expect((await watching.check()).state).toBe('todo');
    }));

  it('says nothing without files, and refuses the same file twice', () => {
    const twice = { path: '/x', content: '' };
    expect(serviceConfig.args.safeParse({ unit: 'a' }).success).toBe(false);
    expect(serviceConfig.args.safeParse({ unit: 'a', files: [twice, twice] }).success).toBe(false);
    expect(
      serviceConfig.interrupts?.(serviceConfig.args.parse({ unit: 'a', watch: ['/x'], how: 'reload' })),
    ).toBe(false);
    expect(serviceConfig.interrupts?.(serviceConfig.args.parse({ unit: 'a', watch: ['/x'] }))).toBe(true);
  });
});
