/**
 * The contract of a fault: something bad that is done to a host of a lab for a time. A kind says it in two POSIX shell
 * scripts, so that a fault can be undone by a process that knows nothing of Holdfast, and is undone although every
 * Holdfast process has died.
 */
import type { z } from 'zod';
import type { Sentence } from '../../base/reason.ts';
import { type Command, script, sh } from '../../hosts/shell.ts';
import type { HostRecord } from '../record.ts';

/** A host with a number of its own in the lab, from 1 on, and the name of its port on the bridge. */
export interface FaultHost {
  readonly record: HostRecord;
  readonly number: number;
  readonly cable: string;
}

/** The host that a fault is for, with what its scripts need. */
export interface FaultTarget extends FaultHost {
  /** All hosts of the lab. */
  readonly hosts: readonly FaultHost[];
  /** The lab's bridge: the controller's own interface. */
  readonly bridge: string;
  /** The folder of its control group. */
  readonly cgroup: string;
  /** Its root folder, as mounted in the lab; also while the host is off. */
  readonly root: string;
  /** Where the file system of its disk is mounted in the lab. */
  readonly disk: string;
  /** Boots it with the disk that it has, unless it is on. Does not wait for the boot. */
  readonly boot: Command;
  /** @throws LabError `lab/no-such-host` */
  find(name: string): FaultHost;
}

/**
 * Both run as root in all namespaces of the lab, with `sh -eu`. What they write goes to a log.
 *
 * - `begin` calls `refuse REASON` before it changes anything where the fault cannot be: then `end` never runs.
 *   Where it fails after that, `end` runs.
 * - `end` must be idempotent, must leave nothing, and must succeed where the host has gone off or was booted since.
 */
export interface FaultScripts {
  readonly begin: Command;
  readonly end: Command;
}

/** A kind of fault. Its file has its name. */
export interface FaultKind<F extends { readonly kind: string }> {
  readonly kind: F['kind'];
  /** What it does, for a list. */
  readonly summary: Sentence;
  /** What a fault of this kind takes; unknown keys are refused. */
  readonly args: z.ZodType<F, unknown>;
  /** Whether the host must run (not be paused), since something is done on it: default, that it is on is enough. */
  readonly worksOnHost?: boolean;
  /** Of which one host can have several at once: the unit. Default: one of a kind on a host. */
  subject?(fault: F): string;
  scripts(target: FaultTarget, fault: F): FaultScripts;
}

/** The exit code of `refuse`. */
export const REFUSED = 3;

/** Says why the fault cannot be, in one line; nothing was changed. */
const REFUSE = `refuse() { echo "$*" >&2; exit ${REFUSED}; }\n`;

/** A whole script: strict, with `refuse`. */
export function wholeScript(command: Command): string {
  return `set -eu\n${REFUSE}${command.text}\n`;
}

/**
 * Defines `on_host COMMAND …` for a script: runs a program on the host, as one of its processes. Code 200 where the
 * host is off. Pids are those of the reader's namespace (cgroup.procs, cgroups(7)), so it works inside the lab only.
 */
export function onHost(target: FaultTarget): Command {
  return sh`cgroup=${target.cgroup}
${script(`on_host() {
  init=$(cat "$cgroup/payload/init.scope/cgroup.procs" "$cgroup/payload/cgroup.procs" 2>/dev/null | head -n 1)
  [ -n "$init" ] || return 200
  (echo 0 >"$cgroup/exec/cgroup.procs" && exec nsenter --target="$init" -m -n -u -i -p -C -r -w -- "$@")
}
is_on() { grep -q '^populated 1' "$cgroup/cgroup.events" 2>/dev/null; }
`)}`;
}
