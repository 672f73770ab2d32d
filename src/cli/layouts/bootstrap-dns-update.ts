import { artifactsStack, head, type Layout, pairTimes } from './layout.ts';

/** The pair of the DCE 5.0 runbook, with the name changed by signed updates. */
export const bootstrapDnsUpdate: Layout = {
  name: 'bootstrap-dns-update',
  summary: {
    en: 'The same pair, with the name changed by signed updates (RFC 2136) to BIND, Knot or Windows DNS',
    zh: '同样的一对节点，通过签名的动态更新（RFC 2136）修改 BIND、Knot 等服务器上的域名',
  },
  render: (say) => `${head(say, 'my-bootstrap')}
hosts:
  original: 192.0.2.193
  standby: 192.0.2.194

endpoints:
  tinder:
    name: registry.example.com
    driver:
      kind: dns-update
      # ${say('The primary server of the zone; it needs no SSH.', '区域的主服务器；不需要 SSH。')}
      server: 192.0.2.192
      zone: example.com
      # ${say('Made with tsig-keygen; the secret stays in the environment.', '用 tsig-keygen 生成；密钥内容保存在环境变量中。')}
      key: { name: holdfast, algorithm: hmac-sha256, secret: env:TSIG_SECRET }
    # ${say('In order of preference.', '按优先顺序排列。')}
    members: [original, standby]
${pairTimes(say)}${artifactsStack(say)}`,
};
