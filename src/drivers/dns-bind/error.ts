import { defineErrors } from '../../base/error-table.ts';
import { DriverError } from '../driver-error.ts';

/** What can go wrong with a zone file that BIND serves. */
export const dnsBindErrors = defineErrors({
  'dns-bind/zone-syntax': {
    en: {
      what: 'The zone file cannot be read, or not be edited without touching other names; nothing was changed.',
      mend: 'Run named-checkzone on it and mend what it reports; give it a $TTL line and each record its owner.',
    },
    zh: {
      what: '区域文件无法读取，或无法在不影响其他域名的情况下编辑；未做任何改动。',
      mend: '请对其运行 named-checkzone 并修正所报告的问题；请写明 $TTL 行以及每条记录的所有者名。',
    },
  },
  'dns-bind/zone-missing': {
    en: {
      what: 'There is no zone file at the path.',
      mend: 'Let `holdfast plan` and `holdfast apply` create the zone, or correct `zoneFile`.',
    },
    zh: {
      what: '该路径上没有区域文件。',
      mend: '请通过 `holdfast plan` 和 `holdfast apply` 创建该区域，或更正 `zoneFile`。',
    },
  },
  'dns-bind/dynamic-zone': {
    en: {
      what: 'The zone is dynamic: BIND writes its file itself, and an edit would be lost. Nothing was touched.',
      mend: 'Use the driver dns-update for this endpoint.',
    },
    zh: {
      what: '该区域为动态区域：文件由 BIND 自行写入，编辑会丢失。未做任何改动。',
      mend: '请为该端点改用驱动 dns-update。',
    },
  },
  'dns-bind/include': {
    en: {
      what: 'The name may stand in an included or generated part of the zone file, which Holdfast does not edit.',
      mend: 'Move its records into the zone file, or set `zoneFile` to the included file if that holds the SOA.',
    },
    zh: {
      what: '该域名可能位于区域文件的 $INCLUDE 或 $GENERATE 部分，Holdfast 不编辑这些部分。',
      mend: '请将其记录移入区域文件；若被包含的文件含有 SOA，请将 `zoneFile` 设为该文件。',
    },
  },
  'dns-bind/cname': {
    en: {
      what: 'The name is an alias, beside which no address may stand (RFC 1034 section 3.6.2).',
      mend: 'Take the CNAME away by hand.',
    },
    zh: { what: '该域名是别名，不能与地址记录并存（RFC 1034 第 3.6.2 节）。', mend: '请手工删除该 CNAME。' },
  },
  'dns-bind/check-failed': {
    en: {
      what: 'named-checkzone did not accept the new zone file; the old one was not touched.',
      mend: 'Mend what it reports in the zone file, then try again.',
    },
    zh: {
      what: '新的区域文件未通过 named-checkzone；原文件未被改动。',
      mend: '请在区域文件中修正其报告的问题，然后重试。',
    },
  },
  'dns-bind/lost-race': {
    en: {
      what: 'Somebody else keeps changing the zone file, so the change was given up.',
      mend: 'Look who writes it: another controller, a configuration management, a person with an editor.',
    },
    zh: {
      what: '区域文件不断被他人修改，变更已放弃。',
      mend: '请查明谁在写入该文件：其他控制端、配置管理工具，或使用编辑器的人员。',
    },
  },
  'dns-bind/reload-failed': {
    en: {
      what: 'BIND did not reload the zone.',
      mend: 'Check that named runs and that rndc reaches it on this host: `rndc status`.',
    },
    zh: {
      what: 'BIND 未能重新加载该区域。',
      mend: '请检查 named 是否在运行，以及 rndc 能否在该主机上连接它：`rndc status`。',
    },
  },
  'dns-bind/not-served': {
    en: {
      what: 'BIND does not serve the zone from the file that was written.',
      mend: 'Check that the zone statement in named.conf names this file.',
    },
    zh: {
      what: 'BIND 没有从所写入的文件提供该区域。',
      mend: '请检查 named.conf 中的 zone 语句是否指向该文件。',
    },
  },
  'dns-bind/restore-failed': {
    en: {
      what: 'The zone could not be published, nor its old file put back.',
      mend: 'Put the `.holdfast-old` file back by hand, raise its serial, and reload the zone.',
    },
    zh: {
      what: '区域既无法发布，原文件也未能恢复。',
      mend: '请手工恢复 `.holdfast-old` 文件，增大其序列号并重新加载区域。',
    },
  },
  'dns-bind/host': {
    en: {
      what: 'The new zone file could not be moved in the place of the old one.',
      mend: 'Check disk, permissions and attributes of its folder on the host.',
    },
    zh: { what: '新的区域文件无法替换原文件。', mend: '请检查主机上其所在目录的磁盘、权限和属性。' },
  },
  'dns-bind/config': {
    en: {
      what: 'The configuration of BIND on the host is not one that Holdfast can extend.',
      mend: 'Mend what is named, or add the zone by hand.',
    },
    zh: { what: 'Holdfast 无法扩展该主机上的 BIND 配置。', mend: '请修正所指出的问题，或手工添加该区域。' },
  },
  'dns-bind/zone-statement': {
    en: {
      what: 'named.conf serves the zone in another way than the site file says.',
      mend: 'Bring the two in line: the right server, file and view.',
    },
    zh: { what: 'named.conf 提供该区域的方式与站点文件不一致。', mend: '请使两者一致：服务器、文件和视图。' },
  },
});

/** The driver could not realise an endpoint, or would not. */
export class DnsBindError extends DriverError<keyof typeof dnsBindErrors> {}
