import { defineReasons } from '../../base/reason.ts';

/** What the stack's plan and its parity probe say. */
export const reasons = defineReasons({
  'artifacts/holds-all': {
    en: '{candidate} holds everything that {active} holds (images: {images}, files: {files}, charts: {charts})',
    zh: '{candidate} 具备 {active} 的全部内容（镜像 {images} 个、文件 {files} 个、chart {charts} 个）',
  },
  'artifacts/not-fit': {
    en: '{candidate} does not hold everything that {active} holds: {what}; holdfast sync --from {active} --to {candidate} copies it',
    zh: '{candidate} 不具备 {active} 的全部内容：{what}；可执行 holdfast sync --from {active} --to {candidate} 复制过去',
  },
  'artifacts/missing': {
    en: '{count} of {total} are missing ({names})',
    zh: '{total} 项中缺少 {count} 项（{names}）',
  },
  'artifacts/conflict': {
    en: '{count} have the same name but another content ({names}), and a person must say which is right',
    zh: '{count} 项同名但内容不同（{names}），须由人判断以哪个为准',
  },
  'artifacts/incomplete': {
    en: '{count} are there by name, but layers or packages of them are missing ({names})',
    zh: '{count} 项名称存在，但缺少镜像层或软件包（{names}）',
  },
  'artifacts/and': { en: '{first}; {second}', zh: '{first}；{second}' },
  'artifacts/candidate-silent': {
    en: '{candidate} could not say what it holds: {detail}',
    zh: '无法得知 {candidate} 具备哪些内容：{detail}',
  },
  'artifacts/active-silent': {
    en: '{active} could not say what it holds, so nothing can be compared with it: {detail}',
    zh: '无法得知 {active} 具备哪些内容，因此无从比较：{detail}',
  },
  'artifacts/no-override': {
    en: 'a line for {name} in a hosts file would keep this host on one member, whatever DNS answers',
    zh: 'hosts 文件中若有 {name}，无论 DNS 如何应答，本机都会固定访问同一个成员',
  },
  'artifacts/must-answer': {
    en: 'the {service} of {member} must answer before clients are sent there',
    zh: '在把客户端送往 {member} 之前，其 {service} 服务必须可用',
  },
  'artifacts/must-resolve': {
    en: '{host} must get a member of {endpoint} when it asks for {name}',
    zh: '{host} 查询 {name} 时必须得到 {endpoint} 的成员',
  },
});
