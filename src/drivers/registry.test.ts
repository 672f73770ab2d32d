import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { testDriver } from '../../test/driver-contract.ts';
import { worlds } from '../../test/driver-worlds.ts';
import { drivers } from './registry.ts';

describe('the registry of drivers', () => {
  test('has a driver for each folder, under the folder’s name', () => {
    const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((one) =>
      one.isDirectory(),
    );

    expect([...drivers.names].sort()).toEqual(folders.map((folder) => folder.name).sort());
  });

  test('has a world for each driver, in which the contract is tested', () => {
    expect(Object.keys(worlds).sort()).toEqual([...drivers.names].sort());
  });

  test.each([...drivers].map((driver) => [driver.name, driver] as const))(
    '%s says what it is in both languages',
    (_name, driver) => {
      expect(driver.summary.en).toMatch(/\.$/);
      expect(driver.summary.zh).toMatch(/。$/);
      expect(driver.supports.policies).toContain('failover');
    },
  );
});

for (const driver of drivers) {
  const world = worlds[driver.name];
  if (world !== undefined) testDriver(driver, world);
}
