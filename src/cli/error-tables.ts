import { errorTables } from '../app/error-tables.ts';
import type { ErrorTable } from '../base/error-table.ts';
import { buildErrors } from '../lab/build/error-codes.ts';
import { demoErrors } from '../lab/demo/error-codes.ts';
import { labErrors } from '../lab/error-codes.ts';
import { certificateErrors } from '../lab/kubernetes/certificate-error.ts';
import { cliErrors } from './error.ts';

/** What every error code that a command can end with means: those of all layers, the commands' own last. */
export const allErrorTables: readonly ErrorTable[] = [
  ...errorTables,
  cliErrors,
  demoErrors,
  buildErrors,
  labErrors,
  certificateErrors,
];
