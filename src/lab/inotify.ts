/**
 * Watches of files that systemd and others hold: the kernel counts them for all of root together, containers included,
 * and Debian's limit of 128 is reached by some twenty hosts (inotify(7)). A host beyond it hangs while it boots.
 */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineCheck } from './machine-check.ts';

const LIMIT = '/proc/sys/fs/inotify/max_user_instances';
/** A booted host holds five; one more for a service. */
const EACH_HOST = 6;
const PROPOSED = 1024;

/** Whether so many more hosts can be booted. */
export async function checkInotify(hosts: number): Promise<MachineCheck> {
  const limit = Number(await readFile(LIMIT, 'utf8'));
  return judgeInotify(hosts, limit, await countInotify());
}

/** @param inUse by root on the whole machine */
export function judgeInotify(hosts: number, limit: number, inUse: number): MachineCheck {
  const needed = inUse + hosts * EACH_HOST;
  const needs = {
    en: `room for the inotify instances of ${hosts} hosts`,
    zh: `可容纳 ${hosts} 台主机的 inotify 实例`,
  };
  if (needed <= limit) return { name: 'inotify', needs, isFit: true };
  const got = `${inUse} of ${limit} in use, ${needed} needed`;
  const mend = `sysctl -w fs.inotify.max_user_instances=${Math.max(PROPOSED, needed * 2)}`;
  return { name: 'inotify', needs, isFit: false, got, mend };
}

async function countInotify(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const counts = await Promise.all(pids.map(async (pid) => await countOf(join('/proc', pid, 'fd'))));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** A process may end while it is looked at: then it holds nothing. */
async function countOf(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const links = await Promise.all(
    names.map(async (name) => await readlink(join(folder, name)).catch(() => '')),
  );
  return links.filter((link) => link === 'anon_inode:inotify').length;
}
