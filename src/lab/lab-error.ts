import { HoldfastError } from '../base/errors.ts';
import type { labErrors } from './error-codes.ts';

/** Something about the lab: its machine, its hosts, its commands. */
export class LabError extends HoldfastError<keyof typeof labErrors> {}
