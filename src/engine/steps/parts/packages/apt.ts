/** Debian and its kin: apt-get(8), dpkg-query(1). */
import type { CommandResult } from '../../../../hosts/host.ts';
import { type Command, sh } from '../../../../hosts/shell.ts';
import type { StepContext } from '../../../step.ts';
import { asRoot, question } from '../run.ts';
import { packageError, wasInterrupted, wouldRemoveMore } from './package-error.ts';
import type { InstallOptions, PackageManager, PackageWish, Preview } from './package-manager.ts';

/**
 * - Nobody is asked anything; configuration files that people have edited stay theirs.
 * - Waits up to five minutes for the lock (older apt ignores the option and fails at once, which is retried).
 * - `needrestart` only lists: Holdfast decides when a service restarts.
 */
const APT = sh`DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold`;
const SIMULATE = sh`apt-get -q -s -o Debug::NoLocking=true`;

/** Never removes anything to install something (`--no-remove`), and takes older versions only where asked by name. */
export const apt: PackageManager = {
  name: 'apt-get',
  async installed(ctx, names) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own
    const format = '${Package}\t${db:Status-Status}\t${Version}\n';
    const { stdout } = await question(ctx, sh`dpkg-query -W -f=${format} ${names} 2>/dev/null`);
    const found = new Map(
      stdout.split('\n').flatMap((line) => {
        const [name, status, version] = line.split('\t');
        return status === 'installed' ? [[name as string, version as string] as const] : [];
      }),
    );
    return new Map(names.map((name) => [name, found.get(name)]));
  },
  isWished: (installed, { version }) =>
    installed !== undefined && (version === undefined || version === installed),
  async preview(ctx, wishes, o) {
    const { code, stdout } = await question(ctx, sh`${SIMULATE} ${installWords(wishes, o)}`);
    return code === 0 ? parseSimulation(stdout) : undefined;
  },
  async refresh(ctx, timeoutMs) {
    const result = await runApt(ctx, sh`${APT} update`, timeoutMs);
    // Some sources may fail while the one that matters answers: the installation decides.
    if (result.code !== 0) ctx.log.warn('apt-get update failed', { said: result.stderr.trim().slice(-300) });
  },
  async install(ctx, wishes, o) {
    const result = await runApt(ctx, sh`${APT} ${installWords(wishes, o)}`, o.timeoutMs);
    if (result.code !== 0) throw packageError(`install ${wishes.map(word).join(', ')}`, result);
  },
  async remove(ctx, names, timeoutMs) {
    const simulated = await question(ctx, sh`${SIMULATE} remove ${names}`);
    const others = removals(simulated.stdout).filter((name) => !names.includes(name));
    if (others.length > 0) throw wouldRemoveMore(names, others.join(', '), simulated.stdout);
    const result = await runApt(ctx, sh`${APT} remove ${names}`, timeoutMs);
    if (result.code !== 0) throw packageError(`remove ${names.join(', ')}`, result);
  },
};

function installWords(wishes: readonly PackageWish[], o: InstallOptions): readonly string[] {
  const pinned = wishes.some(({ version }) => version !== undefined);
  return [
    '--no-remove',
    ...(o.recommends ? ['--install-recommends'] : ['--no-install-recommends']),
    ...(pinned ? ['--allow-downgrades'] : []),
    'install',
    ...wishes.map(word),
  ];
}

function word({ name, version }: PackageWish): string {
  return version === undefined ? name : `${name}=${version}`;
}

/** A dpkg that was killed in the middle is first brought to an end, as it asks for itself. */
async function runApt(ctx: StepContext, command: Command, timeoutMs: number): Promise<CommandResult> {
  const result = await asRoot(ctx, command, { timeoutMs });
  if (result.code === 0 || !wasInterrupted(result)) return result;
  const finish = sh`DEBIAN_FRONTEND=noninteractive dpkg --force-confdef --force-confold --configure -a`;
  const finished = await asRoot(ctx, finish, { timeoutMs });
  if (finished.code !== 0) return finished;
  return asRoot(ctx, command, { timeoutMs });
}

/** Reads `Inst nginx [1.21] (1.22.1-9 Debian:12.5/stable [amd64])`; the part in brackets is the version there now. */
export function parseSimulation(output: string): Preview {
  const installs = new Map<string, string>();
  const added: string[] = [];
  for (const line of output.split('\n')) {
    const match = /^Inst (\S+)(?: \[([^\]]+)\])? \((\S+)/.exec(line);
    if (match === null) continue;
    const name = (match[1] as string).replace(/:\w+$/, '');
    installs.set(name, match[3] as string);
    if (match[2] === undefined) added.push(name);
  }
  return { installs, added };
}

function removals(output: string): string[] {
  return [...output.matchAll(/^Remv (\S+)/gm)].map(([, name]) => (name as string).replace(/:\w+$/, ''));
}
