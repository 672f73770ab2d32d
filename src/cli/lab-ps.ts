/** `holdfast lab ps`: the labs of this machine and how their hosts are. */
import type { Command } from 'commander';
import type { Sentence } from '../base/reason.ts';
import { type ActiveFault, activeFaults } from '../lab/faults/fault-folder.ts';
import { type FoundLab, listLabs } from '../lab/find-lab.ts';
import { labsFolder } from '../lab/folders.ts';
import { type HostStatus, hostStatus } from '../lab/host-state.ts';
import { listSnapshots } from '../lab/snapshot.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { toJson as faultToJson, timeLeft } from './lab-fault.ts';
import { addLabOptions, type LabOptions, labNameOf } from './lab-options.ts';
import { paint } from './paint.ts';
import { columns } from './render/width.ts';
import { say } from './say.ts';

const WORDS = {
  none: {
    en: "no lab is up ('holdfast lab up -f SITE' makes one)",
    zh: '没有实验环境（用 `holdfast lab up -f 站点文件` 启动）',
  },
  dead: {
    en: "dead ('holdfast lab down' removes what is left)",
    zh: '已终止（用 `holdfast lab down` 清除残留）',
  },
  coming: { en: 'being brought up', zh: '正在启动' },
  up: { en: 'up', zh: '运行中' },
  processes: { en: '{count} processes', zh: '{count} 个进程' },
  snapshots: { en: 'snapshots: {names}', zh: '快照：{names}' },
} satisfies Record<string, Sentence>;

interface ShownLab {
  readonly found: FoundLab;
  readonly statuses: readonly HostStatus[];
  readonly faults: readonly ActiveFault[];
  readonly snapshots: readonly string[];
}

/** Adds `ps`. Exit 0. */
export function configure(lab: Command, run: Runner): void {
  addLabOptions(lab.command('ps'))
    .description('list the labs and how their hosts are')
    .option('--json', 'for scripts')
    .action(run(async (io: Io, options: LabOptions) => list(io, options)));
}

async function list(io: Io, options: LabOptions): Promise<ExitCode> {
  const name = labNameOf(io, options);
  const all = await listLabs(labsFolder(io.env));
  const wanted = all.filter(({ folders }) => name === undefined || folders.name === name);
  const shown = await Promise.all(wanted.map(look));
  if (options.json) io.out(`${JSON.stringify(shown.map(toJson), null, 2)}\n`);
  else if (shown.length === 0) io.err(`${say(io, WORDS.none)}\n`);
  else io.out(`${shown.map((each) => describe(io, each)).join('\n\n')}\n`);
  return exitCodes.done;
}

async function look(found: FoundLab): Promise<ShownLab> {
  const { folders, record, state } = found;
  const hosts = state === 'dead' ? [] : record.hosts;
  const statuses = await Promise.all(hosts.map(async ({ name }) => await hostStatus(folders, name)));
  const faults = state === 'dead' ? [] : await activeFaults(folders.faults);
  return { found, statuses, faults, snapshots: await listSnapshots(folders) };
}

function describe(io: Io, { found: { record, state }, statuses, faults, snapshots }: ShownLab): string {
  const title = `${paint(io, 'bold', record.name)}  ${record.file}  ${say(io, WORDS[state])}`;
  const rows = statuses.map((status, index) => {
    const host = record.hosts[index];
    const addresses = host?.addresses.map(({ address }) => address).join(' ') ?? '';
    const states = [status.state, ...status.failed].join(' ');
    const bad = faults
      .filter((fault) => fault.host === host?.name)
      .map((fault) => `${fault.kind} (${timeLeft(io, fault)})`);
    return [
      `  ${host?.name}`,
      states,
      say(io, WORDS.processes, { count: status.processes }),
      addresses,
      bad.join(' '),
    ];
  });
  const kept =
    snapshots.length === 0 ? [] : [`  ${say(io, WORDS.snapshots, { names: snapshots.join(', ') })}`];
  return [title, ...columns(rows), ...kept].join('\n');
}

function toJson({ found: { record, state }, statuses, faults, snapshots }: ShownLab): unknown {
  return {
    name: record.name,
    site: record.site,
    file: record.file,
    state,
    controller: record.controller.map(({ address }) => address),
    hosts: record.hosts.map(({ name, addresses, port, user }, index) => ({
      name,
      addresses: addresses.map(({ address }) => address),
      port,
      user,
      ...(statuses[index] ?? { state: 'off', processes: 0, failed: [] }),
      faults: faults.filter(({ host }) => host === name).map(faultToJson),
    })),
    snapshots,
  };
}
