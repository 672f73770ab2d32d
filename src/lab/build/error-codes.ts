import { defineErrors } from '../../base/error-table.ts';

/** Why programs for lab hosts could not be built or fetched; a later call goes on where this one stopped. */
export const buildErrors = defineErrors({
  'lab-build/no-permission': {
    en: {
      what: 'The cache folder cannot be made or written to.',
      mend: 'Run it as root, or set HOLDFAST_CACHE to a folder of your own.',
    },
    zh: {
      what: '无法创建或写入缓存目录。',
      mend: '请以 root 运行，或将 HOLDFAST_CACHE 设为自己的目录。',
    },
  },
  'lab-build/no-space': {
    en: {
      what: 'The disk of the cache has not enough room for sources, compiler cache and programs.',
      mend: 'Free space there, or set HOLDFAST_CACHE to a folder on a larger disk, then run it again.',
    },
    zh: {
      what: '缓存所在磁盘空间不足，放不下源码、编译缓存和程序。',
      mend: '请清理该磁盘，或将 HOLDFAST_CACHE 设为更大磁盘上的目录，然后重新运行。',
    },
  },
  'lab-build/no-tools': {
    en: {
      what: 'Programs that the build needs are not installed; nothing was fetched yet.',
      mend: 'Install the packages that the message names.',
    },
    zh: {
      what: '缺少构建所需的程序；尚未下载任何内容。',
      mend: '请安装提示中列出的软件包。',
    },
  },
  'lab-build/go-too-old': {
    en: {
      what: 'The go that was found cannot compile these sources.',
      mend: 'Install the Debian package that the message names; other versions of go may stay beside it.',
    },
    zh: {
      what: '找到的 go 版本过旧，无法编译这些源码。',
      mend: '请安装提示中的 Debian 软件包；其他版本的 go 可以并存。',
    },
  },
  'lab-build/no-sources': {
    en: {
      what: 'The package sources of this machine name no Debian repository that apt has lists of.',
      mend: 'Add your Debian 12 mirror to /etc/apt/sources.list.d, run `apt-get update`, then run it again.',
    },
    zh: {
      what: '本机的软件源中没有 apt 已获取列表的 Debian 仓库。',
      mend: '请在 /etc/apt/sources.list.d 中加入 Debian 12 镜像，执行 `apt-get update` 后重新运行。',
    },
  },
  'lab-build/no-download': {
    en: {
      what: 'The packages could not be fetched, or the mirror has another version of them.',
      mend: 'Check network, proxy and mirror with `apt-get update`; the lab needs the packages of Debian 12.',
    },
    zh: {
      what: '无法下载软件包，或镜像中的版本不符。',
      mend: '请用 `apt-get update` 检查网络、代理和镜像；实验环境需要 Debian 12 的软件包。',
    },
  },
  'lab-build/failed': {
    en: {
      what: 'A stage of the build failed; its last lines are in the message, all of them in the log.',
      mend: 'Read the log, mend what it says, and run it again; --force begins anew.',
    },
    zh: {
      what: '构建的某个阶段失败；提示中有最后几行输出，完整内容见日志。',
      mend: '请阅读日志并排除原因，然后重新运行；使用 --force 可从头开始。',
    },
  },
  'lab-build/wrong-version': {
    en: {
      what: 'A program that was built does not start, or says another version than the one wanted.',
      mend: 'Build it anew with --force.',
    },
    zh: {
      what: '构建出的程序无法启动，或其版本与所需版本不符。',
      mend: '请使用 --force 重新构建。',
    },
  },
});
