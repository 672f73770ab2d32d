import { defineReasons } from '../../base/reason.ts';

/** What the runner says about a probe that gave no verdict of its own; every kind has these among its reasons. */
export const runReasons = defineReasons({
  'probe/no-end': {
    en: 'no answer within {time}',
    zh: '{time} 内没有结果',
  },
  'probe/broken': {
    en: 'the probe itself failed, which says nothing about {member}: {detail}',
    zh: '探测本身出错，并不说明 {member} 有问题：{detail}',
  },
});
