/**
 * A lab: throw-away Debian hosts with a real systemd, one for each host of a site file, on a network that ends at this
 * machine. This file is the interface that tests, faults and the command line program against.
 *
 * ```ts
 * await using lab = await openLab({ file: 'site.yaml', name: 'mine', env: process.env });   // down() at the end
 * const { stdout } = await lab.exec('original', ['systemctl', 'is-active', 'ssh']);
 * await lab.powerOff('original');                                                            // a power cut
 * ```
 */
import type { Clock } from '../base/clock.ts';
import type { HostName } from '../site/model.ts';
import type { Fault } from './faults/kinds.ts';

export interface OpenLabOptions {
  /** The site file. */
  readonly file: string;
  /** What tells labs apart; labs of different names share nothing but the base image. Default: the site's name. */
  readonly name?: string;
  /** Where HOLDFAST_LABS, HOLDFAST_CACHE, PATH and proxies are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Stand-ins to install on every host, besides those that hosts ask for by the label `lab-standins`. */
  readonly standins?: readonly string[];
  /** Whether the lab outlives this process. Default false: it dies with the process, however that ends. */
  readonly livesOn?: boolean;
  readonly clock?: Clock;
  /** Stops bringing up; what was there by then is taken down again. */
  readonly signal?: AbortSignal;
  /** Told what is being done, a phase at a time. */
  readonly tell?: (progress: LabProgress) => void;
}

/** What bringing up is busy with: `base-image` counts packages, the others hosts. */
export interface LabProgress {
  readonly phase: 'base-image' | 'network' | 'hosts' | 'ready';
  readonly count: number;
}

/** A host of the site, as the lab has it. */
export interface LabHost {
  readonly name: HostName;
  /** In the order of the site; the first is where SSH goes. */
  readonly addresses: readonly string[];
  /** The port on which its sshd listens. */
  readonly port: number;
  /** Whom SSH logs in as. */
  readonly user: string;
  /**
   * The folder of its control group (cgroup v2), absolute. All that runs on the host is in it or below; writing 1 to
   * its `cgroup.freeze` pauses the host.
   */
  readonly cgroup: string;
  /** Where its cable ends: a port of the lab's bridge, in the lab's network namespace. */
  readonly cable: string;
  /** The folder of what it wrote, above the base image; also while it is off. Look only: it is mounted there. */
  readonly disk: string;
}

export interface LabResult {
  /** Exit code; 128 + the number where a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LabRunOptions {
  readonly stdin?: string | Uint8Array;
  /** Default 60 s; the command is killed after it and `lab/command-timeout` thrown. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A fault that was begun. Disposing of it ends it. */
export interface LabFault extends AsyncDisposable {
  readonly host: HostName;
  readonly kind: Fault['kind'];
  /** When it ends by itself: milliseconds of the wall clock. */
  readonly endsAt: number;
  /**
   * Ends it now; resolves when nothing is left of it: a host that was powered off answers again. Does nothing where it
   * has ended. @throws LabError `lab/fault-stuck`
   */
  end(): Promise<void>;
}

/** A program with its arguments, or a line for `sh -c`. */
export type LabCommand = string | readonly string[];

export interface Lab extends AsyncDisposable {
  readonly name: string;
  /** Everything the lab keeps on disk; mode 0700; gone after `down`. */
  readonly folder: string;
  /** The site file, absolute. */
  readonly file: string;
  /** Where `--lab` commands keep runs, locks and watch state. */
  readonly stateDir: string;
  readonly hosts: readonly LabHost[];
  /** The one bridge of the lab, in its network namespace. */
  readonly bridge: string;
  /** Addresses of the controller's side: the router of each subnet, then the addresses that `watch --lab` listens on. */
  readonly controller: readonly string[];
  /** A private key that every host lets in, and an ssh_config(5) that knows the hosts by name and address. */
  readonly identity: string;
  readonly sshConfig: string;

  /** @throws LabError `lab/no-such-host` */
  host(name: HostName): LabHost;
  /**
   * Runs as root on a host, past the network and sshd; resolves whatever the exit code.
   * @throws LabError `lab/host-off`, `lab/command-timeout`
   */
  exec(host: HostName, command: LabCommand, o?: LabRunOptions): Promise<LabResult>;
  /**
   * Runs as root on this machine inside the lab's network namespace: a client, `nft`, `ip`, `dig`. Files are this
   * machine's own.
   */
  run(command: LabCommand, o?: LabRunOptions): Promise<LabResult>;
  /** The command line that runs a program in the lab's network namespace, for the caller to spawn. */
  inside(command: readonly string[]): readonly string[];
  /** Pids of all that runs on a host, seen from here; empty where it is off. */
  pids(host: HostName): Promise<readonly number[]>;
  /** A power cut: every process of the host is killed at once, its disk stays. Does nothing where it is off. */
  powerOff(host: HostName): Promise<void>;
  /** Boots a host that is off; resolves when its sshd answers. Does nothing where it is on. */
  powerOn(host: HostName): Promise<void>;
  /** Every host as it was after `up`: faults ended, off, an empty disk, on. Same keys. */
  reset(): Promise<void>;
  /** Keeps the disks of all hosts as they would be after a power cut now; the hosts stand still while they are copied. */
  snapshot(name: string): Promise<void>;
  /** Cuts the power, puts the disks of the snapshot in place and boots. @throws LabError `lab/no-such-snapshot` */
  restore(name: string): Promise<void>;
  /**
   * Does something bad to a host, for `forMs` (default 30 s); resolves when it has begun. It is undone by then even if
   * every process of Holdfast has been killed, and it dies with the lab. One of a kind on a host at a time.
   * @throws LabError `lab/fault-exists`, `lab/fault-not-begun`, `lab/host-off`, `lab/bad-fault`
   */
  fault(host: HostName, fault: Fault, o?: { readonly forMs?: number }): Promise<LabFault>;
  /** The faults that last, the first to end first. */
  faults(): Promise<readonly Pick<LabFault, 'host' | 'kind' | 'endsAt'>[]>;
  /** Ends all faults, or those of one host. @throws LabError `lab/fault-stuck` */
  heal(host?: HostName): Promise<void>;
  /** Ends everything and removes every trace. May be called twice. */
  down(): Promise<void>;
}
