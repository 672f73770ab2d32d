/** Where labs and their base images lie on this machine. */
import { join } from 'node:path';
import { digestBytes } from '../base/digest.ts';
import { LabError } from './lab-error.ts';

type Env = Readonly<Record<string, string | undefined>>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$/;

/** Every path of one lab; none of them need exist. */
export interface LabFolders {
  readonly name: string;
  readonly folder: string;
  /** Who works on the lab just now; beside the folder, so that it can be held while the folder goes. */
  readonly lease: string;
  readonly record: string;
  readonly stateDir: string;
  readonly keys: string;
  readonly snapshots: string;
  /** One folder for each fault that lasts. */
  readonly faults: string;
  /** The lab's control group, relative to a hierarchy: `holdfast/<name>-<digest of the folder>`. */
  readonly cgroup: string;
  /** Everything about one host: its disk, where that is mounted, its console. */
  host(host: string): HostFolders;
}

export interface HostFolders {
  readonly folder: string;
  /** The image of its disk. */
  readonly image: string;
  /** Where that is mounted, in the lab only: what the host wrote, `upper/` and `work/` of its overlay. */
  readonly disk: string;
  /** Where its root is mounted, in the lab only. */
  readonly root: string;
  readonly console: string;
}

/** The folder of all labs: $HOLDFAST_LABS, or /var/lib/holdfast/labs. */
export function labsFolder(env: Env): string {
  return env.HOLDFAST_LABS ?? '/var/lib/holdfast/labs';
}

/**
 * The paths of the lab of that name.
 * @throws LabError `lab/bad-name`
 */
export function labFolders(labs: string, name: string): LabFolders {
  checkName(name);
  const folder = join(labs, name);
  return {
    name,
    folder,
    lease: join(labs, `.${name}.lease`),
    record: join(folder, 'lab.json'),
    stateDir: join(folder, 'state'),
    keys: join(folder, 'keys'),
    snapshots: join(folder, 'snapshots'),
    faults: join(folder, 'faults'),
    cgroup: `holdfast/${name}-${digestBytes(folder).slice(7, 15)}`,
    host: (host) => {
      const own = join(folder, 'hosts', host);
      return {
        folder: own,
        image: join(own, 'disk.img'),
        disk: join(own, 'disk'),
        root: join(own, 'root'),
        console: join(own, 'console.log'),
      };
    },
  };
}

/** @throws LabError `lab/bad-name` where it is no good as the name of a folder */
export function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw new LabError({
    code: 'lab/bad-name',
    message: `'${name}' is no good as a name here`,
    expected: 'letters, digits, dots and dashes, 40 at most, a letter or digit first',
    got: name,
    hint: 'Choose another name (--lab NAME).',
  });
}
