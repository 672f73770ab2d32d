import { defineErrors } from '../base/error-table.ts';

/** Why a site file cannot be used at all; its mistakes are findings. */
export const siteErrors = defineErrors({
  'site/invalid': {
    en: {
      what: 'The site file has mistakes, and nothing is done with a file that is not understood.',
      mend: 'Mend them, then try again; `holdfast lint` shows them all.',
    },
    zh: {
      what: '站点文件有错误；无法理解的文件不会被执行。',
      mend: '请修正后重试；`holdfast lint` 会列出全部错误。',
    },
  },
  'site/unreadable': {
    en: {
      what: 'The site file is not there, or may not be read.',
      mend: 'Name it with -f or $HOLDFAST_SITE, or write one with `holdfast init`.',
    },
    zh: {
      what: '站点文件不存在，或无权读取。',
      mend: '请用 -f 或 $HOLDFAST_SITE 指定，或用 `holdfast init` 生成。',
    },
  },
});
