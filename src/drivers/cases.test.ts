import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { testDriverCases } from '../../test/driver-cases.ts';
import { drivers } from './registry.ts';

for (const driver of drivers) {
  const folder = join(import.meta.dirname, driver.name, 'cases');
  if (existsSync(folder)) testDriverCases(folder, driver);
}
