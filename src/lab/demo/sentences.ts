/** What the demo and its client say. What the watcher says are the watcher's own reasons. */
import { defineReasons } from '../../base/reason.ts';

export const demoReasons = defineReasons({
  'demo/serving': {
    en: '{a} {addressA} and {b} {addressB} serve files, charts and images ({registry})',
    zh: '{a} {addressA} 与 {b} {addressB} 提供文件、chart 和镜像服务（{registry}）',
  },
  'demo/killed': { en: 'SIGKILL to everything on {member}', zh: '对 {member} 上的所有进程发送 SIGKILL' },
  'demo/pushed-meanwhile': {
    en: 'a CI job pushes {image}; only {member} is there to take it',
    zh: 'CI 任务推送 {image}，此时只有 {member} 能接收',
  },
  'demo/started-again': { en: '{member} is started again', zh: '{member} 重新启动' },
  'demo/pushed-again': {
    en: 'the CI job pushes {image} to {member}, too',
    zh: 'CI 任务把 {image} 也推送到 {member}',
  },
  'demo/typed': { en: '$ {command}', zh: '$ {command}' },
  'demo/answered': { en: '{answer}', zh: '{answer}' },
  'demo/downloads-fail': {
    en: 'downloads from {address} fail: {error}',
    zh: '从 {address} 下载失败：{error}',
  },
  'demo/downloads-work': {
    en: 'downloads work again, from {address}: {seconds} s without, {failed} failed',
    zh: '下载恢复，来自 {address}：中断 {seconds} 秒，失败 {failed} 次',
  },
  'demo/frozen': { en: '{error}', zh: '{error}' },
});
