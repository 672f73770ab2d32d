/**
 * What arguments and options are for, in Chinese, by the English text that stands beside them in the command's file.
 * `command-help.test.ts` finds a text that is missing here.
 */
export const textsZh: Readonly<Record<string, string>> = {
  'display help for command': '显示帮助',

  // the site
  'the site file (default: $HOLDFAST_SITE, then ./site.yaml)':
    '站点文件（默认：$HOLDFAST_SITE，其次 ./site.yaml）',
  'where runs, locks and watch state live (default: $HOLDFAST_STATE_DIR)':
    '运行记录、锁与监视状态的存放目录（默认：$HOLDFAST_STATE_DIR）',
  'log what is done, and show the evidence behind errors': '记录所做的事，并显示错误背后的证据',
  'the site file, like --file': '站点文件，同 --file',
  'the site file, like --file; - is standard input': '站点文件，同 --file；“-”表示标准输入',
  'work on the hosts of a lab (`holdfast lab up`), reached and remembered apart from the site':
    '对实验环境（`holdfast lab up`）的主机执行，其访问方式与状态均与站点分开',
  'which layout, see --list': '选用哪种布局，见 --list',
  'where to write it': '写到哪里',
  'list the layouts': '列出各种布局',
  'print it instead of writing it': '打印而不写文件',
  'findings as JSON': '以 JSON 输出检查结果',
  'findings as SARIF 2.1.0, for code review': '以 SARIF 2.1.0 输出检查结果，用于代码评审',
  'warnings count as errors': '警告视同错误',
  'show accepted (suppressed) findings too': '同时显示已豁免的检查结果',
  'as JSON': '以 JSON 输出',
  'a rule (HF012, ttl-over-target) or the code of an error (host/key-changed); without it, the list of rules':
    '规则（HF012、ttl-over-target）或错误代码（host/key-changed）；省略则列出所有规则',

  // watching
  'print every event as a line of JSON': '每个事件输出一行 JSON',
  'with --json: every single probe result too': '与 --json 合用：同时输出每一次探测结果',
  'print the status as JSON': '以 JSON 输出状态',
  'print the results as JSON': '以 JSON 输出结果',
  'print the outcome as JSON': '以 JSON 输出结局',
  'do not verify what clients get afterwards': '之后不验证客户端得到的内容',
  'this endpoint only': '仅限该端点',
  'which one, where the site has several': '端点名称，站点有多个端点时需要',
  'the member to switch to, after the endpoint where the site has several':
    '切换到的成员；站点有多个端点时，先写端点',
  'the member to drain, after the endpoint where the site has several':
    '要摘除的成员；站点有多个端点时，先写端点',
  'the member (several with commas: a,b), after the endpoint where the site has several':
    '成员（多个用逗号分隔：a,b）；站点有多个端点时，先写端点',
  'do not ask whether the member holds everything that the active one holds':
    '不检查该成员是否拥有主用成员的全部内容',
  'do not ask whether the preferred member holds everything that the active one holds':
    '不检查首选成员是否拥有主用成员的全部内容',
  'where it answers: do not ask whether the next one holds everything that it holds':
    '若它正在应答：不检查接替者是否拥有它的全部内容',
  'let the drained member answer again': '让已摘除的成员重新应答',
  'how long, as 30m or 2h (default: until `holdfast release`)':
    '持续多久，如 30m 或 2h（默认：直至 `holdfast release`）',

  // drills
  'restore a backup beside what runs, check it, and throw it away':
    '在不影响运行的前提下恢复备份、检查后丢弃',
  'whose backup, where several stacks have some': '使用哪个栈的备份；有多个栈配置备份时需要',
  'this one (default: the newest)': '使用该备份（默认：最新的）',
  'of the backups on this host (default: on any)': '仅限该主机上的备份（默认：任意主机）',

  // changing hosts
  'where hosts keep the lock; all operators must name the same': '锁文件在主机上的位置；所有操作者必须一致',
  'how many hosts are worked on at once (default: 10)': '同时操作多少台主机（默认：10）',
  'for scripts': '供脚本使用',
  'only these hosts': '仅限这些主机',
  'only these stacks': '仅限这些栈',
  'only these endpoints': '仅限这些端点',
  'keep the plan, for `holdfast apply <file>`': '保存计划，供 `holdfast apply <文件>` 使用',
  'show also the steps that have nothing to do': '同时显示无需执行的步骤',
  'a plan kept by `holdfast plan -o`; refused where the world has moved since':
    '由 `holdfast plan -o` 保存的计划；此后情况有变则拒绝执行',
  'do not ask before it begins': '开始之前不询问',
  'do not ask before steps that cannot be undone': '执行不可逆的步骤之前不询问',
  'go past these safety findings': '越过这些安全检查结果',
  'which one (default: the newest that was cut or stopped)': '哪次运行（默认：最近一次中断或停止的）',
  'go on with the old plan although the site file has changed since': '站点文件此后虽有改动，仍按原计划继续',
  'go back also where somebody changed a file since; what is overwritten is kept aside':
    '即使运行之后有人改过文件也回滚；被覆盖的内容会另存',
  'which one (default: the newest that is not rolled back)': '哪次运行（默认：最近一次未回滚的）',
  'one run from its journal, with the evidence': '依据日志显示一次运行，附证据',
  'its id, as `holdfast runs` lists it': '运行编号，见 `holdfast runs`',
  'remove the lock of a host whose run is certainly dead': '移除锁：该主机上的运行已确定终止',
  'its name in the site file': '站点文件中的主机名',
  'do not ask': '不询问',

  'copy from this member (default: the active one)': '从该成员复制（默认：主用成员）',
  'copy to this member (default: all others)': '复制到该成员（默认：其他所有成员）',
  'in both directions, so that all hold everything': '双向复制，使各成员内容齐全',
  'whose content stands in a conflict: a member, NAME=member, or neither; may be repeated':
    '冲突时以谁的内容为准：成员名、名称=成员，或 neither；可重复',
  'only show what would be copied; exit code 3 where there is something':
    '只显示将要复制的内容；有内容待复制时退出码为 3',
  'only show what would be done; exit code 3 where there is something':
    '只显示将要执行的内容；有待执行的内容时退出码为 3',
  'which one, where several can be upgraded': '升级哪一个，有多个可升级时需要',
  'with --dry-run: keep the plan, for `holdfast apply <file>`':
    '与 --dry-run 合用：保存计划，供 `holdfast apply <文件>` 使用',
  'with --dry-run: show also what has nothing to do': '与 --dry-run 合用：同时显示无需执行的内容',

  // tools
  'the pair to show': '用于演示的节点对',
  "not Debian's docker-registry, even where it is installed": '即使已安装 Debian 的 docker-registry 也不使用',
  'the figures as JSON; the timeline goes to stderr': '以 JSON 输出数据；时间线写到标准错误',
  'show what was adapted, and evidence where something fails': '显示所做的调整，失败时显示证据',
  'these hosts only': '仅限这些主机',
  'these facts only, e.g. `resolver hosts-file`': '仅限这些事实，例如 `resolver hosts-file`',
  'print them as JSON': '以 JSON 输出',
  'the sealed file; made where there is none': '加密文件；不存在则创建',
  'the name of the secret in it': '密钥在其中的名称',

  // the lab
  'bring up the hosts of a site file': '按站点文件启动主机',
  'which lab (default: $HOLDFAST_LAB, then the only one that is up)':
    '哪个实验环境（默认：$HOLDFAST_LAB，其次唯一运行中的那个）',
  'evidence where something fails': '失败时显示证据',
  'install these stand-ins for vendor programs on every host': '在每台主机上安装这些厂商程序的替身',
  'end a lab and remove every trace of it, also of one that died half-way':
    '结束实验环境并清除其全部痕迹，中途异常终止的也一样',
  'every lab of this machine': '本机的全部实验环境',
  'list the labs and how their hosts are': '列出实验环境及其主机的状态',
  'log in to a host as the site does, or run a command there': '按站点的方式登录主机，或在其上执行命令',
  'after --': '写在 -- 之后',
  'run a command as root on a host, past network and sshd': '绕过网络与 sshd，以 root 在主机上执行命令',
  'show the journal of a host': '查看主机的日志',
  'of this unit only': '仅限该单元',
  'go on with what is written from now': '持续显示此后写入的内容',
  'the last lines only': '仅显示最后若干行',
  'what it said while it booted, before there was a journal': '启动期间、日志服务就绪之前的输出',
  'power off all hosts, give them new disks, and boot them': '关闭所有主机，换上新磁盘后启动',
  'keep the disks of all hosts, as of one moment': '保存所有主机在同一时刻的磁盘',
  'for `restore`': '供 `restore` 使用',
  'power off all hosts, put the disks of a snapshot in place, and boot them':
    '关闭所有主机，换上快照中的磁盘后启动',
  'of the snapshot': '快照的名称',
  'boot a host that is off; its disk is as it was': '启动已关闭的主机，磁盘保持原样',
  'do something bad to a host for a time; it is undone by then, whatever happens to Holdfast':
    '对主机注入一段时间的故障；无论 Holdfast 发生什么，到时都会撤销',
  'what; `holdfast lab faults --kinds` lists them': '故障种类；`holdfast lab faults --kinds` 会列出',
  'how long': '持续多久',
  'isolate: from these only, with commas between; `controller` is this side':
    'isolate：仅与这些主机隔离，用逗号分隔；`controller` 指控制端',
  'isolate: what is lost': 'isolate：丢弃哪个方向',
  'stop-service, clock-skew: which service': 'stop-service、clock-skew：哪个服务',
  'stop-service: in place of an orderly stop, e.g. KILL (a crash) or STOP (a hang)':
    'stop-service：代替正常停止的信号，如 KILL（崩溃）或 STOP（挂起）',
  'clock-skew: how far ahead, e.g. 5m or -5m': 'clock-skew：快多少，如 5m；-5m 为慢',
  'slow: how much later all comes': 'slow：全部报文延迟多少',
  'slow: no more than this, e.g. 100kbit': 'slow：速率上限，如 100kbit',
  'list the faults that last, and how long still': '列出正在持续的故障及剩余时间',
  'list the kinds of faults there are': '列出所有故障种类',
  'end faults now, before their time': '立即结束故障，不等到期',
  'of this host only': '仅限该主机',
  'check this machine, and say what mends it': '检查本机是否满足要求，并说明如何补救',
  'build the base image of all hosts where it is not there yet, and print its folder':
    '构建所有主机的基础镜像（若尚不存在），并打印其目录',
  'also remove older images that no lab stands on': '同时删除没有实验环境在用的旧镜像',
  'begin anew; the old set stays until the new one is ready': '重新开始；新的就绪之前保留旧的',
  'print what is there as JSON': '以 JSON 输出已有内容',
  'the set': '要构建的程序集',
};
