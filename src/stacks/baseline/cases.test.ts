import { join } from 'node:path';
import { testStackCases } from '../../../test/stack-cases.ts';
import { baseline } from './index.ts';

testStackCases(join(import.meta.dirname, 'cases'), baseline);
