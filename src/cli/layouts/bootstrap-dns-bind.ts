import { artifactsStack, head, type Layout, pairTimes } from './layout.ts';

/** The pair of the DCE 5.0 runbook, with the zone file of a BIND server edited over SSH. */
export const bootstrapDnsBind: Layout = {
  name: 'bootstrap-dns-bind',
  summary: {
    en: 'The same pair, with the zone file of your BIND server edited over SSH, as the runbook does by hand',
    zh: '同样的一对节点，经 SSH 修改 BIND 服务器的区域文件（即手册中的手工操作）',
  },
  render: (say) => `${head(say, 'my-bootstrap')}
hosts:
  original: 192.0.2.193
  standby: 192.0.2.194
  # ${say('The name server; not one of the pair, or it goes down with it.', '域名服务器；不要放在这对节点上，否则会一同故障。')}
  dns: 192.0.2.192

endpoints:
  tinder:
    name: registry.example.com
    driver:
      kind: dns-bind
      server: dns
      zone: example.com
      zoneFile: /var/named/example.com.zone
    # ${say('In order of preference.', '按优先顺序排列。')}
    members: [original, standby]
${pairTimes(say)}${artifactsStack(say)}
# ${say('Have lint read the configuration as it is today; paths are relative to this file.', '让 lint 一并审查现有配置；路径相对于本文件。')}
# audit:
#   files:
#     - { kind: zone, path: example.com.zone, origin: example.com }
#     - { kind: resolv-conf, path: resolv.conf, host: original }
#     - { kind: hosts-file, path: hosts, host: standby }
`,
};
