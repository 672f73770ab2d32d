import type { FactKind } from '../fact.ts';
import { readAssignments } from './parse/assignments.ts';

/** The distribution. `family` says which habits hold: packages, paths, names of units. */
export interface Os {
  /** `debian`, `centos`, `openEuler`, `alpine` …; empty where the host does not say. */
  readonly id: string;
  readonly like: readonly string[];
  readonly version: string;
  /** For people: `Debian GNU/Linux 12 (bookworm)`. */
  readonly name: string;
  readonly family: 'debian' | 'redhat' | 'suse' | 'alpine' | 'arch' | 'unknown';
}

/** openEuler, Kylin and Anolis say nothing in ID_LIKE, and are of Red Hat's kind. */
const FAMILIES: readonly [Os['family'], RegExp][] = [
  ['debian', /^(debian|ubuntu|uos|deepin|linuxmint|raspbian)$/],
  [
    'redhat',
    /^(rhel|fedora|centos|rocky|almalinux|ol|openeuler|kylin|anolis|amzn|alinux|tencentos|opencloudos|bigcloud)$/,
  ],
  ['suse', /^(suse|opensuse.*|sles?d?)$/],
  ['alpine', /^alpine$/],
  ['arch', /^(arch|archlinux|manjaro)$/],
];

/** os-release(5); `/etc/redhat-release` for what is older. */
export const os: FactKind<Os> = {
  name: 'os',
  command: () => `cat /etc/os-release 2>/dev/null || cat /usr/lib/os-release 2>/dev/null ||
  sed -n '1s/^/REDHAT_RELEASE=/p' /etc/redhat-release`,
  parse(output) {
    const values = readAssignments(output);
    const old = /^(\S+)[^0-9]*([0-9.]+)/.exec(values.get('REDHAT_RELEASE') ?? '');
    const id = values.get('ID') ?? old?.[1]?.toLowerCase() ?? '';
    const like = (values.get('ID_LIKE') ?? '').split(/\s+/).filter(Boolean);
    return {
      id,
      like,
      version: values.get('VERSION_ID') ?? old?.[2] ?? '',
      name: values.get('PRETTY_NAME') ?? values.get('REDHAT_RELEASE') ?? id,
      family: familyOf([id, ...like]),
    };
  },
};

function familyOf(ids: readonly string[]): Os['family'] {
  for (const id of ids) {
    const found = FAMILIES.find(([, pattern]) => pattern.test(id.toLowerCase()));
    if (found !== undefined) return found[0];
  }
  return 'unknown';
}
