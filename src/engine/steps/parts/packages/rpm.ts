/** CentOS, RHEL and their kin: rpm(8) with dnf(8), or with yum(8) up to version 7. */
import { sh } from '../../../../hosts/shell.ts';
import { asRoot, question } from '../run.ts';
import { packageError, wouldRemoveMore } from './package-error.ts';
import type { InstallOptions, PackageManager, PackageWish } from './package-manager.ts';

/** The manager for rpm packages under the given name. */
export function rpm(name: 'dnf' | 'yum'): PackageManager {
  return {
    name,
    async installed(ctx, names) {
      // EPOCHNUM is younger than CentOS 6; the condition works everywhere. One line a package, in the order asked.
      const format = '%{NAME}\t%|EPOCH?{%{EPOCH}}:{0}|:%{VERSION}-%{RELEASE}\n';
      const { stdout } = await question(ctx, sh`rpm -q --qf ${format} ${names}`);
      const found = new Map(
        stdout.split('\n').flatMap((line) => {
          const [installed, version] = line.split('\t');
          return version === undefined ? [] : [[installed as string, version] as const];
        }),
      );
      return new Map(names.map((each) => [each, found.get(each)]));
    },
    isWished: isWishedVersion,
    // Both can only tell by asking their repositories over the network, which writes caches.
    preview: async () => undefined,
    async refresh(ctx, timeoutMs) {
      const result = await asRoot(ctx, sh`${name} -q -y clean expire-cache`, { timeoutMs });
      if (result.code !== 0)
        ctx.log.warn('could not expire the cache', { said: result.stderr.trim().slice(-300) });
    },
    async install(ctx, wishes, o) {
      const words = wishes.map(word);
      const what = `install ${words.join(', ')}`;
      const result = await asRoot(ctx, sh`${installWords(name, o)} ${words}`, o);
      if (result.code !== 0) throw packageError(what, result);
      if (name === 'dnf') return;
      await downgradeWithYum();

      /** yum's install calls an older version "nothing to do". */
      async function downgradeWithYum(): Promise<void> {
        const there = await rpm('yum').installed(
          ctx,
          wishes.map((wish) => wish.name),
        );
        const newer = wishes.filter((wish) => {
          const version = there.get(wish.name);
          return version !== undefined && !isWishedVersion(version, wish);
        });
        if (newer.length === 0) return;
        const downgraded = await asRoot(ctx, sh`yum -q -y downgrade ${newer.map(word)}`, o);
        if (downgraded.code !== 0) throw packageError(what, downgraded);
      }
    },
    async remove(ctx, names, timeoutMs) {
      const test = await question(ctx, sh`rpm -e --test ${names}`);
      if (test.code !== 0) throw wouldRemoveMore(names, dependents(test.stderr), test.stderr);
      // Takes along what came only because of them, and nothing that was asked for by name.
      const remove = sh`${name} -q -y --setopt=clean_requirements_on_remove=1 remove ${names}`;
      const result = await asRoot(ctx, remove, { timeoutMs });
      if (result.code !== 0) throw packageError(`remove ${names.join(', ')}`, result);
    },
  };
}

function installWords(name: 'dnf' | 'yum', o: InstallOptions): string[] {
  const weak = name === 'dnf' && !o.recommends ? ['--setopt=install_weak_deps=False'] : [];
  return [name, '-q', '-y', ...weak, 'install'];
}

/** `nginx-1.20.1-10.el7`: both understand name-version-release; an epoch is left out, they differ in its place. */
function word({ name, version }: PackageWish): string {
  return version === undefined ? name : `${name}-${version.replace(/^\d+:/, '')}`;
}

/** Of `1:1.20.1-10.el7` the epoch, or the release, or both may be left out. */
export function isWishedVersion(installed: string | undefined, { version }: PackageWish): boolean {
  if (installed === undefined) return false;
  if (version === undefined) return true;
  const withoutEpoch = installed.replace(/^\d+:/, '');
  const withoutRelease = (text: string): string => text.replace(/-[^-]*$/, '');
  return [installed, withoutEpoch, withoutRelease(installed), withoutRelease(withoutEpoch)].includes(version);
}

/** `nginx is needed by (installed) nginx-mod-stream-1:1.20` → the package that needs it. */
function dependents(stderr: string): string {
  const names = [...stderr.matchAll(/needed by \(installed\) (\S+)/g)].map(([, name]) => name as string);
  return names.length === 0 ? stderr.trim() : [...new Set(names)].join(', ');
}
