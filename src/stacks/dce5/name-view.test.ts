import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { gatherHere } from '../../../test/facts.ts';
import { nameViewOf } from './facts.ts';
import { describeView, findProblems, nameViewCommand, readNameView } from './name-view.ts';

const NAME = 'www.tinder-node-server.com';
const view = (
  o: { hosts?: string; getent?: string; servers?: Record<string, string>; coredns?: string } = {},
) =>
  readNameView(
    [
      `## hosts\n${o.hosts ?? '127.0.0.1 localhost\n'}## getent\n${o.getent ?? '172.30.41.193 STREAM x\n172.30.41.193 DGRAM'}`,
      ...Object.entries(o.servers ?? {}).map(([server, said]) => `## server:${server}\n${said}`),
      `## coredns\n${o.coredns === undefined ? '' : `asked ${JSON.stringify({ items: [{ metadata: { name: 'coredns' }, data: { Corefile: o.coredns } }] }, null, 2)}`}\n`,
    ].join('\n'),
    NAME,
  );
const problems = (o: Parameters<typeof view>[0]) =>
  findProblems(view(o), NAME, ['172.30.41.193']).map(({ code, params }) => ({ code, ...params }));

describe("a host's view of the name", () => {
  test('is right where getent and every name server lead to the node, and nothing overrides it', () => {
    expect(
      problems({
        servers: { '172.30.41.192': '172.30.41.193' },
        coredns: '.:53 { forward . /etc/resolv.conf }',
      }),
    ).toEqual([]);
  });

  test.each([
    ['the name', '\n# old\n172.30.41.193 www.tinder-node-server.com\n', 3],
    ['an alias in capitals, with a final dot', '10.0.0.1 a WWW.Tinder-Node-Server.COM. # x\n', 1],
    ['a wildcard', '10.0.0.1 *.tinder-node-server.com\n', 1],
    ['a wildcard as dnsmasq writes it', '10.0.0.1 .tinder-node-server.com\n', 1],
  ])('is wrong where /etc/hosts has %s, even with the right address', (_what, hosts, line) => {
    expect(problems({ hosts })).toMatchObject([{ code: 'dce5-name/override', line }]);
  });

  test('does not mind other names, and comments', () => {
    const hosts =
      '# 10.0.0.1 www.tinder-node-server.com\n10.0.0.1 tinder-node-server.com www2.tinder-node-server.com\n';
    expect(problems({ hosts })).toEqual([]);
  });

  test('is wrong where the host gets nothing, or a stranger beside the node', () => {
    expect(problems({ getent: '' })).toMatchObject([{ code: 'dce5-name/no-address' }]);
    expect(problems({ getent: '172.30.41.193 STREAM\n10.0.0.9 STREAM' })).toMatchObject([
      { code: 'dce5-name/other-address', got: ['172.30.41.193', '10.0.0.9'] },
    ]);
  });

  test.each([
    ['dig', '172.30.41.194'],
    [
      'host',
      `Using domain server:\nName: 223.6.6.6\nAddress: 223.6.6.6#53\n\n${NAME} has address 172.30.41.194`,
    ],
    ['nslookup', `Name:\t${NAME}\nAddress: 172.30.41.194`],
  ])('is wrong where one name server of resolv.conf says something else (%s)', (_tool, said) => {
    expect(problems({ servers: { '172.30.41.192': '172.30.41.193', '223.6.6.6': said } })).toMatchObject([
      { code: 'dce5-name/server-differs', server: '223.6.6.6', got: '172.30.41.194' },
    ]);
  });

  test('is wrong where a name server of resolv.conf does not know the name: the runbook has 223.6.6.6 there', () => {
    const said = ';; connection timed out; no servers could be reached';
    expect(problems({ servers: { '223.6.6.6': said } })).toMatchObject([{ got: 'nothing' }]);
    expect(problems({ servers: { '223.6.6.6': 'no-tool' } })).toEqual([]);
  });

  test.each([
    ['hosts', 'hosts {\n    172.30.41.193 www.tinder-node-server.com\n    fallthrough\n}', 3],
    ['rewrite', 'rewrite name www.tinder-node-server.com original.svc', 2],
    ['template', 'template IN A {\n match ^www\\.tinder-node-server\\.com\\.$\n}', 3],
    ['a zone of its own', '*.tinder-node-server.com:53 {\n forward . 10.0.0.1\n}', 2],
    ['rewrite by a pattern', 'rewrite name regex (.*)\\.tinder-node-server\\.com {1}.svc.cluster.local', 2],
    ['a template for its zone', 'template IN A tinder-node-server.com {\n answer "x"\n}', 2],
    ['a template for every name', 'template IN A {\n match ".*"\n}', 3],
    ['a zone file', 'file /etc/coredns/db.tinder tinder-node-server.com', 2],
  ])('is wrong where the ConfigMap of CoreDNS names it in %s', (_what, block, line) => {
    expect(problems({ coredns: `.:53 {\n${block}\n}` })).toMatchObject([{ code: 'dce5-name/coredns', line }]);
  });

  test.each([
    ['a parent zone that is only forwarded', 'tinder-node-server.com:53 {\n forward . 172.30.41.192\n}'],
    ['a template for another zone', 'template IN A example.com {\n match .*\n}'],
    ['a pattern for others', 'rewrite name regex (.*)\\.example\\.com {1}.svc\nrewrite name regex [ x'],
    ['a comment', '# www.tinder-node-server.com'],
  ])('does not mind %s in the ConfigMap', (_what, block) => {
    expect(problems({ coredns: `.:53 {\n${block}\n}` })).toEqual([]);
  });

  test('tells which ConfigMap and which file in it has the line', () => {
    const maps = {
      items: [
        { metadata: { name: 'coredns' }, data: { Corefile: '.:53 { errors }' } },
        { metadata: { name: 'nodelocaldns' }, data: { Corefile: 'x', hosts: `# ours\n10.0.0.1 ${NAME}` } },
      ],
    };
    const found = readNameView(`## coredns\nasked ${JSON.stringify(maps)}`, NAME).coredns;
    expect(found).toEqual([{ map: 'nodelocaldns', file: 'hosts', line: 2, text: `10.0.0.1 ${NAME}` }]);
  });

  test.each([
    ['no such ConfigMap', 'asked ', []],
    ['one alone', 'asked {"metadata":{"name":"coredns"}}', []],
    ['something else', 'asked error: x', undefined],
  ])('where kubectl prints %s', (_what, said, coredns) => {
    expect(readNameView(`## coredns\n${said}`, NAME).coredns).toEqual(coredns);
  });

  test('says what was not asked, and does not take it for right', () => {
    expect(describeView(view({ servers: { '10.0.0.1': 'no-tool' } }))).toBe(
      'getent: 172.30.41.193; 10.0.0.1: not asked (no dig, host or nslookup there); /etc/hosts: no line; CoreDNS: not asked (no kubectl that may)',
    );
  });

  test('a ConfigMap comes through a real shell with its lines', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-kubectl-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const data = { Corefile: `.:53 {\n  hosts {\n    10.0.0.1 ${NAME}\n  }\n}\n` };
    const printed = JSON.stringify({ items: [{ metadata: { name: 'coredns' }, data }] }, null, 4);
    writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\ncat <<'END'\n${printed}\nEND\n`, { mode: 0o755 });
    const output = execFileSync('sh', ['-c', nameViewCommand(NAME)], {
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env.PATH}`, KUBECONFIG: join(folder, 'kubectl') },
    });
    expect(readNameView(output, NAME).coredns).toMatchObject([{ file: 'Corefile', line: 3 }]);
  });

  test.each(['', '\n'])('a line at the end of /etc/hosts is seen, with %j after it', (end) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-hosts-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'hosts');
    writeFileSync(path, `127.0.0.1 localhost\n\n10.0.0.1 ${NAME}${end}`);
    const command = nameViewCommand(NAME).replace('/etc/hosts', path);
    const found = readNameView(execFileSync('sh', ['-c', command], { encoding: 'utf8' }), NAME);
    expect(found.overrides).toMatchObject([{ line: 3, address: '10.0.0.1' }]);
  });

  test('is read on this machine by a real shell', () => {
    const facts = gatherHere([nameViewOf('here', 'localhost')] as never);
    const found = facts.get(nameViewOf('here', 'localhost'));
    expect(found?.overrides.length).toBeGreaterThan(0);
    expect(found?.addresses).toContain('127.0.0.1');
  });
});
