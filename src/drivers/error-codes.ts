import { defineErrors } from '../base/error-table.ts';

/** What every driver may fail with. */
export const driverErrors = defineErrors({
  'driver/older-epoch': {
    en: {
      what: 'An answer older than the published one was refused: another controller leads this endpoint, or led it last.',
      mend: 'Stop one of the two controllers.',
    },
    zh: {
      what: '比已发布应答更旧的应答被拒绝：另一个控制端正在或最近主导该端点。',
      mend: '请停止两个控制端之一。',
    },
  },
  'driver/epoch-reused': {
    en: {
      what: 'The epoch was published before with other members: two controllers use the same one.',
      mend: 'Stop one of the two, then let the other decide again.',
    },
    zh: {
      what: '该纪元已以其他成员发布过：两个控制端使用了同一纪元。',
      mend: '请停止其中之一，再由另一个重新决策。',
    },
  },
  'driver/empty-answer': {
    en: {
      what: 'An answer without members was refused: the last good answer stays.',
      mend: 'This is a defect of what decided it: please report it.',
    },
    zh: { what: '没有成员的应答被拒绝：上一个有效应答保持不变。', mend: '这是决策方的缺陷：请报告。' },
  },
  'driver/unknown-member': {
    en: {
      what: 'The answer names a member that the endpoint does not have.',
      mend: 'Start `holdfast watch` again, so that it reads the site file as it is now.',
    },
    zh: { what: '应答中的成员不属于该端点。', mend: '请重新启动 `holdfast watch`，使其读取当前的站点文件。' },
  },
  'driver/member-address': {
    en: {
      what: 'A member has no IP address that could be answered.',
      mend: 'Write the IP address of its host as `address` in the site file.',
    },
    zh: { what: '成员没有可用于应答的 IP 地址。', mend: '请在站点文件中将其主机的 IP 地址写为 `address`。' },
  },
  'driver/no-dns-name': {
    en: {
      what: 'The endpoint has no DNS name, and its driver answers names.',
      mend: 'Give the endpoint its `name`.',
    },
    zh: { what: '端点没有域名，而其驱动以域名应答。', mend: '请为该端点设置 `name`。' },
  },
  'driver/unknown-server': {
    en: {
      what: 'The server that the driver is to change is not known, or has no address.',
      mend: 'Name a host of the site file, or an IP address: a DNS server cannot be found through DNS.',
    },
    zh: {
      what: '驱动要修改的服务器未知，或没有地址。',
      mend: '请指定站点文件中的主机或 IP 地址：DNS 服务器无法通过 DNS 查找。',
    },
  },
  'driver/foreign-record': {
    en: {
      what: 'The name has records that Holdfast did not make; they are not overwritten.',
      mend: 'Take them away by hand if nobody needs them, or give the endpoint another name.',
    },
    zh: {
      what: '该域名已有并非由 Holdfast 建立的记录；不会覆盖。',
      mend: '若无人需要，请手工删除；否则请为端点更换域名。',
    },
  },
  'driver/not-served': {
    en: {
      what: 'The DNS server is not in charge of the name.',
      mend: 'Check that it is the primary of the zone, and that the zone is loaded: see its log.',
    },
    zh: {
      what: '该 DNS 服务器不负责此域名。',
      mend: '请检查它是否为该区域的主服务器，以及区域是否已加载：请查看其日志。',
    },
  },
  'driver/not-visible': {
    en: {
      what: 'The change was made, but the server does not give the new answer.',
      mend: 'See its log: it may not have loaded the change, or serve the zone from elsewhere (a view, another file).',
    },
    zh: {
      what: '变更已执行，但服务器未给出新的应答。',
      mend: '请查看其日志：可能未加载变更，或从别处提供该区域（视图或其他文件）。',
    },
  },
});
