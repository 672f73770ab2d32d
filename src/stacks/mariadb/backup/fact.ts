/** The whole backups on a host, as its own script lists them. */
import { ask, type FactKind, type FactQuery } from '../../../hosts/fact.ts';
import { quote } from '../../../hosts/shell.ts';
import type { HostName } from '../../../site/model.ts';

export interface Backup {
  readonly id: string;
  /** Role of the host when it was made. */
  readonly role: string;
  /** Of the server. */
  readonly version: string;
  /** Position of the data in it. */
  readonly gtid: string;
  /** By the clock of the host. */
  readonly beganMs: number;
  readonly tookMs: number;
  readonly bytes: number;
  /** Of the data folder then: what a restore needs. */
  readonly dataBytes: number;
}

export interface Backups {
  /** Whether the host has the script that makes them. */
  readonly isSetUp: boolean;
  /** The host's clock when it was asked. */
  readonly nowMs: number;
  /** Oldest first. */
  readonly whole: readonly Backup[];
  /** The last attempt, where it failed. */
  readonly failed: { readonly atMs: number; readonly said: string } | undefined;
}

const backups: FactKind<Backups, { readonly etc: string }> = {
  name: 'mariadb-backups',
  command: ({ etc }) =>
    `s=${quote(`${etc}/backup`)}; [ ! -x "$s" ] || { echo set-up; "$s" list 2>/dev/null; }`,
  parse(output) {
    const lines = output.split('\n').map((line): [string, string] => {
      const [key = '', ...rest] = line.split(' ');
      return [key, rest.join(' ')];
    });
    const one = (key: string): string | undefined => lines.find(([name]) => name === key)?.[1];
    const [, atS, said] = /^(\d+) (.*)$/.exec(one('failed') ?? '') ?? [];
    const whole: Map<string, string>[] = [];
    for (const [key, value] of lines) {
      if (key === 'id') whole.push(new Map());
      whole.at(-1)?.set(key, value);
    }
    return {
      isSetUp: one('set-up') !== undefined,
      nowMs: Number(one('now') ?? 0) * 1_000,
      whole: whole.map(toBackup),
      failed: atS === undefined ? undefined : { atMs: Number(atS) * 1_000, said: said ?? '' },
    };
  },
  stable: ({ isSetUp }) => isSetUp,
};

/** @param etc the folder of `PairPaths` */
export function backupsOn(host: HostName, etc: string): FactQuery<Backups, { readonly etc: string }> {
  return ask(host, backups, { etc });
}

function toBackup(about: ReadonlyMap<string, string>): Backup {
  const text = (key: string): string => about.get(key) ?? '';
  const count = (key: string): number => Number(about.get(key) ?? 0);
  return {
    id: text('id'),
    role: text('role'),
    version: text('version'),
    gtid: text('gtid'),
    beganMs: count('began') * 1_000,
    tookMs: count('took') * 1_000,
    bytes: count('bytes'),
    dataBytes: count('databytes'),
  };
}
