/** What a recipe is: how one set of programs for lab hosts comes into the cache. */
import type { Command } from '../../hosts/shell.ts';
import type { BuildErrorCode } from './build-error.ts';

/** A program of the set, and the arguments with which it says its version. */
export interface Program {
  readonly name: string;
  readonly askVersion: readonly string[];
}

/** The folder in which a recipe works; it is removed when the programs are in place. */
export interface Workshop {
  readonly folder: string;
  /** An apt sources folder made from the machine's own, with deb-src lines; only where the recipe asks for it. */
  readonly aptSources: string;
  /** The folder of the go that is used, e.g. `/usr/lib/go-1.19`; empty for a recipe without `go`. */
  readonly goRoot: string;
}

export interface Stage {
  readonly name: string;
  /**
   * What it does, for `sh -eu`, from the workshop's folder. It may be cut anywhere and called again: it begins anew,
   * and makes what later stages rely on appear by rename.
   */
  readonly script: (workshop: Workshop) => Command;
  /** It changes in place what the stage before left: when it is cut, that one is done again too. */
  readonly spoilsPrevious?: true;
  readonly failure: { readonly code: BuildErrorCode; readonly hint: string };
}

export interface Recipe {
  /** Its folder in the cache, and the word after `holdfast lab build`. */
  readonly name: string;
  /** Without `v`; must stand in what each program says of itself. */
  readonly version: string;
  readonly programs: readonly Program[];
  /** Commands it cannot do without → the Debian package that has each. */
  readonly tools: Readonly<Record<string, string>>;
  /** The oldest go that is known to do; undefined where none is needed. */
  readonly go?: { readonly oldest: readonly [number, number]; readonly debianPackage: string };
  /** Fetches a source package: the machine's own package sources are turned into deb-src ones for it. */
  readonly fetchesSources?: true;
  /** What must be free before it begins; more than it takes. */
  readonly neededBytes: number;
  readonly stages: readonly Stage[];
}
