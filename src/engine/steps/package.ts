/**
 * Packages by their exact names, each in any version or in the one given, in one transaction. apt, dnf and yum.
 *
 * Revert removes what the step added (with apt also the dependencies that came along; dnf and yum remove those that
 * nothing else needs), and brings the packages that it named back to their version. Dependencies that were merely
 * updated stay updated. Configuration files of removed packages stay, as people may have edited them. Nothing that
 * others need is ever removed.
 */
import { z } from 'zod';
import type { Evidence } from '../../base/evidence.ts';
import { defineReasons } from '../../base/reason.ts';
import type { Check, StepContext, StepKind } from '../step.ts';
import { timeLimitMs } from './parts/arguments.ts';
import { packageManagerNamed, packageManagerOf } from './parts/packages/detect.ts';
import type { Installed, PackageManager, PackageWish, Preview } from './parts/packages/package-manager.ts';
import { notAsWanted, StepError } from './parts/step-error.ts';

export const packageArgs = z.strictObject({
  packages: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9+._-]*$/, {
          error: (issue) => `expected the exact name of a package, got '${String(issue.input)}'`,
        }),
        version: z
          .string()
          .regex(/^[A-Za-z0-9][A-Za-z0-9+._:~^-]*$/)
          .optional(),
      }),
    )
    .min(1),
  /** Whether packages that are merely recommended are installed, too. */
  recommends: z.boolean().default(false),
  timeoutMs: timeLimitMs(900_000),
});
export type PackageArgs = z.infer<typeof packageArgs>;

const packageUndo = z.object({
  manager: z.enum(['apt-get', 'dnf', 'yum']),
  /** Version before, null where it was not installed. */
  before: z.record(z.string(), z.string().nullable()),
  /** Dependencies that come along; known and amended right before the installation. */
  added: z.array(z.string()),
});
type PackageUndo = z.infer<typeof packageUndo>;

const reasons = defineReasons({
  'package/install': { en: 'install {packages}', zh: '安装 {packages}' },
  'package/installed': { en: 'installed: {packages}', zh: '已安装：{packages}' },
});

/** See the top of this file. The name has a suffix because `package` is a reserved word. */
export const packageKind: StepKind<PackageArgs, PackageUndo> = {
  kind: 'package',
  args: packageArgs,
  reasons,
  retrySafe: true,
  interrupts: () => true,
  title: ({ packages }) => reasons.of('package/install', { packages: packages.map(inWords) }),
  check,
  apply,
  verify,
  undo: {
    schema: packageUndo,
    async capture(ctx, { packages }) {
      const manager = await packageManagerOf(ctx);
      const there = await manager.installed(ctx, namesOf(packages));
      const before = Object.fromEntries([...there].map(([name, version]) => [name, version ?? null]));
      return { manager: manager.name, before, added: [] };
    },
    revert,
  },
};

async function check(ctx: StepContext, args: PackageArgs): Promise<Check> {
  const manager = await packageManagerOf(ctx);
  const there = await manager.installed(ctx, namesOf(args.packages));
  const missing = unmet(manager, there, args.packages);
  if (missing.length === 0) {
    const packages = args.packages.map(({ name }) => `${name} ${there.get(name)}`);
    return { state: 'done', because: reasons.of('package/installed', { packages }) };
  }
  const preview = await manager.preview(ctx, missing, args);
  const named = missing.map((wish) => {
    const wanted = preview?.installs.get(wish.name) ?? wish.version ?? 'the newest that the host can get';
    return `${wish.name}: ${there.get(wish.name) ?? 'not installed'} → ${wanted}`;
  });
  const along = [...(preview?.installs ?? [])]
    .filter(([name]) => !missing.some((wish) => wish.name === name))
    .map(
      ([name, version]) =>
        `${name}: ${preview?.added.includes(name) ? 'not installed' : 'older'} → ${version} (needed by the above)`,
    );
  const summary = `install ${missing.map(inWords).join(', ')} with ${manager.name}`;
  return { state: 'todo', diff: { summary, text: [...named, ...along].join('\n') } };
}

async function apply(ctx: StepContext, args: PackageArgs, undo: PackageUndo): Promise<void> {
  const manager = await packageManagerOf(ctx);
  const there = await manager.installed(ctx, namesOf(args.packages));
  const missing = unmet(manager, there, args.packages);
  if (missing.length === 0) return;
  const preview =
    (await manager.preview(ctx, missing, args)) ?? (await previewAgain(ctx, manager, args, missing));
  // A resumed step may find half of them there: those are still ours.
  if (preview !== undefined) await ctx.amendUndo({ added: [...new Set([...undo.added, ...preview.added])] });
  try {
    await manager.install(ctx, missing, args);
  } catch (error) {
    if (!isStale(error)) throw error;
    await manager.refresh(ctx, args.timeoutMs);
    await manager.install(ctx, missing, args);
  }
}

/** A fresh host has no lists yet; an old one has outdated ones. */
async function previewAgain(
  ctx: StepContext,
  manager: PackageManager,
  args: PackageArgs,
  missing: readonly PackageWish[],
): Promise<Preview | undefined> {
  if (manager.name !== 'apt-get') return undefined;
  await manager.refresh(ctx, args.timeoutMs);
  return manager.preview(ctx, missing, args);
}

function isStale(error: unknown): boolean {
  return (
    error instanceof StepError &&
    (error.code === 'step/package-not-found' || error.code === 'step/package-source-unreachable')
  );
}

async function verify(ctx: StepContext, { packages }: PackageArgs): Promise<Evidence> {
  const startMs = ctx.clock.monotonicMs();
  const manager = await packageManagerOf(ctx);
  const there = await manager.installed(ctx, namesOf(packages));
  const got = packages.map(({ name }) => `${name} ${there.get(name) ?? 'not installed'}`).join(', ');
  const expected = packages.map(inWords).join(', ');
  if (unmet(manager, there, packages).length > 0) throw notAsWanted('a package', expected, got);
  const asked = manager.name === 'apt-get' ? 'dpkg-query' : 'rpm -q';
  return { asked, got, expected, at: ctx.clock.now(), tookMs: ctx.clock.monotonicMs() - startMs };
}

async function revert(ctx: StepContext, undo: PackageUndo, args: PackageArgs): Promise<void> {
  const manager = packageManagerNamed(undo.manager);
  const were = new Map(Object.entries(undo.before).map(([name, version]) => [name, version ?? undefined]));
  const ours = [...were.keys()].filter((name) => were.get(name) === undefined);
  const there = await manager.installed(ctx, [...new Set([...were.keys(), ...undo.added])]);
  const remove = [...new Set([...ours, ...undo.added])].filter((name) => there.get(name) !== undefined);
  if (remove.length > 0) await manager.remove(ctx, remove, args.timeoutMs);
  const back = [...were].flatMap(([name, version]) =>
    version !== undefined && there.get(name) !== version ? [{ name, version }] : [],
  );
  if (back.length > 0) await manager.install(ctx, back, args);
}

function unmet(manager: PackageManager, there: Installed, wishes: readonly PackageWish[]): PackageWish[] {
  return wishes.filter((wish) => !manager.isWished(there.get(wish.name), wish));
}

function namesOf(packages: readonly PackageWish[]): string[] {
  return packages.map(({ name }) => name);
}

function inWords({ name, version }: PackageWish): string {
  return version === undefined ? name : `${name} ${version}`;
}
