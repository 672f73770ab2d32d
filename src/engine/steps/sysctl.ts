/**
 * Kernel parameters: the live values, and a drop-in that sets them again at boot. A file that is read after ours and
 * says something else is a refusal: the value would be gone after the next restart.
 *
 * Values are read from and written to /proc/sys: a minimal host has no sysctl(8).
 */
import { z } from 'zod';
import type { Evidence } from '../../base/evidence.ts';
import { defineReasons } from '../../base/reason.ts';
import { sh } from '../../hosts/shell.ts';
import type { Check, Diff, StepContext, StepKind } from '../step.ts';
import { fileDrift, keepFile } from './parts/file-drift.ts';
import { captureFile, fileUndo, isFileBack, restoreFile } from './parts/file-undo.ts';
import { order, question } from './parts/run.ts';
import { notAsWanted, StepError } from './parts/step-error.ts';
import { dropIn, normaliseValue, parseSetting, procPath, sameKey } from './parts/sysctl-keys.ts';
import { compareFile, placeFile, type WantedFile, wantedFileReasons } from './parts/wanted-file.ts';

const key = z.string().regex(/^[A-Za-z0-9_]+([./][A-Za-z0-9_:@-]+)+$/, {
  error: (issue) =>
    `expected the name of a kernel parameter such as net.ipv4.ip_forward, got '${String(issue.input)}'`,
});
const value = z.union([z.string().regex(/^[^\n\r]+$/), z.number()]).transform(String);

export const sysctlArgs = z.strictObject({
  /** Names the drop-in: /etc/sysctl.d/60-holdfast-<name>.conf */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  values: z
    .record(key, value)
    .refine((values) => Object.keys(values).length > 0, { error: 'says nothing: give values' }),
});
export type SysctlArgs = z.infer<typeof sysctlArgs>;

const sysctlUndo = z.object({ file: fileUndo, live: z.record(z.string(), z.string()) });
type SysctlUndo = z.infer<typeof sysctlUndo>;

const own = defineReasons({
  'sysctl/set': { en: 'set {keys}', zh: '设置内核参数 {keys}' },
  'sysctl/same': { en: '{keys} are set, now and at boot', zh: '{keys} 已生效，且重启后仍生效' },
  'sysctl/overridden': {
    en: '{file} sets {key} to {other}, and is read after {ours}: the value would be lost at the next boot',
    zh: '{file} 将 {key} 设为 {other}，且在 {ours} 之后读取：下次启动后设置将丢失',
  },
  'sysctl/mend-override': {
    en: 'remove that line, or give it the same value',
    zh: '请删除该行，或改成相同的值',
  },
});
const reasons = defineReasons({ ...wantedFileReasons, ...own });

/** See the top of this file. */
export const sysctl: StepKind<SysctlArgs, SysctlUndo> = {
  kind: 'sysctl',
  args: sysctlArgs,
  reasons,
  retrySafe: true,
  title: ({ values }) => reasons.of('sysctl/set', { keys: Object.keys(values) }),
  check,
  async apply(ctx, args, undo) {
    const live = await readLive(ctx, Object.keys(args.values));
    const unknown = Object.keys(args.values).filter((name) => live[name] === undefined);
    if (unknown.length > 0) throw noSuchSysctl(unknown);
    await placeFile(ctx, wanted(args), undo.file, async () => {});
    await writeLive(ctx, args.values);
  },
  verify,
  undo: {
    schema: sysctlUndo,
    async capture(ctx, args) {
      const file = await captureFile(ctx, dropInPath(args), false);
      const live = await readLive(ctx, Object.keys(args.values));
      return {
        file,
        live: Object.fromEntries(Object.entries(live).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]]))),
      };
    },
    async revert(ctx, undo) {
      await restoreFile(ctx, undo.file);
      await writeLive(ctx, undo.live);
    },
    async isBack(ctx, undo) {
      const live = await readLive(ctx, Object.keys(undo.live));
      const isSame = Object.entries(undo.live).every(([name, value]) => live[name] === value);
      return isSame && isFileBack(ctx, undo.file);
    },
    // The drop-in. A live value is state, and some the kernel moves by itself.
    content: {
      names: (args) => [dropInPath(args)],
      drift: (ctx, undo, args) => fileDrift(ctx, undo.file, wanted(args)),
      keep: keepFile,
    },
  },
};

async function check(ctx: StepContext, args: SysctlArgs): Promise<Check> {
  const override = await findOverride(ctx, args);
  if (override !== undefined) {
    return {
      state: 'refused',
      because: reasons.of('sysctl/overridden', override),
      hint: reasons.of('sysctl/mend-override'),
    };
  }
  const comparison = await compareFile(ctx, wanted(args));
  if (comparison.is === 'impossible') {
    return { state: 'refused', because: comparison.because, hint: comparison.hint };
  }
  const live = await readLive(ctx, Object.keys(args.values));
  const changes = Object.entries(args.values)
    .filter(([name, wish]) => live[name] !== normaliseValue(wish))
    .map(([name, wish]) => `${name}: ${live[name] ?? '(no such parameter yet)'} → ${normaliseValue(wish)}`);
  if (changes.length === 0 && comparison.is === 'same') {
    return { state: 'done', because: reasons.of('sysctl/same', { keys: Object.keys(args.values) }) };
  }
  return {
    state: 'todo',
    diff: describe(changes, comparison.is === 'different' ? comparison.diff : undefined),
  };
}

function describe(changes: readonly string[], file: Diff | undefined): Diff {
  const summary = [...(changes.length === 0 ? [] : [`set ${changes.length} live`]), file?.summary].filter(
    Boolean,
  );
  return { summary: summary.join(', '), text: [...changes, file?.text].filter(Boolean).join('\n') };
}

async function verify(ctx: StepContext, args: SysctlArgs): Promise<Evidence> {
  const startMs = ctx.clock.monotonicMs();
  const names = Object.keys(args.values);
  const live = await readLive(ctx, names);
  const file = await compareFile(ctx, wanted(args));
  const got = names.map((name) => `${name}=${live[name] ?? '(none)'}`).join(' ');
  const expected = names.map((name) => `${name}=${normaliseValue(args.values[name] as string)}`).join(' ');
  if (got !== expected) {
    const hint = 'The kernel did not keep the value: it may be out of its range, or locked in a container.';
    throw notAsWanted('a kernel parameter', expected, got, hint);
  }
  if (file.is !== 'same') throw notAsWanted(dropInPath(args), 'the drop-in as written', 'another content');
  const tookMs = ctx.clock.monotonicMs() - startMs;
  return { asked: `/proc/sys and ${dropInPath(args)}`, got, expected, at: ctx.clock.now(), tookMs };
}

function dropInPath({ name }: SysctlArgs): string {
  return `/etc/sysctl.d/60-holdfast-${name}.conf`;
}

function wanted(args: SysctlArgs): WantedFile {
  return { path: dropInPath(args), content: Buffer.from(dropIn(args.values)), mode: '0644' };
}

/** Live values in one round trip; undefined where the kernel has no such parameter (its module is not loaded). */
async function readLive(
  ctx: StepContext,
  names: readonly string[],
): Promise<Record<string, string | undefined>> {
  const paths = names.map(procPath);
  const command = sh`for p in ${paths}; do
  if [ -e "$p" ]; then printf 'has '; tr '\n' ' ' <"$p" || exit 1; echo; else echo no; fi
done`;
  const { stdout } = await order(ctx, command, {
    what: 'read kernel parameters',
    hint: 'Some parameters are write-only or for root: name only those that can be read back.',
  });
  const lines = stdout.split('\n');
  return Object.fromEntries(
    names.map((name, at) => {
      const line = lines[at] ?? 'no';
      return [name, line.startsWith('has ') ? normaliseValue(line.slice(4)) : undefined];
    }),
  );
}

/** Writes in order of name. A parameter that has gone (its module was unloaded) needs no old value. */
async function writeLive(ctx: StepContext, values: Readonly<Record<string, string>>): Promise<void> {
  const writes = Object.keys(values)
    .sort()
    .map((name) => {
      const [path, wish] = [procPath(name), normaliseValue(values[name] as string)];
      return sh`[ ! -e ${path} ] || printf '%s\n' ${wish} >${path} || exit 1`.text;
    });
  if (writes.length === 0) return;
  await order(
    ctx,
    { text: writes.join('\n') },
    {
      what: 'set kernel parameters',
      hint: 'The kernel says why on its last line: an invalid value, or no permission (a container).',
    },
  );
}

/** Finds the last file in boot order that is read after ours and contradicts it (sysctl.d(5): sorted by name). */
async function findOverride(ctx: StepContext, args: SysctlArgs) {
  const files = sh`for d in /etc/sysctl.d /run/sysctl.d /usr/local/lib/sysctl.d /usr/lib/sysctl.d /lib/sysctl.d; do
  for f in "$d"/*.conf; do [ -r "$f" ] && [ -f "$f" ] && { printf '@%s\n' "$f"; cat -- "$f"; echo; }; done
done; :`;
  const { stdout } = await question(ctx, files);
  const ours = dropInPath(args);
  const last = new Map<string, { file: string; value: string }>();
  for (const { file, lines } of inBootOrder(stdout)) {
    if (baseName(file) <= baseName(ours)) continue;
    for (const setting of lines.map(parseSetting)) {
      const name = Object.keys(args.values).find(
        (mine) => setting !== undefined && sameKey(mine, setting.key),
      );
      if (name !== undefined && setting !== undefined) last.set(name, { file, value: setting.value });
    }
  }
  const hit = [...last].find(
    ([name, { value: other }]) => other !== normaliseValue(args.values[name] as string),
  );
  return hit && { key: hit[0], file: hit[1].file, other: hit[1].value, ours };
}

/** Of files of one name only the first folder's counts; then all are read in order of their names. */
function inBootOrder(listing: string): { file: string; lines: string[] }[] {
  const files = listing
    .split(/^@(?=\/)/m)
    .slice(1)
    .map((part) => {
      const [file = '', ...lines] = part.split('\n');
      return { file, lines };
    });
  const first = new Map(files.toReversed().map((entry) => [baseName(entry.file), entry]));
  return [...first.values()].sort((a, b) => (baseName(a.file) < baseName(b.file) ? -1 : 1));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function noSuchSysctl(names: readonly string[]): StepError {
  const isBridge = names.some((name) => name.includes('bridge'));
  return new StepError({
    code: 'step/no-such-sysctl',
    message: `the kernel has no ${names.join(', ')}`,
    expected: `${names.map(procPath).join(', ')}`,
    got: 'no such file',
    hint: isBridge
      ? 'Load the module first: `modprobe br_netfilter`, and name it in /etc/modules-load.d so that it is loaded at boot.'
      : 'Check the spelling; if it belongs to a module, load the module first (`modprobe`, /etc/modules-load.d).',
  });
}
