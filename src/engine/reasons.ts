import { defineReasons } from '../base/reason.ts';

/** The engine's own sentences. */
export const engineReasons = defineReasons({
  // how a run ended
  'engine/all-done': { en: 'every step is done and verified', zh: '所有步骤均已完成并通过验证' },
  'engine/nothing-to-change': { en: 'nothing to change', zh: '无需变更' },
  'engine/step-failed-stop': { en: 'the step {step} failed', zh: '步骤 {step} 失败' },
  'engine/stop-asked': {
    en: 'asked to stop: the steps under way are finished, no other is begun',
    zh: '已收到停止请求：正在执行的步骤会完成，不再开始新的步骤',
  },
  'engine/stopped-by-person': {
    en: 'stopped on request; steps not begun: {count}',
    zh: '按要求停止，还有 {count} 个步骤未开始',
  },
  'engine/cut-by-person': {
    en: 'cut on request inside {steps}: what was done there is not known',
    zh: '按要求中断于 {steps}：其执行情况未知',
  },
  'engine/rolled-back': {
    en: 'everything was put back (steps: {count})',
    zh: '已全部恢复原状（{count} 个步骤）',
  },
  'engine/rollback-stopped': {
    en: 'the rollback was stopped; steps still to be put back: {count}',
    zh: '回滚已停止，还有 {count} 个步骤待恢复',
  },
  'engine/rolled-back-but': {
    en: 'everything that can be was put back; these are final and stay: {steps}',
    zh: '可恢复的均已恢复；以下步骤不可逆，保持现状：{steps}',
  },
  'engine/nothing-begun': { en: 'no step had begun: nothing to put back', zh: '没有步骤开始过：无需恢复' },
  'engine/revert-failed-stop': { en: 'the step {step} could not be put back', zh: '步骤 {step} 无法恢复' },
  'engine/already-done': { en: 'the run had succeeded already', zh: '该次运行此前已成功' },
  'engine/already-back': { en: 'the run had been rolled back already', zh: '该次运行此前已回滚' },

  // why a step is tried again
  'engine/retry-after': { en: 'tried again after: {message}', zh: '重试，此前的错误：{message}' },
  'engine/cut-before': { en: 'goes on where the run was cut', zh: '从上次中断处继续' },
  'engine/failed-before': { en: 'tried again after it had failed', zh: '上次失败后重试' },

  // what a preview says
  'engine/decided-later': {
    en: 'is looked at again once {steps} is done',
    zh: '待 {steps} 完成后再判定',
  },
  'engine/host-unreachable': { en: 'the host could not be asked', zh: '无法查询该主机' },

  // refusals
  'engine/said': { en: '{text}', zh: '{text}' },
  'engine/site-moved': {
    en: 'the site file {file} has changed since the plan was made',
    zh: '制定计划之后，站点文件 {file} 已被修改',
  },
  'engine/facts-moved': {
    en: 'what was found on the hosts has changed since the plan was made',
    zh: '制定计划之后，主机上的事实已发生变化',
  },
  'engine/steps-moved': {
    en: 'the same site and facts now give other steps: {steps}',
    zh: '同样的站点与事实现在得出了不同的步骤：{steps}',
  },
  'engine/procedure-moved': {
    en: 'the plan was made by another procedure or request: {was}, now {is}',
    zh: '该计划由另一流程或请求生成：原为 {was}，现为 {is}',
  },
  'engine/plan-again': {
    en: 'plan again, look at it, and apply the new plan',
    zh: '请重新制定计划、审阅后再执行新计划',
  },
  'engine/world-moved': {
    en: '{step} on {host} is no longer as it was shown; now: {is}',
    zh: '{host} 上的 {step} 已与展示时不同；现在：{is}',
  },
  'engine/step-refused': { en: '{step} refuses: {why}', zh: '{step} 拒绝执行：{why}' },
  'engine/step-unknown': { en: '{step} could not be checked: {message}', zh: '无法检查 {step}：{message}' },
  'engine/mend-and-plan': { en: 'mend that, then plan again', zh: '请先解决上述问题，再重新制定计划' },

  'engine/locked': {
    en: '{host} is locked by {user} on {controller} since {since}, for the run {run}',
    zh: '{host} 已被 {controller} 上的 {user} 锁定（自 {since} 起，运行 {run}）',
  },
  'engine/locked-unreadable': {
    en: '{host} is locked, but its lock {file} cannot be read',
    zh: '{host} 已被锁定，但无法解读锁文件 {file}',
  },
  'engine/lock-wait': { en: 'wait for it to end, or talk to {user}', zh: '请等待其结束，或联系 {user}' },
  'engine/lock-dead': {
    en: 'that run was cut: `holdfast resume {run}`, `holdfast rollback {run}`, or, to leave it as it is, `holdfast locks release {host}`',
    zh: '该次运行已中断：请执行 `holdfast resume {run}` 或 `holdfast rollback {run}`；若要保持现状，执行 `holdfast locks release {host}`',
  },
  'engine/lock-elsewhere': {
    en: 'talk to {user} on {controller}; if that run is certainly dead: `holdfast locks release {host}`',
    zh: '请联系 {controller} 上的 {user}；若确定该次运行已不存在：`holdfast locks release {host}`',
  },
  'engine/lock-release-by-hand': {
    en: 'if no other Holdfast works on it: `holdfast locks release {host}`',
    zh: '若确定没有其他 Holdfast 在操作该主机：`holdfast locks release {host}`',
  },
  'engine/controller-locked': {
    en: 'another run acts from this machine: {message}',
    zh: '本机上有另一次运行正在进行：{message}',
  },
  'engine/run-held': { en: 'the run is under way: {message}', zh: '该次运行正在进行：{message}' },
  'engine/wait-for-it': { en: 'wait for it to end', zh: '请等待其结束' },
  'engine/straggler': {
    en: 'on {host} a command of a Holdfast that is gone still runs (pid {pid}): {text}',
    zh: '{host} 上仍有已退出的 Holdfast 遗留的命令在运行（pid {pid}）：{text}',
  },
  'engine/straggler-hint': {
    en: 'wait for it to end, or end it (`kill {pid}` on {host}), then try again',
    zh: '请等待其结束，或在 {host} 上执行 `kill {pid}`，然后重试',
  },
  'engine/lock-left': {
    en: 'the lock on {host} could not be given back: {message}',
    zh: '无法释放 {host} 上的锁：{message}',
  },
  'engine/lock-left-hint': {
    en: 'once it can be reached: `holdfast locks release {host}`',
    zh: '待其可访问后执行：`holdfast locks release {host}`',
  },

  // resume and rollback
  'engine/going-back': {
    en: 'a rollback of this run has begun: there is only the way back',
    zh: '该次运行已开始回滚：只能继续回滚',
  },
  'engine/finish-rollback': { en: '`holdfast rollback {run}`', zh: '请执行 `holdfast rollback {run}`' },
  'engine/later-run': {
    en: 'the run {later} changed {hosts} after it',
    zh: '运行 {later} 在其后变更过 {hosts}',
  },
  'engine/roll-back-later-first': {
    en: 'roll that one back first (`holdfast rollback {later}`), or plan afresh with `holdfast plan`',
    zh: '请先回滚该次运行（`holdfast rollback {later}`），或用 `holdfast plan` 重新制定计划',
  },
  'engine/resume-site-moved': {
    en: 'the site file {file} has changed since this run was planned',
    zh: '该次运行制定计划之后，站点文件 {file} 已被修改',
  },
  'engine/resume-site-moved-hint': {
    en: 'roll the run back and apply afresh; or put the file back; or go on with the old plan by --accept-moved-site',
    zh: '请回滚后重新执行；或还原该文件；或用 --accept-moved-site 按旧计划继续',
  },
  'engine/not-opened': {
    en: 'the run was cut before its first entry: it did nothing',
    zh: '该次运行在写入第一条日志之前即被中断：未做任何操作',
  },
  'engine/apply-afresh': { en: 'apply afresh: `holdfast apply`', zh: '请重新执行：`holdfast apply`' },

  // safety
  'engine/all-members-at-once': {
    en: 'the plan may interrupt all members of the endpoint {endpoint} at the same time ({hosts})',
    zh: '该计划可能同时中断端点 {endpoint} 的所有成员（{hosts}）',
  },
  'engine/order-members': {
    en: 'let one wait for the other (needs), or, where nobody uses it yet, pass --override engine/all-members-at-once',
    zh: '请让其中一个等待另一个（needs）；若尚无人使用，可加 --override engine/all-members-at-once',
  },
  'engine/too-many-removals': {
    en: 'the plan removes {removed} of {total} ({percent} %)',
    zh: '该计划将删除 {total} 项中的 {removed} 项（{percent} %）',
  },
  'engine/check-removals': {
    en: 'check that the site file is whole; if this is meant, pass --override engine/too-many-removals',
    zh: '请确认站点文件完整；若确属本意，可加 --override engine/too-many-removals',
  },

  // rollback
  'engine/revert-unproven': {
    en: '{step} was put back, but what is there now differs from what was captured',
    zh: '{step} 已恢复，但现状与执行前记录的内容不同',
  },
  'engine/changed-since': {
    en: '{step} on {host} was changed after the run: {what}',
    zh: '{host} 上的 {step} 在该次运行之后又被修改：{what}',
  },
  'engine/discard-changes': {
    en: 'nothing of it is lost: with --discard-changes the rollback copies it aside (beside the file, or into the journal), says where, and puts back what was there before the run',
    zh: '修改不会丢失：加上 --discard-changes 后，回滚会先将其另存（在文件旁或写入日志）并说明位置，再恢复为运行之前的内容',
  },
  'engine/drift-unknown': {
    en: 'it cannot be told whether {step} on {host} was changed after the run',
    zh: '无法判断 {host} 上的 {step} 在该次运行之后是否又被修改',
  },
  'engine/drift-unknown-hint': {
    en: 'the rollback goes on, and copies what it overwrites aside',
    zh: '回滚会继续，并将被覆盖的内容另存',
  },
  'engine/drift-kept': {
    en: '{name} on {host} had been changed after the run; kept: {place}',
    zh: '{host} 上的 {name} 在该次运行之后被修改过，已另存：{place}',
  },
  'engine/drift-kept-hint': {
    en: 'take from it what is still wanted, then remove it',
    zh: '请从中取回仍需要的内容，然后将其删除',
  },
  'engine/look-yourself': { en: 'look at {host} yourself before going on', zh: '继续之前请自行检查 {host}' },
});
