import { describe, expect, it } from 'vitest';
import { parseTargets } from './package-sources.ts';

const TARGETS = `http://mirror.example/debian/\tbookworm\tmain\tDebian
http://mirror.example/debian/\tbookworm\tmain\tDebian
http://mirror.example/debian/\tbookworm-updates\tmain\tDebian
http://mirror.example/security/\tbookworm-security\tmain\tDebian
http://mirror.example/debian/\ttrixie\tmain\tDebian
https://vendor.example/apt/\tbookworm\tmain\tVendor
`;

describe("the machine's package sources", () => {
  it('are its own mirrors of the release, with updates and security fixes, and of nobody but Debian', () => {
    expect(parseTargets(TARGETS, 'bookworm')).toEqual({
      mirror: 'http://mirror.example/debian/',
      list: `deb http://mirror.example/debian/ bookworm main
deb http://mirror.example/debian/ bookworm-updates main
deb http://mirror.example/security/ bookworm-security main
`,
    });
  });

  it.each(['', TARGETS.replaceAll(/bookworm/g, 'bullseye')])(
    'are refused without one of the release',
    (targets) => {
      expect(() => parseTargets(targets, 'bookworm')).toThrow(
        expect.objectContaining({
          code: 'lab/base-image-failed',
          hint: expect.stringContaining('apt-get update'),
        }),
      );
    },
  );
});
