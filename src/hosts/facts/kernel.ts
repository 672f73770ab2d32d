import type { FactKind } from '../fact.ts';
import { FactError } from '../fact-error.ts';

export interface Kernel {
  /** `Linux` */
  readonly name: string;
  readonly release: string;
  /** `x86_64`, `aarch64` … */
  readonly architecture: string;
  /** What the host calls itself; not always its name in the site. */
  readonly hostname: string;
}

/** uname(1), one field a call: a release may hold blanks on no system, a host name on some. */
export const kernel: FactKind<Kernel> = {
  name: 'kernel',
  command: () => 'uname -s; uname -r; uname -m; uname -n',
  parse(output) {
    const [name, release, architecture, hostname] = output.split('\n').map((line) => line.trim());
    if (!name || !release || !architecture || !hostname)
      throw new FactError('kernel', 'four lines of uname', output);
    return { name, release, architecture, hostname };
  },
};
