import { describe, expect, test } from 'vitest';
import { loadSite } from '../load.ts';
import { parseClusterConfig } from './cluster-config.ts';
import { parseHostsFile } from './hosts-file.ts';
import { parseResolvConf } from './resolv-conf.ts';
import { addressOfReverseName, isInReverseZone } from './reverse-name.ts';

const schemas = { drivers: new Map(), stacks: new Map(), probes: new Map() };
const head =
  'apiVersion: holdfast/v1\nkind: Site\nmetadata: { name: x }\nhosts: { a: 10.0.0.1 }\naudit:\n  files:\n';

describe('audited files', () => {
  const load = (entry: string, files: Record<string, string>) =>
    loadSite({
      file: 'sites/one/site.yaml',
      text: `${head}    - ${entry}\n`,
      schemas,
      readFile: (path) => {
        if (files[path] === undefined) throw new Error('no such file');
        return files[path];
      },
    });

  test('are read beside the site file, and their places named from where it was named', () => {
    const { site } = load('{ kind: hosts-file, path: etc/hosts, host: a }', { 'etc/hosts': '10.0.0.1 a\n' });
    const [file] = site?.auditFiles ?? [];

    expect(file).toMatchObject({
      kind: 'hosts-file',
      path: 'etc/hosts',
      file: 'sites/one/etc/hosts',
      host: 'a',
    });
    expect(file?.kind === 'hosts-file' && file.hosts.entries[0]?.position.file).toBe('sites/one/etc/hosts');
  });

  test('that cannot be read are an error at their path', () => {
    const [finding] = load('{ kind: hosts-file, path: nowhere }', {}).findings;

    expect(finding).toMatchObject({ rule: 'HF007', position: { line: 7, column: 33 } });
    expect(finding?.because.params.why).toBe('no such file');
  });

  test('of zones must say which zone they are, here or there', () => {
    const zone = '@ SOA ns h 1 2 3 4 5\n';

    expect(load('{ kind: zone, path: z }', { z: zone }).findings[0]).toMatchObject({ rule: 'HF006' });
    expect(load('{ kind: zone, path: z, origin: example.com }', { z: zone }).findings).toEqual([]);
    expect(load('{ kind: zone, path: z }', { z: `$ORIGIN example.com.\n${zone}` }).findings).toEqual([]);
  });

  test('of YAML report their own mistakes, in their own file', () => {
    const { findings } = load('{ kind: cluster-config, path: c.yaml }', { 'c.yaml': 'spec:\n\tx: 1\n' });

    expect(findings[0]).toMatchObject({ rule: 'HF001', position: { file: 'sites/one/c.yaml', line: 2 } });
  });
});

describe('a hosts file', () => {
  test('gives each name its address, in small letters, without comments', () => {
    const { entries } = parseHostsFile('h', '# x\n10.0.0.1\tA.Example. b # c\r\n\n10.0.0.2\n');

    expect(
      entries.map(({ name, address, position }) => `${position.line}:${position.column} ${name} ${address}`),
    ).toEqual(['2:10 a.example 10.0.0.1', '2:21 b 10.0.0.1']);
  });
});

describe('a resolver configuration', () => {
  test('gives servers, the last search list, and options', () => {
    const conf = parseResolvConf(
      'r',
      'domain old.org\nsearch a.org b.org\nnameserver 10.0.0.1\nnameserver x\noptions ndots:2 timeout:3 rotate attempts:4\n',
    );

    expect(conf.nameservers.map((each) => each.value)).toEqual(['10.0.0.1']);
    expect(conf.search.map((each) => each.value)).toEqual(['a.org', 'b.org']);
    expect([conf.ndots?.value, conf.timeoutMs?.value, conf.attempts?.value]).toEqual([2, 3_000, 4]);
  });
});

describe('a clusterConfig.yaml', () => {
  test('gives the fields of the SAN table and where passwords stand, never what they are', () => {
    const text =
      'spec:\n  bootstrapNode: auto\n  imagesAndCharts: { additionalSSLSubjectAltName: "a.org, 10.0.0.1" }\n  masterNodes: [{ ansiblePass: hunter2 }]\n';
    const { cluster } = parseClusterConfig('c', text);

    expect(cluster.bootstrapNode).toMatchObject({ value: 'auto', position: { line: 2, column: 18 } });
    expect(cluster.additionalNames?.value).toEqual(['a.org', '10.0.0.1']);
    expect(cluster.plainPasswords).toMatchObject([{ value: 'ansiblePass', position: { line: 4 } }]);
    expect(JSON.stringify(cluster)).not.toContain('hunter2');
  });

  test('without any of it gives nothing', () => {
    for (const text of ['', 'x: 1', 'spec: 1', 'spec: { bootstrapNode: [a] }']) {
      expect(parseClusterConfig('c', text).cluster).toEqual({
        bootstrapNode: undefined,
        additionalNames: undefined,
        plainPasswords: [],
      });
    }
  });
});

describe('reverse names', () => {
  test('lead to their address, IPv4 and IPv6', () => {
    expect(addressOfReverseName('193.41.30.172.in-addr.arpa')).toBe('172.30.41.193');
    expect(addressOfReverseName(`1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`)).toBe('2001:db8::1');
    expect(addressOfReverseName('41.30.172.in-addr.arpa')).toBeUndefined();
  });

  test('tell whether an address belongs into a zone', () => {
    expect(isInReverseZone('172.30.41.7', '41.30.172.in-addr.arpa')).toBe(true);
    expect(isInReverseZone('172.30.42.7', '41.30.172.in-addr.arpa')).toBe(false);
    expect(isInReverseZone('2001:db8::7', '8.b.d.0.1.0.0.2.ip6.arpa')).toBe(true);
    expect(isInReverseZone('2001:db9::7', '8.b.d.0.1.0.0.2.ip6.arpa')).toBe(false);
    expect(isInReverseZone('name.example', '8.b.d.0.1.0.0.2.ip6.arpa')).toBe(false);
  });
});
