import type { Sentence } from '../base/reason.ts';

/** One thing that the lab needs of this machine, and whether it is there. */
export interface MachineCheck {
  readonly name: 'linux' | 'root' | 'packages' | 'cgroups' | 'network' | 'overlay' | 'inotify';
  readonly needs: Sentence;
  readonly isFit: boolean;
  /** What was found instead. */
  readonly got?: string;
  /** The command that mends it, or what to do where no command does. */
  readonly mend?: string;
}
