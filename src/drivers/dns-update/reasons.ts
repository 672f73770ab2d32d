import { defineReasons } from '../../base/reason.ts';

/** Why dns-update plans what it plans. */
export const dnsUpdateReasons = defineReasons({
  'dns-update/server-in-charge': {
    en: 'the records of {endpoint} are kept in zone {zone}',
    zh: '端点 {endpoint} 的记录保存在区域 {zone} 中',
  },
});
