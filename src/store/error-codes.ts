import { defineErrors } from '../base/error-table.ts';

/** What can go wrong with the files that Holdfast keeps on its own machine. */
export const storeErrors = defineErrors({
  'store/held': {
    en: {
      what: 'Another Holdfast works with this state folder, and two at once would harm each other. Nothing was touched.',
      mend: 'Wait for it to end, or stop the process that is named.',
    },
    zh: {
      what: '另一个 Holdfast 正在使用该状态目录，两者同时操作会相互破坏。未做任何改动。',
      mend: '请等待其结束，或停止所示进程。',
    },
  },
  'store/lease-unreadable': {
    en: {
      what: 'The lease that says who works here cannot be understood, so nobody may begin.',
      mend: 'Make sure that no other Holdfast uses this folder, then remove the lease file.',
    },
    zh: {
      what: '记录占用者的租约文件无法理解，因此任何人都不得开始。',
      mend: '请确认没有其他 Holdfast 使用该目录，然后删除租约文件。',
    },
  },
  'store/journal-torn': {
    en: {
      what: 'A line in the middle of a journal cannot be read: a person or a bad disk changed it.',
      mend: 'Restore the journal from a backup; or keep a copy, cut it before the line, and run `holdfast rollback`.',
    },
    zh: {
      what: '日志中间有一行无法读取：文件被人为修改或磁盘损坏。',
      mend: '请从备份恢复日志；或先保留副本，在该行之前截断，然后运行 `holdfast rollback`。',
    },
  },
  'store/journal-secret': {
    en: {
      what: 'A secret was about to be written to disk in clear; the step was not begun.',
      mend: 'Name the secret by its reference in the site file, wherever its value stands now.',
    },
    zh: {
      what: '敏感信息即将以明文写入磁盘；该步骤未开始。',
      mend: '请在站点文件中所有出现其值的位置改用引用。',
    },
  },
  'store/disk-full': {
    en: {
      what: 'The disk of the state folder is full; nothing was begun that is not in the journal.',
      mend: 'Free space there, then run `holdfast resume`.',
    },
    zh: {
      what: '状态目录所在磁盘已满；未写入日志的操作均未开始。',
      mend: '请腾出空间，然后运行 `holdfast resume`。',
    },
  },
  'store/read-only': {
    en: {
      what: 'The file system of the state folder is mounted read-only.',
      mend: 'Look for disk errors in `dmesg`, remount it, or point $HOLDFAST_STATE_DIR to another folder.',
    },
    zh: {
      what: '状态目录所在的文件系统以只读方式挂载。',
      mend: '请在 `dmesg` 中查看磁盘错误并重新挂载，或用 $HOLDFAST_STATE_DIR 指定其他目录。',
    },
  },
  'store/no-permission': {
    en: {
      what: 'This user may not use the state folder.',
      mend: 'Run as the user who owns it, or point $HOLDFAST_STATE_DIR to a folder of your own.',
    },
    zh: {
      what: '当前用户无权使用状态目录。',
      mend: '请以目录所有者的身份运行，或用 $HOLDFAST_STATE_DIR 指定自己的目录。',
    },
  },
  'store/no-run': {
    en: {
      what: 'There is no run of this name in the state folder.',
      mend: 'List them with `holdfast runs`; another site file or --state-dir has other runs.',
    },
    zh: {
      what: '状态目录中没有该名称的运行。',
      mend: '请用 `holdfast runs` 列出；其他站点文件或 --state-dir 有各自的运行。',
    },
  },
  'store/plan-unreadable': {
    en: {
      what: 'The file of the plan cannot be read as one.',
      mend: 'Make it again with `holdfast plan -o <file>`; the plan of a run must come back from a backup.',
    },
    zh: {
      what: '计划文件无法读取。',
      mend: '请用 `holdfast plan -o <file>` 重新生成；运行所附的计划需从备份恢复。',
    },
  },
  'store/io': {
    en: {
      what: 'A file on this machine could not be read or written.',
      mend: 'Check the folder and the disk under it (`dmesg`, `df`), then run the command again.',
    },
    zh: {
      what: '本机上的文件无法读取或写入。',
      mend: '请检查目录及其所在磁盘（`dmesg`、`df`），然后重新运行命令。',
    },
  },
});
