import { defineErrors } from '../../base/error-table.ts';
import { HoldfastError } from '../../base/errors.ts';

/** Why hosts cannot have a baseline as it is written. */
export const baselineErrors = defineErrors({
  'baseline/no-package-manager': {
    en: {
      what: 'The baseline names packages, and a host has no package manager that Holdfast knows.',
      mend: 'Install what is needed there yourself, and leave these hosts out of the baseline that names packages.',
    },
    zh: {
      what: '基线包含软件包，而某台主机没有 Holdfast 支持的软件包管理器。',
      mend: '请自行在该主机上安装所需软件，并将其移出包含软件包的基线。',
    },
  },
  'baseline/no-systemd': {
    en: {
      what: 'The baseline names units, and a host was not started by systemd.',
      mend: 'Leave these hosts out of the baseline that names units (a container has none of its own).',
    },
    zh: {
      what: '基线包含单元，而某台主机不是由 systemd 启动的。',
      mend: '请将这些主机移出包含单元的基线（容器没有自己的单元）。',
    },
  },
  'baseline/source-unreadable': {
    en: {
      what: 'A file that the baseline is to put on hosts cannot be read on this machine.',
      mend: 'Paths are relative to the site file; check the name, and that you may read it.',
    },
    zh: {
      what: '基线要分发到主机的文件在本机无法读取。',
      mend: '路径相对于站点文件；请检查名称和读取权限。',
    },
  },
  'baseline/source-too-large': {
    en: {
      what: 'A file that the baseline is to put on hosts is larger than any configuration.',
      mend: 'Bring large files to the hosts as a package, or with a command.',
    },
    zh: {
      what: '基线要分发到主机的文件超出配置文件的合理大小。',
      mend: '大文件请以软件包或命令的方式送达主机。',
    },
  },
  'baseline/source-not-text': {
    en: {
      what: 'A file that the baseline is to put on hosts is no UTF-8 text, and a plan is read by people.',
      mend: 'Save it as UTF-8, or bring binary files to the hosts as a package.',
    },
    zh: {
      what: '基线要分发到主机的文件不是 UTF-8 文本，而计划是供人阅读的。',
      mend: '请保存为 UTF-8；二进制文件请以软件包的方式送达主机。',
    },
  },
});

/** A baseline that a host cannot have, or a `source` that cannot be used. */
export class BaselineError extends HoldfastError<keyof typeof baselineErrors> {}
