import { defineErrors } from '../base/error-table.ts';
import { DriverError } from './driver-error.ts';

/** What can go wrong with a proxy in front of members, whichever it is. */
export const proxyErrors = defineErrors({
  'proxy/unreachable': {
    en: {
      what: 'No proxy that clients use could be asked.',
      mend: 'Make the hosts of the proxies reachable; they go on as they were meanwhile.',
    },
    zh: {
      what: '无法查询任何客户端正在使用的代理。',
      mend: '请恢复代理主机的可达性；在此期间代理保持原状运行。',
    },
  },
  'proxy/not-ready': {
    en: {
      what: 'The proxy itself finds the wished member down; clients stay where they are.',
      mend: 'Look at the member, and at the way from the proxy to it.',
    },
    zh: {
      what: '代理自身判定目标成员故障；客户端保持原状。',
      mend: '请检查该成员，以及从代理到成员的链路。',
    },
  },
  'proxy/refused': {
    en: {
      what: 'The proxy did not take what it was told; what it had before is in force.',
      mend: 'Run `holdfast plan`: its configuration may be missing or older than the site file.',
    },
    zh: {
      what: '代理没有接受下达的内容；此前的配置仍然有效。',
      mend: '请运行 `holdfast plan`：其配置可能缺失，或比站点文件旧。',
    },
  },
  'proxy/not-visible': {
    en: {
      what: 'The proxy was told, but does not pass clients to the wished members.',
      mend: 'See its log on the host: `journalctl -u holdfast-proxy-<endpoint>`.',
    },
    zh: {
      what: '已通知代理，但它没有将客户端转到目标成员。',
      mend: '请在主机上查看其日志：`journalctl -u holdfast-proxy-<端点>`。',
    },
  },
});

/** A proxy could not be told, or would not. */
export class ProxyError extends DriverError<keyof typeof proxyErrors> {}
