import type { Sentence } from '../../base/reason.ts';

/** A comment in the user's language. */
export type Say = (en: string, zh: string) => string;

/** A site file to begin with, as `holdfast init <name>` writes it. It loads and lints clean as it is. */
export interface Layout {
  /** = its file's name */
  readonly name: string;
  readonly summary: Sentence;
  render(say: Say): string;
}

/** The first lines of every layout. */
export function head(say: Say, name: string): string {
  return `# yaml-language-server: $schema=./site.schema.json
# ${say('Completion and checks in your editor: holdfast schema > site.schema.json', '编辑器补全与校验：holdfast schema > site.schema.json')}
# ${say('Every key is explained in docs/reference/site.md; every rule by `holdfast explain`.', '各键的说明见 docs/reference/site.md；各规则的说明见 `holdfast explain`。')}
apiVersion: holdfast/v1
kind: Site
metadata: { name: ${name} }

# ${say('How hosts are reached. A host may override each of these.', '如何访问主机。每台主机都可以单独覆盖。')}
access:
  user: root
  identity: ~/.ssh/id_ed25519
  # ${say('password: env:SSH_PASSWORD        never the password itself', 'password: env:SSH_PASSWORD        不要写密码本身')}
  # ${say('sudo: nopasswd                    if `user` is not root', 'sudo: nopasswd                    当 `user` 不是 root 时')}
  # ${say('jump: bastion                     a host of this site to go through', 'jump: bastion                     作为跳板的本站点主机')}
`;
}

/** Probing, caching and the way back, the same for every pair. */
export function pairTimes(say: Say): string {
  return `    # ${say('Down after 2 failures 1s apart; clients keep an answer for 5s: an outage of about 8s.', '间隔 1s 连续失败 2 次即判定故障；客户端缓存应答 5s：中断约 8s。')}
    interval: 1s
    timeout: 1s
    fall: 2
    rise: 2
    ttl: 5s
    failoverTarget: 30s
    # ${say('Back to the original when it has been well for 10m and holds everything the standby holds.', '原主节点持续正常 10m 且具备备用节点的全部内容后回切。')}
    failback: { mode: auto, after: 10m }
`;
}

/** What a bootstrap node serves. */
export function artifactsStack(say: Say): string {
  return `
stacks:
  bootstrap:
    kind: artifacts
    endpoint: tinder
    # ${say('Ports of a DCE 5.0 bootstrap node; write `files: false` for what yours does not serve.', 'DCE 5.0 火种节点的默认端口；不提供的服务写 `files: false`。')}
    registry: { port: 443 }
    files: { port: 9000 }
    charts: { port: 8081 }
`;
}
