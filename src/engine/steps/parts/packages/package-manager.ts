/** What the `package` kind needs of a package manager; one file each for those there are. */
import type { StepContext } from '../../../step.ts';

/** A package by its exact name; with a version exactly that one, without one any. */
export interface PackageWish {
  readonly name: string;
  /** As `dpkg-query` or `rpm -q` prints it. */
  readonly version?: string | undefined;
}

/** Installed versions by name; undefined where a package is not installed. */
export type Installed = ReadonlyMap<string, string | undefined>;

/** What an installation would do beyond what was asked. */
export interface Preview {
  /** Version that would be there afterwards, by name; those asked for are among them. */
  readonly installs: ReadonlyMap<string, string>;
  /** Of `installs`, those that are not on the host now. */
  readonly added: readonly string[];
}

export interface InstallOptions {
  /** Whether packages that are merely recommended come, too. */
  readonly recommends: boolean;
  readonly timeoutMs: number;
}

export interface PackageManager {
  readonly name: 'apt-get' | 'dnf' | 'yum';
  /** Only reads. */
  installed(ctx: StepContext, names: readonly string[]): Promise<Installed>;
  /** Whether an installed version is the wished one (for rpm, epoch and release may be left out). */
  isWished(installed: string | undefined, wish: PackageWish): boolean;
  /** Only reads; undefined where the manager cannot tell, or does not know a package. */
  preview(ctx: StepContext, wishes: readonly PackageWish[], o: InstallOptions): Promise<Preview | undefined>;
  /** Reads the repositories' lists again. */
  refresh(ctx: StepContext, timeoutMs: number): Promise<void>;
  /** @throws StepError `step/package-…` */
  install(ctx: StepContext, wishes: readonly PackageWish[], o: InstallOptions): Promise<void>;
  /**
   * Removes exactly these; configuration that people may have edited stays.
   * @throws StepError `step/revert-would-remove-more` where others need them; nothing is removed then
   */
  remove(ctx: StepContext, names: readonly string[], timeoutMs: number): Promise<void>;
}
