import { defineErrors } from '../../../base/error-table.ts';

/** What a step kind can fail with. */
export const stepErrors = defineErrors({
  'step/command-failed': {
    en: {
      what: 'A command that the step needs ended with an error.',
      mend: 'See its output with --verbose, mend the cause on the host, then run `holdfast resume` or `holdfast rollback`.',
    },
    zh: {
      what: '步骤所需的命令以错误结束。',
      mend: '请用 --verbose 查看其输出，在主机上消除原因，然后运行 `holdfast resume` 或 `holdfast rollback`。',
    },
  },
  'step/invalid-content': {
    en: {
      what: 'The new content was refused by its own validator; the old content is in place.',
      mend: 'Correct the content in the site file; --verbose shows what the validator said.',
    },
    zh: {
      what: '新内容未通过其校验程序；原内容仍然有效。',
      mend: '请在站点文件中更正内容；--verbose 显示校验程序的输出。',
    },
  },
  'step/not-as-wanted': {
    en: {
      what: 'The change was made, but the system is not as wanted when asked afterwards.',
      mend: 'Look for other configuration management that changes it back, then run `holdfast resume`.',
    },
    zh: {
      what: '变更已执行，但事后查询发现系统不符合期望。',
      mend: '请检查是否有其他配置管理工具将其改回，然后运行 `holdfast resume`。',
    },
  },
  'step/old-content-missing': {
    en: {
      what: 'The old content of a file was kept on the host and is gone, so it cannot be brought back.',
      mend: 'A later run or a person removed it: restore the file from a backup.',
    },
    zh: {
      what: '文件的旧内容曾保存在主机上，现已不存在，无法恢复。',
      mend: '它被后来的运行或人为删除：请从备份恢复该文件。',
    },
  },
  'step/no-package-manager': {
    en: {
      what: 'The host has no package manager that Holdfast knows.',
      mend: 'Install what is needed yourself, and take `packages` out of the site file for this host.',
    },
    zh: {
      what: '主机上没有 Holdfast 支持的软件包管理器。',
      mend: '请自行安装所需软件，并在站点文件中为该主机去掉 `packages`。',
    },
  },
  'step/package-not-found': {
    en: {
      what: "The host's sources have no such package, or not in that version.",
      mend: 'Check name and version (`apt-cache policy`, `yum list`); on a site without internet, add it to the local mirror.',
    },
    zh: {
      what: '主机的软件源中没有该软件包，或没有该版本。',
      mend: '请检查名称和版本（`apt-cache policy`、`yum list`）；离线站点请将其加入本地镜像源。',
    },
  },
  'step/package-source-unreachable': {
    en: {
      what: "The host's package sources cannot be reached.",
      mend: 'On a site without internet, point the host at a local mirror or a mounted disc, and disable the other sources.',
    },
    zh: {
      what: '无法访问主机的软件源。',
      mend: '离线站点请将主机指向本地镜像源或已挂载的安装介质，并禁用其他软件源。',
    },
  },
  'step/package-manager-busy': {
    en: {
      what: 'Another process holds the lock of the package manager.',
      mend: 'Wait for it, or stop automatic updates (`apt-daily`, `unattended-upgrades`, `packagekit`) for the time.',
    },
    zh: {
      what: '软件包管理器的锁被其他进程占用。',
      mend: '请等待其结束，或暂时停止自动更新（`apt-daily`、`unattended-upgrades`、`packagekit`）。',
    },
  },
  'step/package-failed': {
    en: {
      what: 'The package manager could not do what was asked: space, signatures, dependencies or conflicts.',
      mend: 'See what it said with --verbose, mend that on the host, then run `holdfast resume`.',
    },
    zh: {
      what: '软件包管理器未能完成操作：空间、签名、依赖或冲突问题。',
      mend: '请用 --verbose 查看其输出，在主机上解决后运行 `holdfast resume`。',
    },
  },
  'step/revert-would-remove-more': {
    en: {
      what: 'Removing the packages again would take others with them, which somebody installed since.',
      mend: 'Remove those first if they are not needed, or leave it all as it is.',
    },
    zh: {
      what: '卸载这些软件包会连带卸载之后安装的其他软件包。',
      mend: '若不再需要，请先卸载后者；否则请保持现状。',
    },
  },
  'step/no-such-unit': {
    en: {
      what: 'The host has no systemd unit of this name.',
      mend: 'Install the package that it belongs to, or check its name with `systemctl list-unit-files`.',
    },
    zh: {
      what: '主机上没有该名称的 systemd 单元。',
      mend: '请安装其所属的软件包，或用 `systemctl list-unit-files` 检查名称。',
    },
  },
  'step/unit-failed': {
    en: {
      what: 'The unit did not start, or did not stay up for more than a moment.',
      mend: 'Read its last journal lines, shown with the error; more of them: `journalctl -u UNIT -e` on the host.',
    },
    zh: {
      what: '单元未能启动，或启动后很快退出。',
      mend: '请查看随错误显示的最后几行日志；更多日志：在主机上运行 `journalctl -u UNIT -e`。',
    },
  },
  'step/no-such-sysctl': {
    en: {
      what: 'The kernel of the host has no such parameter.',
      mend: 'Check the name, and load the kernel module that brings it.',
    },
    zh: { what: '主机内核没有该参数。', mend: '请检查名称，并加载提供该参数的内核模块。' },
  },
  'step/record-not-set': {
    en: {
      what: 'Somebody else changed the DNS record; it is left as it is.',
      mend: 'Find out who else changes the zone; then plan again, or set the record yourself.',
    },
    zh: {
      what: 'DNS 记录已被他人修改；已保持原样。',
      mend: '请查明还有谁在修改该区域，然后重新生成计划，或自行设置该记录。',
    },
  },
  'step/probe-deadline': {
    en: {
      what: 'What was built did not come up in the time it was given.',
      mend: 'Look at the service on its host (`journalctl -u …`) and at firewalls on the way, then run `holdfast resume`.',
    },
    zh: {
      what: '所建服务未在规定时间内就绪。',
      mend: '请查看其主机上的服务（`journalctl -u …`）和途经的防火墙，然后运行 `holdfast resume`。',
    },
  },
});
