/** Every sentence of the watcher. */
import { defineReasons } from '../base/reason.ts';

export const reasons = defineReasons({
  // health
  'watch/never-judged': { en: '{member} has not been judged yet', zh: '{member} 尚未有探测结论' },
  'watch/member-up': { en: '{member} is well', zh: '{member} 正常' },
  'watch/member-down': {
    en: '{member} is down: probe {probe}: {why}',
    zh: '{member} 不可用：探测 {probe}：{why}',
  },

  'watch/prober-stalled': {
    en: 'this machine stood still during the probe, which says nothing about the member',
    zh: '探测期间本机停顿，不能说明成员有问题',
  },

  'watch/probe-warns': {
    en: 'warning of {member}, probe {probe}: {why}',
    zh: '{member} 的探测 {probe} 警告：{why}',
  },
  'watch/probe-warns-no-more': {
    en: '{member}, probe {probe}: nothing to warn of any more',
    zh: '{member} 的探测 {probe} 不再有警告',
  },

  // the answer
  'watch/steady': { en: 'nothing changes', zh: '无变化' },
  'watch/active-well': { en: '{member} answers and is well', zh: '由 {member} 应答，且其正常' },
  'watch/all-well': { en: '{members} answer and are well', zh: '由 {members} 应答，且均正常' },
  'watch/first-waits': {
    en: 'the first answer waits until {member} has been judged',
    zh: '首次应答在等待 {member} 的探测结论',
  },
  'watch/first': {
    en: '{member} is the first choice among the members that are well',
    zh: '{member} 是正常成员中的首选',
  },
  'watch/adopted': {
    en: 'clients already get {members}: starting to watch moves nobody',
    zh: '客户端目前得到的就是 {members}：开始监视不会移动任何客户端',
  },
  'watch/moved-by-hosts': {
    en: 'the hosts have moved from {from} to {to} by themselves',
    zh: '主机已自行从 {from} 切换到 {to}',
  },
  'watch/failover': { en: 'failover from {from} to {to}: {why}', zh: '从 {from} 故障切换到 {to}：{why}' },
  'watch/doubted': {
    en: 'it is not sure that {members} can answer: nobody moves there before the next result of a probe',
    zh: '尚不能确定 {members} 可以应答：在下一个探测结果之前不会切换过去',
  },
  'watch/none-up-yet': {
    en: 'no member has been well so far: nothing is published yet',
    zh: '至今没有正常的成员：尚未发布任何应答',
  },
  'watch/all-down': {
    en: 'no member is well: the last answer ({members}) stays, because a name without an answer helps nobody',
    zh: '没有任何正常的成员：保留最后的应答（{members}），因为没有应答的名称对谁都没有帮助',
  },
  'watch/all-down-but-drained': {
    en: 'no member is well but {drained}, which a person drained: the last answer ({members}) stays; `holdfast drain --undo` lets {drained} answer again',
    zh: '除被人工摘除的 {drained} 外没有正常的成员：保留最后的应答（{members}）；如需使用 {drained}，请执行 `holdfast drain --undo`',
  },
  'watch/hold-down': {
    en: '{members} will join when the hold-down is over',
    zh: '{members} 将在抑制期结束后加入',
  },
  'watch/joined': { en: '{members} joined', zh: '{members} 已加入' },
  'watch/left': { en: '{members} left: {why}', zh: '{members} 已移出：{why}' },
  'watch/replaced': {
    en: '{left} left and {joined} joined: {why}',
    zh: '{left} 已移出，{joined} 已加入：{why}',
  },
  'watch/site-changed': {
    en: 'the site file changed: {members} of the last answer remain',
    zh: '站点文件已变更：最后的应答中保留 {members}',
  },

  // the way back
  'watch/failback': {
    en: 'failback from {from} to {to}: it has been well for {time}; {parity}',
    zh: '从 {from} 回切到 {to}：它已持续正常 {time}；{parity}',
  },
  'watch/failback-manual': {
    en: '{active} answers; {member} is well again and waits for a person: `holdfast failback`',
    zh: '由 {active} 应答；{member} 已恢复，等待人工执行 `holdfast failback`',
  },
  'watch/failback-held': {
    en: '{active} answers because {by} switched to it: no failback to {member} before a person says so',
    zh: '{by} 已人工切换到 {active}：在人工确认之前不会自动回切到 {member}',
  },
  'watch/failback-suppressed': {
    en: 'failback waits: {member} fell too often in a short time',
    zh: '回切等待中：{member} 在短时间内多次故障',
  },
  'watch/failback-not-well': {
    en: 'failback waits: {member} is up, but not well without a break yet ({time} are asked for)',
    zh: '回切等待中：{member} 已可用，但尚未持续正常（要求 {time}）',
  },
  'watch/failback-well-time': {
    en: 'failback waits: {member} has to stay well for {time}, until {until}',
    zh: '回切等待中：{member} 须持续正常 {time}，至 {until}',
  },
  'watch/failback-hold-down': {
    en: 'failback to {member} waits: the last change is less than {time} ago',
    zh: '回切到 {member} 等待中：距上次变更不足 {time}',
  },
  'watch/failback-asking': {
    en: 'failback waits: checking whether {member} holds everything',
    zh: '回切等待中：正在检查 {member} 的内容是否齐全',
  },
  'watch/failback-lacks': {
    en: 'failback waits: {member} is well but not fit to lead yet: {why}',
    zh: '回切等待中：{member} 已正常，但尚不满足回切条件：{why}',
  },
  'watch/failback-down': {
    en: '{active} answers in place of {member}: {why}',
    zh: '由 {active} 代替 {member} 应答：{why}',
  },
  'watch/failback-drained': {
    en: '{active} answers in place of {member}, which {by} drained',
    zh: '由 {active} 代替 {member} 应答，后者已被 {by} 摘除',
  },
  'watch/parity-late': {
    en: 'a parity check ended after what it was asked for had changed: it counts for nothing',
    zh: '内容一致性检查返回时情况已变：结果作废',
  },
  'watch/parity-holds': {
    en: '{member} holds everything that {active} holds',
    zh: '{member} 拥有 {active} 的全部内容',
  },
  'watch/parity-not-asked': {
    en: 'no stack says what else it would have to hold',
    zh: '没有系统规定它还须拥有哪些内容',
  },
  'watch/parity-unknown': {
    en: 'the parity check could not tell: probe {probe}: {why}',
    zh: '内容一致性检查无法得出结论：探测 {probe}：{why}',
  },

  'watch/parity-broken': {
    en: 'the parity check itself failed: {detail}',
    zh: '内容一致性检查本身出错：{detail}',
  },

  // commands
  'watch/stopping': { en: 'the watcher is stopping', zh: '监视进程正在停止' },
  'watch/switched': {
    en: '{by} moved it from {from} to {to} ({verb}): {to} is well; {parity}',
    zh: '{by} 将其从 {from} 切换到 {to}（{verb}）：{to} 正常；{parity}',
  },
  'watch/switched-unchecked': {
    en: '{by} moved it from {from} to {to} ({verb}) without a parity check',
    zh: '{by} 将其从 {from} 切换到 {to}（{verb}），未检查内容一致性',
  },
  'watch/asking-parity': {
    en: 'checking whether {member} holds everything that {active} holds',
    zh: '正在检查 {member} 是否拥有 {active} 的全部内容',
  },
  'watch/already-active': { en: '{member} answers already', zh: '{member} 已在应答' },
  'watch/already-home': {
    en: 'there is nothing to go back to: {member} is the preferred member',
    zh: '无需回切：{member} 就是首选成员',
  },
  'watch/no-such-member': {
    en: 'there is no member {member}: the members are {members}',
    zh: '没有名为 {member} 的成员：成员有 {members}',
  },
  'watch/no-such-member-meant': {
    en: 'there is no member {member}; did you mean {meant}?',
    zh: '没有名为 {member} 的成员；您是指 {meant} 吗？',
  },
  'watch/busy': {
    en: 'wait: {verb} to {to}, asked for by {by}, is still checking parity',
    zh: '请稍候：{by} 发起的到 {to} 的 {verb} 仍在检查内容一致性',
  },
  'watch/overtaken': { en: 'overtaken by another change: {why}', zh: '已被另一变更取代：{why}' },
  'watch/refused-forced': {
    en: '{why}: `holdfast release` first',
    zh: '{why}：请先执行 `holdfast release`',
  },
  'watch/refused-policy': {
    en: '{verb} has no meaning under the policy {policy}, where all healthy members answer: use drain or force',
    zh: '策略 {policy} 下所有正常成员都应答，{verb} 没有意义：请使用 drain 或 force',
  },
  'watch/refused-drained': {
    en: '{member} was drained by {by}: `holdfast drain --undo {member}` first',
    zh: '{member} 已被 {by} 摘除：请先执行 `holdfast drain --undo {member}`',
  },
  'watch/refused-down': {
    en: 'clients would lose the service: {why}; `holdfast force` does it nevertheless',
    zh: '客户端将失去服务：{why}；如仍要执行，请使用 `holdfast force`',
  },
  'watch/refused-unknown': {
    en: '{member} is not known to be well: {why}',
    zh: '尚不能确定 {member} 正常：{why}',
  },
  'watch/refused-parity': {
    en: '{member} is not fit to lead: {why}; --accept-loss moves nevertheless',
    zh: '{member} 不满足切换条件：{why}；如仍要执行，请加 --accept-loss',
  },
  'watch/parity-lost': {
    en: 'the parity check of {member} did not end in time',
    zh: '{member} 的内容一致性检查未能按时结束',
  },
  'watch/refused-last': {
    en: 'no other member than {member} is well: draining it would leave nobody',
    zh: '除 {member} 外没有正常的成员：摘除它将无人应答',
  },
  'watch/drained': { en: '{by} drained {member}', zh: '{by} 已摘除 {member}' },
  'watch/already-drained': { en: '{member} is drained already, by {by}', zh: '{member} 已被 {by} 摘除' },
  'watch/undrained': {
    en: '{by} undrained {member}: it may answer again',
    zh: '{by} 已取消摘除 {member}：它可以重新应答',
  },
  'watch/not-drained': { en: '{member} is not drained', zh: '{member} 未被摘除' },
  'watch/forced': {
    en: '{by} forced {members} until release',
    zh: '{by} 已强制由 {members} 应答，直至解除',
  },
  'watch/forced-until': {
    en: '{by} forced {members} until {until}',
    zh: '{by} 已强制由 {members} 应答，至 {until}',
  },
  'watch/refused-nobody': { en: 'force needs a member', zh: '强制应答需要指定成员' },
  'watch/refused-many': {
    en: 'only one member can answer here (policy {policy}), not {members}',
    zh: '此处只能由一个成员应答（策略 {policy}），不能是 {members}',
  },
  'watch/released': {
    en: '{by} released the override on {members}',
    zh: '{by} 已解除对 {members} 的强制应答',
  },
  'watch/force-expired': {
    en: 'the override on {members} by {by} ended at {until}',
    zh: '{by} 对 {members} 的强制应答已于 {until} 到期',
  },
  'watch/not-forced': { en: 'nothing is forced', zh: '没有强制应答' },

  // publishing
  'watch/drift': {
    en: 'clients do not get what was published ({why}): publishing it again',
    zh: '客户端得到的与已发布的不符（{why}）：重新发布',
  },
  'watch/drift-again': {
    en: 'clients again do not get what was published ({why}), soon after it was mended: somebody else changes it',
    zh: '修复后不久客户端得到的再次与已发布的不符（{why}）：有其他来源在修改',
  },
  'watch/drift-members': { en: 'they get {got} instead of {wanted}', zh: '得到的是 {got}，应为 {wanted}' },
  'watch/drift-strangers': {
    en: 'they get {strangers}, which is no member',
    zh: '得到的 {strangers} 不属于任何成员',
  },
  'watch/clients-get': { en: 'clients get {members}', zh: '客户端得到 {members}' },
  'watch/clients-get-nothing': { en: 'clients get no member', zh: '客户端得不到任何成员' },
  'watch/stood-down': {
    en: 'stood down: another controller leads this endpoint ({why}); if there is none, stop this watcher, move the stored state of the endpoint away and start again: it takes over what clients get',
    zh: '已让位：另一个控制端在主导该端点（{why}）；若并无其他控制端，请停止本监视进程，移走该端点保存的状态后重新启动：它将接管客户端目前得到的应答',
  },
  'watch/newer-leader': { en: '{message}; {detail}', zh: '{message};{detail}' },
  'watch/broken-state': {
    en: 'frozen: the stored state cannot be read, so nothing is decided and the last answer stays',
    zh: '已冻结：无法读取保存的状态，因此不做任何决定，保留最后的应答',
  },
});
