import { defineErrors } from '../../base/error-table.ts';
import { DriverError } from '../driver-error.ts';

/** What can go wrong with the embedded DNS server. */
export const dnsEmbeddedErrors = defineErrors({
  'dns-embedded/not-serving': {
    en: {
      what: 'No watcher answers for the endpoint, so nothing can be published through its DNS server.',
      mend: 'Start `holdfast watch`; it publishes what was decided as soon as it runs.',
    },
    zh: {
      what: '没有监视进程为该端点应答，无法通过其 DNS 服务发布。',
      mend: '请启动 `holdfast watch`；它一运行就会发布已做出的决定。',
    },
  },
  'dns-embedded/zone-conflict': {
    en: {
      what: 'Two endpoints say different things of one zone.',
      mend: 'Write the settings once and refer to them by a YAML anchor (`driver: &dns …`, `driver: *dns`).',
    },
    zh: {
      what: '两个端点对同一区域的设置不一致。',
      mend: '请只写一次设置，并用 YAML 锚点引用（`driver: &dns …`、`driver: *dns`）。',
    },
  },
  'dns-embedded/zone-file': {
    en: {
      what: 'The zone file with the other names of the zone cannot be read.',
      mend: 'Run `named-checkzone` on it and mend what it reports.',
    },
    zh: {
      what: '保存该区域其他域名的区域文件无法读取。',
      mend: '请对其运行 `named-checkzone`，并修正所报告的问题。',
    },
  },
  'dns-embedded/state': {
    en: {
      what: 'The last answers cannot be read from the state folder, so it is not known what clients were told.',
      mend: 'Check disk and permissions of the state folder.',
    },
    zh: {
      what: '无法从状态目录读取上次的应答，因此不知道客户端得到过什么。',
      mend: '请检查状态目录的磁盘和权限。',
    },
  },
});

/** The driver could not realise an endpoint, or would not. */
export class DnsEmbeddedError extends DriverError<keyof typeof dnsEmbeddedErrors> {}
