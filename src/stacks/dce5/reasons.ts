import { defineReasons } from '../../base/reason.ts';

/** What the stack's plan and its findings say. */
export const reasons = defineReasons({
  'dce5/no-override': {
    en: 'a line for {name} in /etc/hosts would keep this host on one node, whatever DNS answers',
    zh: '/etc/hosts 中若有 {name}，无论 DNS 如何应答，本机都会固定访问同一个节点',
  },
  'dce5/override-goes': {
    en: 'The plan takes it out (a wildcard is to be removed by hand). If somebody put it there on {host} on purpose, talk to them first.',
    zh: '该计划会将其删除（通配符行需手工删除）。若有人特意在 {host} 上添加，请先与其确认。',
  },
  'dce5/line-foreseen': {
    en: '{name} leads to {addresses}, never to {host} itself, so the installer will write it into /etc/hosts there',
    zh: '{name} 指向 {addresses} 而不是 {host} 本身，因此安装器会将其写入该主机的 /etc/hosts',
  },
  'dce5/line-goes': {
    en: 'Nothing to do: Holdfast takes the line out as soon as the installer ends, and makes sure that it is gone.',
    zh: '无需处理：安装器结束后 Holdfast 会立即删除该行并确认。',
  },
  'dce5/name-first': {
    en: 'every host must get the right answer for {name} before the installer looks at it',
    zh: '安装器检查 {name} 之前，每台主机都必须能正确解析它',
  },
  'dce5/tools-first': {
    en: 'the installer needs its tools on the node',
    zh: '安装器需要节点上已有相关工具',
  },
  'dce5/config-folder': { en: 'clusterConfig.yaml lies in it', zh: 'clusterConfig.yaml 位于其中' },
  'dce5/config-name-mode': {
    en: 'the original is installed in name mode: its certificate then covers {name} and {address}',
    zh: '原火种节点以域名模式安装：其证书将包含 {name} 和 {address}',
  },
  'dce5/config-address-mode': {
    en: 'the standby is installed in address mode: its certificate then covers {address} and {name}',
    zh: '备用火种节点以 IP 模式安装：其证书将包含 {address} 和 {name}',
  },
  'dce5/copy': {
    en: 'the standby is installed from the same package, byte for byte',
    zh: '备用节点须从完全相同的离线包安装',
  },
  'dce5/install-original': {
    en: 'the original is installed in full, and the cluster with it',
    zh: '原火种节点执行完整安装，同时安装集群',
  },
  'dce5/install-standby': {
    en: 'the standby gets the bootstrap node alone: without -j 1,2,3,4,5 the installer would touch the cluster',
    zh: '备用节点只安装火种节点本身：缺少 -j 1,2,3,4,5 时安装器会改动集群',
  },
  'dce5/upgrade-original': {
    en: 'the original is upgraded first, while the standby still holds what clients had',
    zh: '先升级原火种节点，此时备用节点仍保有客户端原有的内容',
  },
  'dce5/upgrade-standby': {
    en: 'the standby follows once the original is verified',
    zh: '原火种节点验证通过后，再升级备用节点',
  },
  'dce5/certificate': {
    en: 'the certificate of {member} must cover {name} and {address} before clients are sent there',
    zh: '在把客户端送往 {member} 之前，其证书必须包含 {name} 和 {address}',
  },
  'dce5/remove-from-coredns': {
    en: 'Take it out with `kubectl -n kube-system edit cm {map}` on {host}: pods would follow it, not the DNS server.',
    zh: '请在 {host} 上用 `kubectl -n kube-system edit cm {map}` 将其删除：否则 Pod 会依据它而不是 DNS 服务器。',
  },
  'dce5/apply-removes': {
    en: 'Run `holdfast apply`: it takes the name out of /etc/hosts on {host}. A wildcard is to be removed by hand.',
    zh: '请执行 `holdfast apply`：它会从 {host} 的 /etc/hosts 中删除该名称。通配符行需手工删除。',
  },
  'dce5/look-at-resolver': {
    en: 'Every name server in /etc/resolv.conf of {host} must know the name: remove the others. `holdfast status` tells who answers.',
    zh: '{host} 的 /etc/resolv.conf 中每个 DNS 服务器都必须能解析该名称，否则请删除。`holdfast status` 显示由谁应答。',
  },
  'dce5/host-not-asked': { en: '{host} could not be asked: {detail}', zh: '无法查询 {host}：{detail}' },
  'dce5/trusts': { en: 'container tools of {host}: {got}', zh: '{host} 的容器工具：{got}' },
  'dce5/untrusted': {
    en: "{runtime} on '{host}' refuses the certificate of {addresses}: neither {place} nor the system's authorities accept it",
    zh: '“{host}”上的 {runtime} 不接受 {addresses} 的证书：{place} 和系统 CA 均不认可',
  },
  'dce5/trust-it': {
    en: "Put the certificate of every node into {place}/, each as a file *.crt, or into the system's authorities: while that node is active, pulls fail with an x509 error.",
    zh: '请将每个节点的证书以 *.crt 文件放入 {place}/，或加入系统 CA：否则该节点为主用时，拉取镜像会报 x509 错误。',
  },
});
