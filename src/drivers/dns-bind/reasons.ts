import { defineReasons } from '../../base/reason.ts';

/** Why dns-bind plans what it plans. */
export const dnsBindReasons = defineReasons({
  'dns-bind/no-bind': {
    en: '{host} shall serve zone {zone} and has no BIND yet; once it is installed, plan again for its zones',
    zh: '{host} 需要提供区域 {zone}，但尚未安装 BIND；安装后请再次运行 plan 以规划其区域',
  },
  'dns-bind/zones-missing': {
    en: 'BIND on {host} does not serve {zones} yet',
    zh: '{host} 上的 BIND 尚未提供区域 {zones}',
  },
  'dns-bind/zones-differ': {
    en: 'what the zones {zones} say about {name} does not suit failover: its TTL, or PTR records that do not match',
    zh: '区域 {zones} 中关于 {name} 的内容不适合故障切换：TTL 过长，或 PTR 记录与正向记录不一致',
  },
  'dns-bind/must-run': {
    en: 'clients ask BIND on {host} for {name}, also after a reboot',
    zh: '客户端向 {host} 上的 BIND 查询 {name}，主机重启后亦须如此',
  },
});
