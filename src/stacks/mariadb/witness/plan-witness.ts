/** The steps that give a pair its witness, where the site file names one. */
import type { HostSpec, Site, SitePath } from '../../../site/model.ts';
import type { MakeStep } from '../make-step.ts';
import type { Node, Pair } from '../pair.ts';
import { reasons } from '../reasons.ts';
import type { MariadbSpec } from '../schema.ts';
import { askWitnessScript, pairAtWitness, WITNESS, witnessScript } from './witness-files.ts';

const AT: SitePath = ['witness'];

/** The witness's host; undefined where the pair has none. */
export function witnessOf(site: Site, { witness }: MariadbSpec): HostSpec | undefined {
  return witness === undefined ? undefined : site.hosts.get(witness);
}

/** On the witness itself: an account, and the script that it runs. */
export function planWitness(make: MakeStep, { name: host }: HostSpec): void {
  const on = { member: { host } };
  const why = reasons.of('mariadb/witness');
  const { user, home, script } = WITNESS;
  const create = ['useradd', '--system', '--home-dir', home, '--shell', '/bin/sh', '--password', '*', user];
  make(
    'witness-account',
    'command',
    on,
    why,
    { run: create, unless: ['id', user], undo: ['userdel', user] },
    AT,
  );
  const own = { mode: '0700', owner: user, group: user };
  make('witness-home', 'directory', on, why, { path: home, ...own }, AT);
  make('witness-keys', 'directory', on, why, { path: `${home}/.ssh`, ...own }, AT);
  const root = { mode: '0755', owner: 'root', group: 'root' };
  make(
    'witness-folder',
    'directory',
    on,
    why,
    { path: script.slice(0, script.lastIndexOf('/')), ...root },
    AT,
  );
  make('witness-script', 'file', on, why, { path: script, content: witnessScript(), ...root }, AT);
}

/** On a node: how it asks, and the right to. After the folder of its scripts, before its agent. */
export function planAsking(make: MakeStep, site: Site, pair: Pair, node: Node, witness: HostSpec): void {
  const { etc, run } = pair.paths;
  const script = { path: `${etc}/witness`, content: askWitnessScript(pair, witness) };
  const why = reasons.of('mariadb/witness');
  make('witness-ask', 'file', node, why, { ...script, mode: '0700', owner: 'root', group: 'root' }, AT);
  const args = { etc, run, witness: witness.name, pair: pairAtWitness(site, pair), node: node.member.name };
  make('witness-key', 'mariadb-witness', node, why, args, AT);
}
