/** `--lab`: runs the command again inside the network of a lab, where the hosts of the site are the lab's. */
import { readlink } from 'node:fs/promises';
import type { Site } from '../site/model.ts';
import type { Io } from './io.ts';

/** What a command needs to work with a lab in place of the site. */
export interface LabAccess {
  /** The site file that the lab was made from. */
  readonly file: string;
  readonly stateDir: string;
  /** Replaces how hosts are reached, nothing else. */
  adapt(site: Site): Site;
}

/**
 * Gives the access to the lab; where this process is not in the lab's network yet, it becomes one that is: the same
 * command line, files and terminal, and does not return.
 * @param lab its name; true: the only one that is up, or that of the site file
 * @throws LabError `lab/no-such-lab`, `lab/which-lab`, `lab/unfit-machine`
 */
export async function enterLab(io: Io, lab: string | true, file: string | undefined): Promise<LabAccess> {
  const { becomeProgram, findLabOf } = await import('./lab-options.ts');
  const { onLabNetwork } = await import('../lab/namespaces.ts');
  const { accessOverlay } = await import('../lab/access.ts');
  const { folders, record } = await findLabOf(io, { lab, ...(file === undefined ? {} : { file }) });
  const { pid } = record.supervisor;
  const [ours, its] = await Promise.all([readlink('/proc/self/ns/net'), readlink(`/proc/${pid}/ns/net`)]);
  if (ours !== its) {
    const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
    return becomeProgram(onLabNetwork(pid, again), io.env);
  }
  return { file: record.file, stateDir: folders.stateDir, adapt: accessOverlay(folders, record) };
}
