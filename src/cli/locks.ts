/** `holdfast locks`: which hosts are locked, by whom, since when; `holdfast locks release <host>`: the last resort. */
import type { Command } from 'commander';
import type { Context } from '../app/context.ts';
import { formatInstant } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { limit } from '../base/limit.ts';
import type { Sentence } from '../base/reason.ts';
import type { HostLock } from '../engine/lock.ts';
import type { HostName } from '../site/model.ts';
import { type Liveness, livenessOf } from '../store/process-identity.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { nextCommand } from './next-command.ts';
import { openSite } from './open.ts';
import { addEngineOptions, type EngineOptions, openEngine } from './open-engine.ts';
import { say } from './say.ts';

interface ReleaseOptions extends EngineOptions {
  readonly yes?: boolean;
}

/** Adds the options and `release`. Exit 0 whether or not hosts are locked; 1 where one could not be asked. */
export function configure(command: Command, run: Runner): void {
  addEngineOptions(command).action(run(async (io, options: EngineOptions) => list(io, options)));
  addEngineOptions(command.command('release'))
    .description('remove the lock of a host whose run is certainly dead')
    .argument('<host>', 'its name in the site file')
    .option('-y, --yes', 'do not ask')
    .action(
      run(async (io, host: string, _own: ReleaseOptions, own: Command) =>
        release(io, host, own.optsWithGlobals<ReleaseOptions>()),
      ),
    );
}

const WORDS = {
  none: { en: 'no host is locked', zh: '没有主机被锁定' },
  held: {
    en: '{host}: run {run} by {user}@{controller} since {since}, {liveness}',
    zh: '{host}：{user}@{controller} 的运行 {run}，自 {since} 起，{liveness}',
  },
  alive: { en: 'under way (pid {pid})', zh: '进行中（pid {pid}）' },
  dead: { en: 'cut', zh: '已中断' },
  elsewhere: {
    en: 'on another machine, which cannot be asked from here',
    zh: '在另一台机器上，无法从本机查询',
  },
  unreadable: { en: '{host}: a lock that cannot be read: {file}', zh: '{host}：无法解读的锁：{file}' },
  unreachable: { en: '{host}: could not be asked: {why}', zh: '{host}：无法查询：{why}' },
  next: { en: '  to go on: {resume}\n  to go back: {rollback}', zh: '  继续：{resume}\n  回退：{rollback}' },
  free: { en: '{host} is not locked', zh: '{host} 未被锁定' },
  running: {
    en: 'That run is under way: stop it first (pid {pid}).',
    zh: '该次运行正在进行：请先停止它（pid {pid}）。',
  },
  warn: {
    en: 'What that run half did stays as it is, and another run may change it.',
    zh: '该次运行未完成的改动会保持现状，其他运行可能再次变更它们。',
  },
  ask: { en: 'Remove the lock of {host}?', zh: '是否移除 {host} 的锁？' },
  no: { en: 'not confirmed (without a terminal: --yes)', zh: '未确认（无终端时请加 --yes）' },
  released: { en: '{host} is no longer locked', zh: '{host} 已解锁' },
  gone: {
    en: 'the lock of {host} had changed meanwhile: look again',
    zh: '{host} 的锁在此期间已变化：请重新查看',
  },
} satisfies Record<string, Sentence>;

type Looked = { host: HostName; lock?: HostLock; error?: string };

async function list(io: Io, options: EngineOptions): Promise<ExitCode> {
  await using context = await openSite(io, options, 'hosts');
  const engine = openEngine(io, context, options);
  const atOnce = limit(engine.hostsAtOnce);
  const looked = await Promise.all(
    [...context.site.hosts.keys()].map((host) =>
      atOnce.run(async (): Promise<Looked> => {
        try {
          const lock = await engine.locks.look(host, io.stop);
          return lock === undefined ? { host } : { host, lock };
        } catch (error) {
          return { host, error: messageOf(error) };
        }
      }, io.stop),
    ),
  );
  const found = looked.filter(({ lock, error }) => lock !== undefined || error !== undefined);
  if (options.json) io.out(`${JSON.stringify(looked.map(lockJson), null, 2)}\n`);
  else if (found.length === 0) io.err(`${say(io, WORDS.none)}\n`);
  else io.out(`${found.flatMap((each) => describe(io, each, options)).join('\n')}\n`);
  return looked.some(({ error }) => error !== undefined) ? exitCodes.failed : exitCodes.done;
}

async function release(io: Io, host: string, options: ReleaseOptions): Promise<ExitCode> {
  await using context = await openSite(io, options, 'hosts');
  const engine = openEngine(io, context, options);
  const lock = await engine.locks.look(host, io.stop);
  if (lock === undefined) {
    io.err(`${say(io, WORDS.free, { host })}\n`);
    return exitCodes.done;
  }
  io.err(`${describe(io, { host, lock }, options).join('\n')}\n`);
  if (lock.record !== undefined && livenessOf(lock.record.process) === 'alive') {
    io.err(`${say(io, WORDS.running, { pid: lock.record.process.pid })}\n`);
    return exitCodes.refused;
  }
  io.err(`${say(io, WORDS.warn)}\n`);
  if (!options.yes && !(await io.confirm(say(io, WORDS.ask, { host })))) {
    io.err(`${say(io, WORDS.no)}\n`);
    return exitCodes.refused;
  }
  return await remove(io, context, engine.locks.release(lock, io.stop), host);
}

async function remove(io: Io, context: Context, removing: Promise<boolean>, host: string): Promise<ExitCode> {
  const isGone = await removing;
  context.log.info('lock removed by hand', { host, isGone });
  io.err(`${say(io, isGone ? WORDS.released : WORDS.gone, { host })}\n`);
  return isGone ? exitCodes.done : exitCodes.failed;
}

function describe(io: Io, { host, lock, error }: Looked, options: EngineOptions): string[] {
  if (lock === undefined) return [say(io, WORDS.unreachable, { host, why: error ?? '' })];
  const { record } = lock;
  if (record === undefined) return [say(io, WORDS.unreadable, { host, file: lock.file })];
  const state = livenessOf(record.process);
  const line = say(io, WORDS.held, {
    host,
    run: record.run,
    user: record.by.user,
    controller: record.by.host,
    since: formatInstant(record.since),
    liveness: say(io, WORDS[state], { pid: record.process.pid }),
  });
  if (state !== 'dead') return [line];
  const resume = nextCommand(['resume', record.run], options);
  const rollback = nextCommand(['rollback', record.run], options);
  return [line, say(io, WORDS.next, { resume, rollback })];
}

function lockJson({ host, lock, error }: Looked): unknown {
  if (error !== undefined) return { host, error };
  if (lock === undefined) return { host, lock: null };
  const { record, file } = lock;
  if (record === undefined) return { host, lock: { file, unreadable: true } };
  const liveness: Liveness = livenessOf(record.process);
  const { run, by, since, runs } = record;
  return { host, lock: { file, run, by, since: formatInstant(since), liveness, stateDir: runs } };
}
