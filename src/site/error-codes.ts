import { defineErrors } from '../base/error-table.ts';

/** Why a reference could not be turned into a secret. */
export const secretErrors = defineErrors({
  'secret/bad-reference': {
    en: {
      what: 'This is no reference to a secret.',
      mend: 'Put the secret into a variable or a 0600 file, and write env:NAME, file:/path or sealed:/path#key.',
    },
    zh: {
      what: '这不是敏感信息的引用。',
      mend: '请将敏感信息放入环境变量或 0600 文件，并写成 env:NAME、file:/path 或 sealed:/path#key。',
    },
  },
  'secret/not-set': {
    en: {
      what: 'The environment variable that holds the secret is not set.',
      mend: 'Set it for this command (`read -rs NAME && export NAME`); under systemd use EnvironmentFile.',
    },
    zh: {
      what: '保存敏感信息的环境变量未设置。',
      mend: '请为本次命令设置（`read -rs NAME && export NAME`）；在 systemd 下请使用 EnvironmentFile。',
    },
  },
  'secret/unreadable': {
    en: {
      what: 'The file that holds the secret cannot be read as text.',
      mend: 'Create it with mode 0600 as UTF-8 text, correct the path, or run as a user who may read it.',
    },
    zh: {
      what: '保存敏感信息的文件无法作为文本读取。',
      mend: '请以 0600 权限创建 UTF-8 文本文件、更正路径，或以有权读取的用户运行。',
    },
  },
  'secret/too-open': {
    en: {
      what: 'Others may read the file that holds the secret, so it is no secret.',
      mend: 'Run `chmod 600` on it, and change the secret if somebody may have read it.',
    },
    zh: {
      what: '其他用户可以读取保存敏感信息的文件，因此已无保密可言。',
      mend: '请对其执行 `chmod 600`；若可能已被他人读取，请更换该敏感信息。',
    },
  },
  'secret/empty': {
    en: {
      what: 'The variable or file that should hold the secret is empty.',
      mend: 'Put the secret into it.',
    },
    zh: { what: '本应保存敏感信息的变量或文件为空。', mend: '请将敏感信息写入其中。' },
  },
  'secret/no-passphrase': {
    en: {
      what: 'A sealed file is to be opened, and no passphrase is given.',
      mend: 'Set HOLDFAST_SEAL_PASSPHRASE, or HOLDFAST_SEAL_KEY_FILE with the path of a 0600 file.',
    },
    zh: {
      what: '需要打开密封文件，但未提供口令。',
      mend: '请设置 HOLDFAST_SEAL_PASSPHRASE，或将 HOLDFAST_SEAL_KEY_FILE 设为 0600 文件的路径。',
    },
  },
  'secret/wrong-passphrase': {
    en: {
      what: 'The passphrase does not open the sealed value, or the file was changed.',
      mend: 'Give the right passphrase; if it surely is right, take the file from version control again.',
    },
    zh: {
      what: '口令无法打开密封值，或文件已被改动。',
      mend: '请提供正确的口令；若确定无误，请从版本库重新取出该文件。',
    },
  },
  'secret/no-such-key': {
    en: {
      what: 'The sealed file has no value of this name.',
      mend: 'Correct the name, or add it with `holdfast seal <file> <key>`.',
    },
    zh: { what: '密封文件中没有该名称的值。', mend: '请更正名称，或用 `holdfast seal <file> <key>` 添加。' },
  },
  'secret/broken-file': {
    en: {
      what: 'This is no sealed file, or it is damaged.',
      mend: 'Correct the path; if it is the right file, take it from version control again.',
    },
    zh: { what: '这不是密封文件，或文件已损坏。', mend: '请更正路径；若文件无误，请从版本库重新取出。' },
  },
});
