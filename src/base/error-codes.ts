import { defineErrors } from './error-table.ts';

/** What can fail anywhere. */
export const baseErrors = defineErrors({
  'base/unexpected': {
    en: {
      what: 'Something failed in a way that Holdfast does not know.',
      mend: 'This is a defect in Holdfast: please report it with the output of the same command and --verbose.',
    },
    zh: {
      what: '发生了 Holdfast 未预料的故障。',
      mend: '这是 Holdfast 的缺陷：请附上同一命令加 --verbose 的输出进行报告。',
    },
  },
  'base/deadline': {
    en: {
      what: 'Something took longer than it was given.',
      mend: 'Raise the time limit if the peer is merely slow; otherwise check that it answers at all.',
    },
    zh: { what: '操作超出时限。', mend: '若对端只是较慢，请放宽时限；否则请检查其是否有应答。' },
  },
  'base/interrupted': {
    en: {
      what: 'The work was interrupted by a person or a caller.',
      mend: 'Run the command again, or `holdfast runs` to see what was done.',
    },
    zh: { what: '操作被人或调用方中断。', mend: '请重新运行命令，或用 `holdfast runs` 查看已完成的部分。' },
  },
  'base/unknown-name': {
    en: {
      what: 'There is nothing of this name.',
      mend: 'Use one of the names that are listed; the nearest is suggested.',
    },
    zh: { what: '没有该名称的对象。', mend: '请使用所列名称之一；会提示最接近的名称。' },
  },
});
