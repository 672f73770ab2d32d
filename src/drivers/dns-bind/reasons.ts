import { defineReasons } from '../../base/reason.ts';

/** Why dns-bind plans what it plans. */
export const dnsBindReasons = defineReasons({
  'dns-bind/create-zone': {
    en: 'zone {zone} has no file on {server} yet',
    zh: '服务器 {server} 上尚无区域 {zone} 的文件',
  },
});
