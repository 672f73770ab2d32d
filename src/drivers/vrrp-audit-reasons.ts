import { defineReasons } from '../base/reason.ts';

/** What the audit of a keepalived.conf says: what is so, and what it leads to. */
export const auditReasons = defineReasons({
  'keepalived/takes-back': {
    en: '{name} takes the address back the moment {host} returns: a second interruption, and a database may not hold everything yet',
    zh: '{name}：{host} 恢复后立即抢回地址，造成第二次中断，而此时数据库可能尚未补齐数据',
  },
  'keepalived/nopreempt-ignored': {
    en: '{name} on {host}: nopreempt has no effect with `state MASTER`: keepalived ignores it',
    zh: '{host} 的 {name}：`state MASTER` 下 nopreempt 不生效，会被 keepalived 忽略',
  },
  'keepalived/slow': {
    en: '{name} on {host} advertises every {interval} s: a dead owner is replaced after up to {outage} s',
    zh: '{host} 的 {name} 每 {interval} 秒通告一次：持有者失效后最长 {outage} 秒才被接替',
  },
  'keepalived/long-password': {
    en: '{name} on {host}: VRRP has room for eight characters of auth_pass, the others are cut off',
    zh: '{host} 的 {name}：VRRP 的 auth_pass 只有八个字符，多余部分会被截断',
  },
  'keepalived/plain-password': {
    en: '{name} on {host}: the password goes over the wire in plain text, and ties it to VRRPv2 with whole seconds',
    zh: '{host} 的 {name}：密码以明文传输，并使其只能使用以整秒通告的 VRRPv2',
  },
  'keepalived/multicast': {
    en: '{name} on {host} advertises by multicast: clouds and some switches drop it, and then both own the address',
    zh: '{host} 的 {name} 以组播通告：云平台和部分交换机会丢弃组播，届时双方都会持有地址',
  },
  'keepalived/blind': {
    en: '{name} on {host} tracks nothing: the address stays on a host whose service is dead',
    zh: '{host} 的 {name} 没有任何跟踪检查：服务失效后地址仍留在该主机上',
  },
  'keepalived/script-security': {
    en: '{host}: scripts run without enable_script_security: as root, also where others may change them',
    zh: '{host}：未启用 enable_script_security，脚本以 root 运行，即使其他用户可以修改它们',
  },
  'keepalived/no-fall': {
    en: '{name} on {host} has no {missing}: a single failed run moves the address, a single good one brings it back',
    zh: '{host} 的 {name} 没有 {missing}：一次失败就会漂移地址，一次成功又会漂回',
  },
  'keepalived/no-script': {
    en: '{name} on {host}: {path} does not exist; keepalived leaves the check out, and tracks nothing',
    zh: '{host} 的 {name}：{path} 不存在，keepalived 会忽略该检查',
  },
  'keepalived/not-executable': {
    en: '{name} on {host}: {path} is not executable; keepalived leaves the check out, and tracks nothing',
    zh: '{host} 的 {name}：{path} 不可执行，keepalived 会忽略该检查',
  },
  'keepalived/script-of-others': {
    en: '{name} on {host}: others than root may change {path}, which runs as root',
    zh: '{host} 的 {name}：{path} 以 root 运行，但 root 以外的用户可以修改它',
  },
  'keepalived/port-only': {
    en: '{name} on {host}: {path} asks only whether the port is open; a database that hangs, is read-only or is full goes on owning the address',
    zh: '{host} 的 {name}：{path} 只检查端口是否打开；数据库挂起、只读或磁盘写满时仍会持有地址',
  },
  'keepalived/on-bridge-port': {
    en: '{name} on {host}: {link} is a port of the bridge {bridge}; an address on the port is not answered',
    zh: '{host} 的 {name}：{link} 是网桥 {bridge} 的端口，配置在端口上的地址不会得到应答',
  },
  'keepalived/outside-subnet': {
    en: '{name} on {host}: {link} has no address in the subnet of {vip}: it could not be reached there',
    zh: '{host} 的 {name}：{link} 上没有与 {vip} 同子网的地址，漂移到此处后无法访问',
  },
  'keepalived/id-twice': {
    en: '{name} on {host} has the router id {id} of {other}, for another address: each takes the other’s advertisements for its own',
    zh: '{host} 的 {name} 与 {other} 使用相同的路由器 ID {id}，但地址不同：双方会误认对方的通告',
  },
  'keepalived/other-id': {
    en: '{name} on {host} moves the address of {other} with another router id: both own it at once',
    zh: '{host} 的 {name} 与 {other} 漂移同一地址，但路由器 ID 不同：双方会同时持有',
  },
  'keepalived/same-priority': {
    en: '{name} on {host} has the priority of {other}, {priority}: which of them owns the address is chance',
    zh: '{host} 的 {name} 与 {other} 优先级相同（{priority}）：由谁持有地址全凭偶然',
  },
  'keepalived/two-masters': {
    en: '{name} on {host} begins as MASTER, as {other} does: after a start both own the address for a moment',
    zh: '{host} 的 {name} 与 {other} 都以 MASTER 启动：启动后会短暂同时持有地址',
  },
  'keepalived/other-interval': {
    en: '{name} on {host} advertises at another interval than {other}: VRRPv2 drops such packets, and both own the address',
    zh: '{host} 的 {name} 与 {other} 的通告间隔不同：VRRPv2 会丢弃此类报文，双方都会持有地址',
  },
  'keepalived/too-light': {
    en: '{name} on {host}: weight {weight} does not bridge priorities that are {apart} apart: a failed check moves nothing',
    zh: '{host} 的 {name}：权重 {weight} 不足以跨越相差 {apart} 的优先级，检查失败也不会漂移',
  },
  'keepalived/is-replaced': { en: 'The plan replaces this file.', zh: '该计划会替换此文件。' },
  'keepalived/correct-it': {
    en: 'The file moves other addresses, too, and is kept: correct it by hand.',
    zh: '此文件还漂移其他地址，会被保留：请手工修正。',
  },
});
