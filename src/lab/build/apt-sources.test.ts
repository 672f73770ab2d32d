import { describe, expect, it } from 'vitest';
import { toSourceEntries } from './apt-sources.ts';

const DEBIAN = new Set(['http://deb.debian.org/debian/', 'http://mirror.example/debian-security/']);

describe('deb-src entries from the machine’s own sources', () => {
  it('keeps key, suites and components of a deb822 stanza', () => {
    const text = `# made by the installer
Types: deb
# a remark
URIs: http://deb.debian.org/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`;
    expect(toSourceEntries([{ name: 'debian.sources', text }], DEBIAN)).toEqual([
      {
        name: 'debian.sources',
        text: `Types: deb-src
URIs: http://deb.debian.org/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`,
      },
    ]);
  });

  it('leaves out what is not Debian’s, and what is switched off', () => {
    const text = `Types: deb
URIs: https://deb.nodesource.com/node_20.x
Suites: nodistro
Components: main

Enabled: no
Types: deb
URIs: http://deb.debian.org/debian
Suites: bookworm
Components: main

Types: deb deb-src
URIs:
 http://first.example/debian
 http://mirror.example/debian-security
Suites: bookworm-security
Components: main
`;
    const [file, ...others] = toSourceEntries([{ name: 'all.sources', text }], DEBIAN);
    expect(others).toEqual([]);
    expect(file?.text).toBe(`Types: deb-src
URIs:
 http://first.example/debian
 http://mirror.example/debian-security
Suites: bookworm-security
Components: main
`);
  });

  it('turns one-line entries, with their options, and says each once', () => {
    const text = `deb [arch=amd64 signed-by=/k.gpg] http://deb.debian.org/debian bookworm main # ours
deb-src [arch=amd64 signed-by=/k.gpg] http://deb.debian.org/debian bookworm main
#deb http://deb.debian.org/debian bookworm-backports main
deb https://packages.cloud.google.com/apt cloud-sdk-bookworm main
deb http://mirror.example/debian-security/ bookworm-security main
`;
    expect(toSourceEntries([{ name: 'sources.list', text }], DEBIAN)).toEqual([
      {
        name: 'sources.list',
        text: `deb-src [arch=amd64 signed-by=/k.gpg] http://deb.debian.org/debian bookworm main
deb-src http://mirror.example/debian-security/ bookworm-security main
`,
      },
    ]);
  });

  it('gives no file at all where nothing of Debian’s is in it', () => {
    const text = 'deb https://packages.cloud.google.com/apt cloud-sdk-bookworm main\n';
    expect(toSourceEntries([{ name: 'google.list', text }], DEBIAN)).toEqual([]);
  });
});
