import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { editConfig, type FilledWish, maskPasswords } from './edit-config.ts';
import { tableRow } from './wish.ts';

const original = { name: 'www.tinder-node-server.com', address: '172.30.41.193' };
const standby = { name: 'www.tinder-node-server.com', address: '172.30.41.194' };
const node = { nodeName: 'g-master1', ip: '172.30.41.194', ansibleUser: 'root', ansiblePass: 'admin' };
const wishOf = (row: ReturnType<typeof tableRow>, more: Partial<FilledWish> = {}): FilledWish => ({
  ...row,
  packagePath: '/home/offline-fix-dns',
  masterNodes: [node],
  ...more,
});
const inName = wishOf(tableRow('name', original));
const inAddress = wishOf(tableRow('address', standby));
/** The runbook's own sample, with its addresses filled in. */
const sample = readFileSync(
  join(import.meta.dirname, '../../../../examples/dce5-runbook-mistakes/original/clusterConfig.yaml'),
  'utf8',
);
const textOf = (edited: ReturnType<typeof editConfig>): string => {
  if ('text' in edited) return edited.text;
  throw new Error(edited.wrong);
};

describe('the table of the runbook', () => {
  test.each([
    ['the original', inName, 'www.tinder-node-server.com', '172.30.41.193'],
    ['the standby', inAddress, '172.30.41.194', 'www.tinder-node-server.com'],
  ])('gives %s its two fields in a new file', (_node, wish, bootstrapNode, altName) => {
    const { spec } = parse(textOf(editConfig(undefined, wish)));
    expect(spec.bootstrapNode).toBe(bootstrapNode);
    expect(spec.imagesAndCharts.additionalSSLSubjectAltName).toBe(altName);
  });

  test('a new file has every field of the sample, in its order, with its values', () => {
    const text = textOf(editConfig(undefined, inName));
    expect(parse(text)).toEqual(parse(sample));
    const keys = (of: string): string[] =>
      [...of.matchAll(/^ *(?:- )?(\w+):/gm)].map(([, key]) => key as string);
    expect(keys(text)).toEqual(keys(sample));
  });
});

describe('editing an existing file', () => {
  test('leaves a file that is right as it is, byte for byte', () => {
    expect(textOf(editConfig(sample, inName))).toBe(sample);
  });

  test('changes the two values of a file that was copied from the original, and no other byte', () => {
    const expected = sample
      .replace('www.tinder-node-server.com #', '172.30.41.194 #')
      .replace('"172.30.41.193"', '"www.tinder-node-server.com"');
    expect(textOf(editConfig(sample, inAddress))).toBe(expected);
  });

  test('lets auto stand in address mode, and a list of names that has the wanted one', () => {
    const auto = sample
      .replace('www.tinder-node-server.com #', 'auto #')
      .replace('"172.30.41.193"', '"10.0.0.9, www.tinder-node-server.com"');
    expect(textOf(editConfig(auto, inAddress))).toBe(auto);
  });

  test('keeps fields that it does not know, comments and quotes', () => {
    const text = `# ours
apiVersion: provision.daocloud.io/v1alpha3
kind: ClusterConfig
spec:
  tinderKind: { registryPort: 8443 } # moved
  bootstrapNode: 'old.example'   # three blanks
  masterNodes:
  - {nodeName: g-master1, ip: 172.30.41.194, ansibleUser: root, ansiblePass: old, ansiblePort: 2222}
  - nodeName: g-master2
    ip: 172.30.41.195
  fullPackagePath: /home/offline-fix-dns
  imagesAndCharts: {type: builtin, additionalSSLSubjectAltName: 172.30.41.193}
`;
    expect(textOf(editConfig(text, inName))).toBe(
      text
        .replace("'old.example'", "'www.tinder-node-server.com'")
        .replace('ansiblePass: old', 'ansiblePass: admin'),
    );
  });

  test('adds what is missing, and keeps the comments', () => {
    const text = `apiVersion: provision.daocloud.io/v1alpha3
kind: ClusterConfig
spec:
  # the domain
  bootstrapNode: www.tinder-node-server.com
  osRepos:
  extra: [1, 2]
`;
    const paths = { isoPath: '/iso', osPackagePath: '/os.tar.gz' };
    const edited = textOf(editConfig(text, { ...inName, osRepos: paths, clusterName: 'prod' }));
    expect(edited).toContain('# the domain\n');
    expect(parse(edited).spec).toEqual({
      bootstrapNode: 'www.tinder-node-server.com',
      osRepos: { type: 'builtin', ...paths },
      extra: [1, 2],
      fullPackagePath: '/home/offline-fix-dns',
      imagesAndCharts: { additionalSSLSubjectAltName: '172.30.41.193', type: 'builtin' },
      clusterName: 'prod',
      masterNodes: [node],
    });
    expect(textOf(editConfig(edited, { ...inName, osRepos: paths, clusterName: 'prod' }))).toBe(edited);
  });

  test.each(['0123', 'a: b', '"', "it's", '#x', 'true', '密码', 'x\\y', ' lead'])(
    'writes the password %j so that YAML reads the same text',
    (ansiblePass) => {
      const wish = { ...inName, masterNodes: [{ ...node, ansiblePass }] };
      for (const before of [
        undefined,
        sample,
        sample.replace('"admin"', 'admin'),
        sample.replace('"admin"', "'admin'"),
      ]) {
        const edited = textOf(editConfig(before, wish));
        expect(parse(edited).spec.masterNodes[0].ansiblePass).toBe(ansiblePass);
        expect(maskPasswords(edited)).not.toContain(JSON.stringify(ansiblePass).slice(1, -1));
      }
    },
  );

  const HEAD = 'apiVersion: provision.daocloud.io/v1alpha3\nspec:\n';
  const NODES =
    'x-nodes: &nodes\n- {nodeName: g-master1, ip: 172.30.41.194, ansibleUser: root, ansiblePass: old, port: 22}\n';

  test.each([
    ['a block of text', `${HEAD}  bootstrapNode: |-\n    old.example\n  x: 1\n`, 'bootstrapNode: |', 3],
    ['a folded one', `${HEAD}  bootstrapNode: >-\n    old.example\n  x: 1\n`, 'bootstrapNode: >', 3],
    ['an alias', `${NODES}${HEAD}  masterNodes: *nodes\n`, 'masterNodes: *nodes', 5],
    [
      'an alias of one node',
      `x: &n {nodeName: g-master1}\n${HEAD}  masterNodes:\n  - *n\n`,
      'masterNodes: *n',
      5,
    ],
    ['an alias of a name', `x: &n g-master1\n${HEAD}  masterNodes:\n  - nodeName: *n\n`, 'nodeName: *n', 5],
    [
      'a value that an alias elsewhere follows',
      `${HEAD}  bootstrapNode: &n old.example\n  other: *n\n`,
      'bootstrapNode: &n',
      3,
    ],
  ])('does not edit %s, and says where it is', (_what, text, wrong, line) => {
    expect(editConfig(text, inName)).toMatchObject({ wrong, line, isIndirect: true });
  });

  test('does not put fields in the place of a value', () => {
    expect(editConfig(`${HEAD}  imagesAndCharts: ours\n`, inName)).toMatchObject({
      wrong: 'spec.imagesAndCharts',
      isIndirect: true,
    });
  });

  test('leaves aliases and blocks elsewhere alone, and right values whatever their form', () => {
    const text = `x: &x {a: 1}\n${HEAD}  bootstrapNode: |-\n    ${original.name}\n  other: *x\n`;
    const edited = textOf(editConfig(text, { ...inName, masterNodes: [] }));
    expect(edited).toContain(`bootstrapNode: |-\n    ${original.name}\n  other: *x\n`);
  });

  test('writes every other value as it was where fields are added: 0012345 is no number to whom it is a password', () => {
    const values = ['0012345', '12345678901234567890', '1e5', '0x1F', '1.10', 'yes', '~', '', "'007'", '"1"'];
    const lines = values.map((value, at) => `  v${at}: ${value}`.trimEnd());
    const edited = textOf(editConfig(`${HEAD}${lines.join('\n')}\n`, inName));
    expect(edited.split('\n').slice(2, 2 + values.length)).toEqual(lines);
    expect(parse(edited).spec.bootstrapNode).toBe(original.name);
  });

  test('takes no number for the password that only counts as much', () => {
    const wish = { ...inName, masterNodes: [{ ...node, ansiblePass: '12' }] };
    const edited = textOf(editConfig(sample.replace('"admin"', '0012'), wish));
    expect(parse(edited).spec.masterNodes[0].ansiblePass).toBe('12');
  });

  test.each([
    '# ansiblePass: "hunter2"',
    'a: 1 # was password = hunter2, really',
    '#- {nodeName: a, ansiblePass: hunter2}',
    'ansiblePass: |-\n  hunter2',
  ])('shows no password of %j', (line) => {
    const shown = maskPasswords(`${line}\nb: 1\n`);
    expect(shown).not.toContain('hunter2');
    expect(shown).toMatch(/\*\*\*"?\nb: 1\n$/);
  });

  test('does not touch a file of another version, or one that is no YAML, and says where', () => {
    expect(editConfig('a: 1\nb: [\n', inName)).toMatchObject({ expected: 'YAML', line: 3 });
    expect(
      editConfig(`kind: x\n${sample.replace('v1alpha3', 'v1alpha1').split('\n')[0]}\nspec: {}\n`, inName),
    ).toMatchObject({ wrong: 'apiVersion: provision.daocloud.io/v1alpha1', line: 2 });
  });
});
