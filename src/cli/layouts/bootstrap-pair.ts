import { artifactsStack, head, type Layout, pairTimes } from './layout.ts';

/** The pair of the DCE 5.0 runbook, with the name answered by Holdfast itself. */
export const bootstrapPair: Layout = {
  name: 'bootstrap-pair',
  summary: {
    en: 'A bootstrap node and its standby behind a DNS name; Holdfast answers the name itself',
    zh: '火种节点与备用节点，位于同一域名之后；由 Holdfast 自己应答该域名',
  },
  render: (say) => `${head(say, 'my-bootstrap')}
hosts:
  original: 192.0.2.193
  standby: 192.0.2.194

endpoints:
  tinder:
    # ${say('The name that clients use; delegate it, or its zone, to the machine that runs `holdfast watch`.', '客户端使用的域名；请将其或其区域委派给运行 `holdfast watch` 的机器。')}
    name: registry.example.com
    # ${say('The address of this machine that clients and other name servers ask.', '本机供客户端及其他域名服务器查询的地址。')}
    driver: { kind: dns-embedded, listen: [192.0.2.192] }
    # ${say('In order of preference.', '按优先顺序排列。')}
    members: [original, standby]
${pairTimes(say)}${artifactsStack(say)}`,
};
