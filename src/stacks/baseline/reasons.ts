import { defineReasons } from '../../base/reason.ts';

/** Why a step is there: the part of the site file that asks for it. */
export const reasons = defineReasons({
  'baseline/hosts-file': {
    en: "the hosts file must not contradict the site's names",
    zh: 'hosts 文件不得与站点的名称相矛盾',
  },
  'baseline/packages': { en: 'the hosts need these packages', zh: '主机需要这些软件包' },
  'baseline/directory': { en: 'the hosts need this directory', zh: '主机需要该目录' },
  'baseline/file': { en: 'the hosts need this file', zh: '主机需要该文件' },
  'baseline/config': {
    en: '{unit} needs these files, and to have read them',
    zh: '{unit} 需要这些文件，并且必须已加载',
  },
  'baseline/command': { en: "the site file asks for '{name}'", zh: '站点文件要求执行“{name}”' },
  'baseline/sysctl': { en: 'the hosts need these kernel parameters', zh: '主机需要这些内核参数' },
  'baseline/service': { en: 'the site file says how {unit} should be', zh: '站点文件规定了 {unit} 的状态' },
});
