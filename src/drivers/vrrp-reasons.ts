import { defineReasons } from '../base/reason.ts';

/** Why steps around a moving address are planned. */
export const vrrpReasons = defineReasons({
  'keepalived/free': {
    en: '{addresses} must be free before a host takes it, and the router id {id} unused',
    zh: '在主机接管之前，{addresses} 必须空闲，且路由器 ID {id} 未被使用',
  },
  'keepalived/package': {
    en: 'keepalived moves {addresses} between the hosts',
    zh: '由 keepalived 在主机之间漂移 {addresses}',
  },
  'keepalived/folder': {
    en: 'what {endpoint} needs on the host has its place there',
    zh: '端点 {endpoint} 在主机上所需的内容存放于此',
  },
  'keepalived/health': {
    en: 'the host itself judges whether {endpoint} is well on it, also while Holdfast does not run',
    zh: '由主机自身判断端点 {endpoint} 是否健康，不依赖 Holdfast 运行',
  },
  'keepalived/notify': {
    en: 'others may hook in where a host becomes owner of {addresses}, or ceases to be',
    zh: '主机获得或失去 {addresses} 时，其他组件可在此挂接',
  },
  'keepalived/password': {
    en: 'only who knows the password of {endpoint} may advertise',
    zh: '只有知道端点 {endpoint} 密码的主机才能通告',
  },
  'keepalived/sysctl-bind': {
    en: 'a proxy must be able to listen on {addresses} before the host owns it',
    zh: '代理须能在主机拥有 {addresses} 之前就监听该地址',
  },
  'keepalived/sysctl-arp': {
    en: '{host} has several interfaces in the subnet: only the one that has the address may answer for it',
    zh: '{host} 在该子网中有多个接口：只有持有地址的接口可以应答',
  },
  'keepalived/firewall': {
    en: 'firewalld on {host} must let VRRP in',
    zh: '{host} 上的 firewalld 须放行 VRRP',
  },
  'keepalived/configure': {
    en: '{host} takes part in moving {addresses}, with priority {priority} on {interface}',
    zh: '{host} 参与 {addresses} 的漂移：接口 {interface}，优先级 {priority}',
  },
  'keepalived/run': {
    en: 'without keepalived {host} cannot take {addresses}, also after a reboot',
    zh: '没有 keepalived，{host} 就无法接管 {addresses}，重启后亦然',
  },
  'keepalived/owner': {
    en: 'exactly one host must own {addresses}, and the others must see it there',
    zh: '{addresses} 必须恰好由一台主机持有，且其他主机须能看到',
  },
});
