import { defineErrors } from '../base/error-table.ts';

/** What can go wrong with the lab. */
export const labErrors = defineErrors({
  'lab/unfit-machine': {
    en: {
      what: 'This machine lacks something that the lab needs. Nothing was begun.',
      mend: 'Run the command that the message names; `holdfast lab doctor` shows every check.',
    },
    zh: {
      what: '本机缺少实验环境所需的条件。未做任何操作。',
      mend: '请执行提示中的命令；`holdfast lab doctor` 会列出每项检查。',
    },
  },
  'lab/base-image-failed': {
    en: {
      what: 'The base image of the lab hosts could not be built. No half image was left.',
      mend: 'Read the log that is named; mostly the package mirror could not be reached. Then run the command again.',
    },
    zh: {
      what: '实验主机的基础镜像未能构建。没有留下不完整的镜像。',
      mend: '请查看所示日志；多数情况是软件源无法访问。然后重新执行该命令。',
    },
  },
  'lab/bad-name': {
    en: {
      what: 'The name of a lab or of a snapshot is also the name of a folder, and this one cannot be.',
      mend: 'Use letters, digits, dots and dashes, 40 at most, beginning with a letter or digit.',
    },
    zh: {
      what: '实验环境或快照的名称同时也是目录名，而该名称不能作为目录名。',
      mend: '请使用字母、数字、点和连字符，最多 40 个，以字母或数字开头。',
    },
  },
  'lab/address-taken': {
    en: {
      what: 'Two hosts of the site have the same address, so that they cannot stand on one network.',
      mend: 'Give each host addresses of its own in the site file.',
    },
    zh: {
      what: '站点中两台主机的地址相同，无法置于同一网络。',
      mend: '请在站点文件中为每台主机设置各自的地址。',
    },
  },
  'lab/already-up': {
    en: {
      what: 'A lab of this name is up, made from a site file that said something else. It was not touched.',
      mend: 'Take it down first with `holdfast lab down`, or name another lab with `--lab`.',
    },
    zh: {
      what: '同名的实验环境已在运行，但其站点文件的内容不同。未作改动。',
      mend: '请先用 `holdfast lab down` 关闭它，或用 `--lab` 指定其他名称。',
    },
  },
  'lab/no-such-lab': {
    en: {
      what: 'No lab of this name is up.',
      mend: 'Start one with `holdfast lab up`; `holdfast lab ps` lists those that are.',
    },
    zh: {
      what: '没有该名称的实验环境在运行。',
      mend: '请用 `holdfast lab up` 启动；`holdfast lab ps` 会列出正在运行的实验环境。',
    },
  },
  'lab/which-lab': {
    en: {
      what: 'Several labs are up, and nothing says which is meant.',
      mend: 'Name it with `--lab NAME`.',
    },
    zh: { what: '有多个实验环境在运行，无法确定指的是哪一个。', mend: '请用 `--lab 名称` 指定。' },
  },
  'lab/no-such-host': {
    en: {
      what: 'The lab has no host of this name.',
      mend: 'Name one that `holdfast lab ps` lists; after a change of the site file, take the lab down and up again.',
    },
    zh: {
      what: '实验环境中没有该名称的主机。',
      mend: '请使用 `holdfast lab ps` 列出的名称；若修改过站点文件，请先关闭再重新启动实验环境。',
    },
  },
  'lab/no-such-snapshot': {
    en: { what: 'The lab has no snapshot of this name.', mend: 'Name one that the message lists.' },
    zh: { what: '实验环境中没有该名称的快照。', mend: '请使用提示中列出的名称。' },
  },
  'lab/snapshot-exists': {
    en: {
      what: 'The lab has a snapshot of this name, and it is not overwritten.',
      mend: 'Choose another name for the new one.',
    },
    zh: { what: '同名快照已存在，不会被覆盖。', mend: '请为新快照另取名称。' },
  },
  'lab/host-off': {
    en: { what: 'The host of the lab is off.', mend: 'Boot it with `holdfast lab boot HOST`.' },
    zh: { what: '该实验主机已关机。', mend: '请用 `holdfast lab boot 主机名` 将其启动。' },
  },
  'lab/bad-fault': {
    en: {
      what: 'The options of a fault in the lab do not go together, or one has no such value. Nothing was begun.',
      mend: 'See `holdfast lab fault --help` for what each kind takes.',
    },
    zh: {
      what: '实验环境故障的选项无法搭配，或取值无效。未做任何操作。',
      mend: '请用 `holdfast lab fault --help` 查看每种故障的选项。',
    },
  },
  'lab/fault-exists': {
    en: {
      what: 'The lab host has a fault of this kind already; there cannot be two.',
      mend: 'Wait for its end, or end it with `holdfast lab heal HOST`.',
    },
    zh: {
      what: '该实验主机已有同类故障，不能重复注入。',
      mend: '请等待其结束，或用 `holdfast lab heal 主机名` 提前结束。',
    },
  },
  'lab/fault-not-begun': {
    en: {
      what: 'A fault could not be begun: the host, its service or the kernel of this machine does not allow it. The host is as it was.',
      mend: 'The message says why; choose another fault, or start the service first.',
    },
    zh: {
      what: '故障未能注入：主机、其服务或本机内核不支持。主机保持原样。',
      mend: '原因见提示；请选择其他故障，或先启动相应服务。',
    },
  },
  'lab/fault-stuck': {
    en: {
      what: 'A fault could not be undone.',
      mend: 'Try `holdfast lab heal` again; `holdfast lab reset` or `holdfast lab down` end it in any case.',
    },
    zh: {
      what: '故障未能撤销。',
      mend: '请再次执行 `holdfast lab heal`；`holdfast lab reset` 或 `holdfast lab down` 总能结束它。',
    },
  },
  'lab/boot-failed': {
    en: {
      what: 'A host of the lab did not boot until its sshd answered.',
      mend: 'Read its console, which the message names, and `holdfast lab doctor`.',
    },
    zh: {
      what: '实验主机未能启动到 sshd 应答。',
      mend: '请查看提示中的控制台日志，并运行 `holdfast lab doctor`。',
    },
  },
  'lab/command-failed': {
    en: {
      what: 'A program that the lab uses on this machine failed.',
      mend: 'Read what it said with --verbose; `holdfast lab doctor` checks what it needs.',
    },
    zh: {
      what: '实验环境在本机调用的程序执行失败。',
      mend: '请加 --verbose 查看其输出；`holdfast lab doctor` 会检查所需条件。',
    },
  },
  'lab/command-timeout': {
    en: {
      what: 'A command in the lab did not end in time and was killed.',
      mend: 'Give it more time, or look whether its host is paused.',
    },
    zh: {
      what: '实验环境中的命令未在时限内结束，已被终止。',
      mend: '请延长时限，或检查主机是否被暂停。',
    },
  },
  'lab/still-alive': {
    en: {
      what: 'Processes of the lab did not end although they were killed; they hang in the kernel.',
      mend: 'Look at them with `ps`; then run `holdfast lab down` again.',
    },
    zh: {
      what: '实验环境的进程已被终止但仍未退出，可能卡在内核中。',
      mend: '请用 `ps` 查看这些进程，然后重新执行 `holdfast lab down`。',
    },
  },
  'lab/record-unreadable': {
    en: {
      what: 'The file in which the lab is described cannot be understood.',
      mend: 'Remove the lab with `holdfast lab down` and start it again.',
    },
    zh: {
      what: '描述实验环境的文件无法理解。',
      mend: '请用 `holdfast lab down` 清除该实验环境，然后重新启动。',
    },
  },
  'lab/bad-standin': {
    en: {
      what: 'A stand-in for a vendor program is not there, or its header does not say what it has to.',
      mend: 'Correct the name, or the header as src/lab/standins/README.md describes it.',
    },
    zh: {
      what: '厂商程序的替身不存在，或其文件头缺少必要说明。',
      mend: '请更正名称，或按 src/lab/standins/README.md 的说明修正文件头。',
    },
  },
});
