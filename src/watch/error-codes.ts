import { defineErrors } from '../base/error-table.ts';

/** Why the watcher could not start, or could not be reached. */
export const watchErrors = defineErrors({
  'watch/already-running': {
    en: {
      what: 'Another watcher keeps this state folder; two would contradict each other.',
      mend: 'Use `holdfast status` to see it, or stop it first.',
    },
    zh: {
      what: '另一个监视进程正在使用该状态目录；两者会相互矛盾。',
      mend: '请用 `holdfast status` 查看，或先将其停止。',
    },
  },
  'watch/state-corrupt': {
    en: {
      what: 'The stored state of the endpoint cannot be understood, so nothing is decided for it; clients keep what they get.',
      mend: 'Move the named file away and start `holdfast watch` again: it takes over what clients get.',
    },
    zh: {
      what: '该端点的已存状态无法理解，因此不为其做任何决定；客户端得到的应答保持不变。',
      mend: '请移走所示文件并重新启动 `holdfast watch`：它会接管客户端当前得到的应答。',
    },
  },
  'watch/no-probes': {
    en: {
      what: 'Nothing says when a member of the endpoint is well, so there is nothing to watch.',
      mend: 'Add `probes:` to the endpoint, or name it in a stack that brings its own.',
    },
    zh: {
      what: '没有任何探测说明端点的成员何时正常，因此无从监视。',
      mend: '请为端点添加 `probes:`，或在自带探测的栈中引用它。',
    },
  },
  'watch/no-endpoint': {
    en: {
      what: 'There is no endpoint of this name, or several and none is named.',
      mend: 'Name one of the endpoints of the site file.',
    },
    zh: { what: '没有该名称的端点，或有多个端点而未指明。', mend: '请指定站点文件中的一个端点。' },
  },
  'watch/frozen': {
    en: {
      what: 'The endpoint is frozen: its stored state cannot be used, and no command changes what clients get.',
      mend: 'Mend its stored state first, as `holdfast status` says.',
    },
    zh: {
      what: '该端点已冻结：其已存状态不可用，任何命令都不会改变客户端得到的应答。',
      mend: '请先按 `holdfast status` 的提示修复其已存状态。',
    },
  },
  'watch/control-path': {
    en: {
      what: "The path of the watcher's control socket is too long for this system.",
      mend: 'Use a state folder with a shorter path ($HOLDFAST_STATE_DIR).',
    },
    zh: {
      what: '监视进程控制套接字的路径超出系统上限。',
      mend: '请使用路径更短的状态目录（$HOLDFAST_STATE_DIR）。',
    },
  },
  'watch/control-listen': {
    en: {
      what: 'The watcher cannot listen on its control socket.',
      mend: 'Put the state folder on a local disk of which this user may write (not NFS): $HOLDFAST_STATE_DIR.',
    },
    zh: {
      what: '监视进程无法监听其控制套接字。',
      mend: '请将状态目录放在当前用户可写的本地磁盘上（非 NFS）：$HOLDFAST_STATE_DIR。',
    },
  },
  'watch/control-refused': {
    en: {
      what: "The watcher did not accept the request: another user's, or another version's.",
      mend: 'Run the command as the user who runs `holdfast watch`, in the same version; restart the watcher after an upgrade.',
    },
    zh: {
      what: '监视进程未接受请求：用户或版本不一致。',
      mend: '请以运行 `holdfast watch` 的用户、使用同一版本执行命令；升级后请重启监视进程。',
    },
  },
  'watch/control-broken': {
    en: {
      what: 'The watcher hung up before it answered.',
      mend: 'It may have been stopped just now: look at `holdfast status`, then ask again.',
    },
    zh: { what: '监视进程在应答之前断开了连接。', mend: '它可能刚被停止：请查看 `holdfast status` 后重试。' },
  },
  'watch/control-silent': {
    en: {
      what: 'A process holds the state folder but does not listen for commands, so this one was not carried out.',
      mend: 'Wait for it if it is just starting; otherwise stop the named process.',
    },
    zh: {
      what: '有进程占用状态目录但不接受命令，因此本命令未执行。',
      mend: '若其正在启动，请稍候；否则请停止所示进程。',
    },
  },
  'watch/still-publishing': {
    en: {
      what: 'It is decided and stored, but its driver has not confirmed yet that clients get it.',
      mend: 'Look at `holdfast status` in a moment; the watcher keeps trying.',
    },
    zh: {
      what: '已决定并保存，但驱动尚未确认客户端已得到该应答。',
      mend: '请稍后查看 `holdfast status`；监视进程会继续尝试。',
    },
  },
});
