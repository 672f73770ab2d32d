/** Puts a machine's programs, files and units on its lab host, and starts them. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { sh } from '../../hosts/shell.ts';
import type { Lab, LabCommand } from '../lab.ts';
import { LabError } from '../lab-error.ts';
import { type Cluster, HOST_PATHS, type Machine } from './cluster.ts';
import { startsOf } from './machine.ts';
import { unitText } from './start.ts';

export interface Installing {
  readonly cluster: Cluster;
  /** Named as its lab host. */
  readonly machine: Machine;
  /** The folder that writeMachine filled for it. */
  readonly files: string;
  /** The folder of the Kubernetes programs in the cache; etcd is on every lab host. */
  readonly programs: string;
}

/** A hundred megabytes over a pipe, on a machine that does other things too. */
const LIMIT_MS = 120_000;
const UNITS = '/etc/systemd/system';

/**
 * Resolves when the units are begun, not when they are ready: API servers wait for etcd on other machines, which may be
 * installed after this one. May be called again.
 * @throws LabError `lab/command-failed`, `lab/host-off`
 */
export async function installMachine(lab: Lab, o: Installing): Promise<void> {
  const { name } = o.machine;
  const starts = startsOf(o.cluster, o.machine, HOST_PATHS);
  const isController = o.cluster.controlPlane.some((each) => each.name === name);
  const needed = [
    ...starts.map(({ argv }) => argv[0]),
    ...(isController ? [join(HOST_PATHS.programs, 'kubectl')] : []),
  ];
  for (const path of needed.filter((each) => dirname(each) === HOST_PATHS.programs))
    await put(lab, name, path, '755', await readFile(join(o.programs, basename(path))));
  for (const path of await filesIn(o.files))
    await put(lab, name, join(HOST_PATHS.etc, path), '600', await readFile(join(o.files, path)));
  for (const start of starts)
    await put(lab, name, join(UNITS, `${start.name}.service`), '644', Buffer.from(unitText(start)));
  const units = starts.map((start) => `${start.name}.service`);
  await must(lab, name, ['systemctl', 'daemon-reload']);
  await must(lab, name, ['systemctl', 'enable', '--now', '--no-block', ...units]);
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** By way of a new file and a rename, so that a program may be replaced while it runs. */
async function put(lab: Lab, host: string, path: string, mode: string, content: Uint8Array): Promise<void> {
  const { text } =
    sh`umask 077 && mkdir -p ${dirname(path)} && cat >${path}.new && chmod ${mode} ${path}.new && mv ${path}.new ${path}`;
  await must(lab, host, text, content);
}

async function must(lab: Lab, host: string, command: LabCommand, stdin?: Uint8Array): Promise<void> {
  const options = { timeoutMs: LIMIT_MS, ...(stdin === undefined ? {} : { stdin }) };
  const { code, stderr } = await lab.exec(host, command, options);
  if (code === 0) return;
  throw new LabError({
    code: 'lab/command-failed',
    where: { host },
    message: `a command on the host failed: ${typeof command === 'string' ? command : command.join(' ')}`,
    expected: 'exit code 0',
    got: `exit code ${code}: ${stderr.trim().slice(-500)}`,
    hint: 'Look at the host with `holdfast lab logs` and `holdfast lab ssh`; its disk may be full.',
  });
}
