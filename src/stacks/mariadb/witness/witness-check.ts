/** What `verify` says of the witness: whether each node is answered, and who may go on alone. */
import { defineReasons } from '../../../base/reason.ts';
import { ask, type FactKind, type FactQuery, type Facts } from '../../../hosts/fact.ts';
import { quote } from '../../../hosts/shell.ts';
import type { HostName } from '../../../site/model.ts';
import type { HostCheck } from '../../stack.ts';
import type { Pair } from '../pair.ts';

export const witnessReasons = defineReasons({
  'mariadb-witness/nobody': {
    en: 'the witness {witness} answers; nobody goes on alone',
    zh: '见证主机 {witness} 已应答；没有节点单独继续',
  },
  'mariadb-witness/holder': {
    en: 'the witness {witness} has let {holder} go on alone: the other takes over again when both are level',
    zh: '见证主机 {witness} 已允许 {holder} 单独继续：两者同步后，另一节点才能再次接管',
  },
  'mariadb-witness/silent': {
    en: 'the witness {witness} does not answer {host}: no failover until it does',
    zh: '见证主机 {witness} 未应答 {host}：恢复之前不会故障切换',
  },
  'mariadb-witness/see-ssh': {
    en: 'Run `{script} look` on {host}; it asks over SSH, and `holdfast apply` gives it its key.',
    zh: '请在 {host} 上运行 `{script} look`；它经 SSH 询问，密钥由 `holdfast apply` 提供。',
  },
});

/** Who may go on alone, as the witness tells a host; undefined where it does not answer. Changes by itself. */
const holder: FactKind<string | undefined, { readonly etc: string }> = {
  name: 'mariadb-witness',
  command: ({ etc }) => `s=${quote(`${etc}/witness`)}; [ ! -x "$s" ] || "$s" look`,
  parse: (output) => output.trim() || undefined,
  stable: () => null,
};

/** @param etc the folder of `PairPaths` */
export function holderSeenBy(
  host: HostName,
  etc: string,
): FactQuery<string | undefined, { readonly etc: string }> {
  return ask(host, holder, { etc });
}

/** A line a node. Pure. @param witness the host's name */
export function checkWitness(witness: string, { nodes, paths }: Pair, facts: Facts): HostCheck[] {
  return nodes.map(({ member: { host } }) => {
    const found = facts.get(holderSeenBy(host, paths.etc));
    const about = {
      check: 'witness',
      host,
      asked: `who may go on alone, of ${witness}`,
      expected: 'an answer',
      got: found ?? 'none',
      warnings: [],
    };
    const script = `${paths.etc}/witness`;
    if (found === undefined) {
      const because = witnessReasons.of('mariadb-witness/silent', { witness, host });
      return {
        ...about,
        ok: false,
        because,
        warnings: [witnessReasons.of('mariadb-witness/see-ssh', { script, host })],
      };
    }
    if (found === '-')
      return { ...about, ok: true, because: witnessReasons.of('mariadb-witness/nobody', { witness }) };
    return {
      ...about,
      ok: true,
      because: witnessReasons.of('mariadb-witness/holder', { witness, holder: found }),
    };
  });
}
