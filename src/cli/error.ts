import { defineErrors } from '../base/error-table.ts';
import { HoldfastError } from '../base/errors.ts';

/** What the commands themselves can fail with. */
export const cliErrors = defineErrors({
  'cli/init-failed': {
    en: { what: 'The new site file could not be written.', mend: 'Name a file in another folder with -f.' },
    zh: { what: '新的站点文件无法写入。', mend: '请用 -f 指定其他目录中的文件。' },
  },
  'cli/no-run': {
    en: {
      what: 'There is no run to go on with, or to roll back.',
      mend: 'See `holdfast runs`; another site file or state folder (--state-dir) has other runs.',
    },
    zh: {
      what: '没有可继续或可回滚的运行。',
      mend: '请查看 `holdfast runs`；其他站点文件或状态目录（--state-dir）有各自的运行。',
    },
  },
  'site/unknown-host': {
    en: {
      what: 'A host is named that the site file does not have.',
      mend: 'Name hosts as the site file does.',
    },
    zh: { what: '所指定的主机不在站点文件中。', mend: '请使用站点文件中的主机名称。' },
  },
  'seal/bad-key': {
    en: {
      what: 'This cannot be the name of a secret.',
      mend: 'Choose a name such as db-root: letters, digits, dots, dashes, underscores and slashes.',
    },
    zh: {
      what: '该文本不能用作敏感信息的名称。',
      mend: '请使用 db-root 这样的名称：字母、数字、点、短横线、下划线和斜杠。',
    },
  },
  'seal/empty': {
    en: {
      what: 'The secret is empty, so there is nothing to seal.',
      mend: 'Pipe it in: `holdfast seal FILE KEY <FILE-WITH-SECRET`.',
    },
    zh: {
      what: '敏感信息为空，没有可密封的内容。',
      mend: '请通过管道输入：`holdfast seal FILE KEY <FILE-WITH-SECRET`。',
    },
  },
  'seal/typed-differently': {
    en: { what: 'What was typed twice is not the same, so neither is trusted.', mend: 'Try again.' },
    zh: { what: '两次输入不一致，均不采用。', mend: '请重试。' },
  },
  'seal/cannot-read': {
    en: { what: 'The sealed file cannot be read.', mend: 'Check its path, and that you may read it.' },
    zh: { what: '密封文件无法读取。', mend: '请检查路径和读取权限。' },
  },
  'seal/cannot-write': {
    en: {
      what: 'The sealed file cannot be written; the old one is in place.',
      mend: 'Check that its folder exists and that you may write there, and that the disk is not full.',
    },
    zh: {
      what: '密封文件无法写入；原文件保持不变。',
      mend: '请检查其目录是否存在、是否有写入权限，以及磁盘是否已满。',
    },
  },
});

/** A command could not do what was asked, before anything else was. */
export class CliError extends HoldfastError<keyof typeof cliErrors> {}
