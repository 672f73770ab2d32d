import { defineErrors } from '../base/error-table.ts';
import { DriverError } from './driver-error.ts';

/** What can go wrong with an address that moves between hosts, whichever driver moves it. */
export const keepalivedErrors = defineErrors({
  'keepalived/not-in-subnet': {
    en: {
      what: 'A host has no interface whose subnet holds the virtual address; the address could not be reached there.',
      mend: 'Take an address of the subnet that all hosts of the endpoint share, or correct `interface`.',
    },
    zh: {
      what: '主机没有子网包含该虚拟地址的接口；地址漂移到该主机后将无法访问。',
      mend: '请使用端点各主机共有子网中的地址，或更正 `interface`。',
    },
  },
  'keepalived/bridge-port': {
    en: {
      what: 'The interface is a port of a bridge: the bridge has the address, and an address on the port is not answered.',
      mend: 'Name the bridge as `interface`, or leave the key out.',
    },
    zh: {
      what: '该接口是网桥的端口：地址在网桥上，配置在端口上的地址不会得到应答。',
      mend: '请将 `interface` 设为该网桥，或省略此项。',
    },
  },
  'keepalived/foreign-config': {
    en: {
      what: 'keepalived.conf on the host says something that Holdfast can neither keep nor overwrite.',
      mend: 'Move what is named into a file of its own that keepalived.conf includes, then plan again.',
    },
    zh: {
      what: '主机上的 keepalived.conf 含有 Holdfast 既不能保留也不能覆盖的内容。',
      mend: '请将所指出的内容移到由 keepalived.conf 包含的单独文件中，然后重新生成计划。',
    },
  },
  'keepalived/firewall': {
    en: {
      what: 'The firewall of a host drops VRRP: each host would believe the others dead and take the address.',
      mend: 'Let IP protocol 112 in from the other members, then plan again.',
    },
    zh: {
      what: '主机防火墙会丢弃 VRRP：各主机都会认为对方已失效并抢占地址。',
      mend: '请放行来自其他成员的 IP 协议 112，然后重新生成计划。',
    },
  },
  'keepalived/unreachable': {
    en: {
      what: 'Hosts could not be asked, so that nobody knows who owns the address.',
      mend: 'Make the hosts reachable; the address itself goes on moving without Holdfast.',
    },
    zh: {
      what: '无法查询主机，因此不知道地址归谁所有。',
      mend: '请恢复主机的可达性；地址的漂移本身不依赖 Holdfast。',
    },
  },
  'keepalived/not-ready': {
    en: {
      what: 'The wished member cannot take the address: its own host says that it is not well. The owner keeps it.',
      mend: 'Look at the health of the member on its host: `systemctl status keepalived` and the unit `holdfast-vip-<endpoint>`.',
    },
    zh: {
      what: '目标成员无法接管地址：其主机自身判定为不健康。当前拥有者保持不变。',
      mend: '请在该主机上检查成员的健康状况：`systemctl status keepalived` 以及单元 `holdfast-vip-<端点>`。',
    },
  },
  'keepalived/not-moved': {
    en: {
      what: 'The address has not come to the wished member in time, or is owned by more than one.',
      mend: 'See the log of keepalived on the members: VRRP between them may be blocked, or another router uses the id.',
    },
    zh: {
      what: '地址未及时漂移到目标成员，或同时被多个成员持有。',
      mend: '请查看各成员上 keepalived 的日志：成员之间的 VRRP 可能被阻断，或有其他路由器使用了相同的 ID。',
    },
  },
  'keepalived/command': {
    en: {
      what: 'A command on a host, by which its part in VRRP is read or changed, failed.',
      mend: 'Run `holdfast plan`: what the driver lays out on the host may be missing.',
    },
    zh: {
      what: '主机上用于读取或变更其 VRRP 状态的命令失败。',
      mend: '请运行 `holdfast plan`：主机上可能缺少驱动部署的内容。',
    },
  },
});

/** An address could not be moved, or would not. */
export class KeepalivedError extends DriverError<keyof typeof keepalivedErrors> {}
