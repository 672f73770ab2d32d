/** Every command, in the order of `holdfast --help`. One line and one file each. */
import type { CliCommand } from './command.ts';

export const commands: readonly CliCommand[] = [];
