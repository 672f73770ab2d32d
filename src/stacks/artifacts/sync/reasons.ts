import { defineReasons } from '../../../base/reason.ts';

/** What the steps of a sync say. */
export const syncReasons = defineReasons({
  'artifacts/sync-images': { en: 'copy images from {from} to {to}', zh: '将镜像从 {from} 复制到 {to}' },
  'artifacts/sync-files': { en: 'copy files from {from} to {to}', zh: '将文件从 {from} 复制到 {to}' },
  'artifacts/sync-charts': { en: 'copy charts from {from} to {to}', zh: '将 chart 从 {from} 复制到 {to}' },
  'artifacts/synced': {
    en: '{to} holds all {total} that {from} holds',
    zh: '{to} 具备 {from} 的全部 {total} 项内容',
  },
  'artifacts/synced-but': {
    en: '{to} holds all {total} that {from} holds, but for {count}: {names}',
    zh: '{to} 具备 {from} 的 {total} 项内容，但以下 {count} 项除外：{names}',
  },
  'artifacts/undecided': {
    en: '{count} have the same name on {from} and {to} but another content: {names}',
    zh: '{from} 与 {to} 上有 {count} 项同名但内容不同：{names}',
  },
  'artifacts/decide': {
    en: 'say which stands: --prefer {from} or --prefer {to} for all, --prefer NAME={from} for one, --prefer neither to leave them as they are',
    zh: '请指定以哪个为准：--prefer {from} 或 --prefer {to} 用于全部，--prefer 名称={from} 用于单项，--prefer neither 表示保持现状',
  },
  'artifacts/no-deletes': {
    en: "what is added stays: the site does not say that the registry allows deletes ('deletes: true')",
    zh: '新增内容将保留：站点文件未声明该镜像仓库允许删除（`deletes: true`）',
  },
  'artifacts/overwrites': {
    en: 'what is overwritten is not kept',
    zh: '被覆盖的内容不会保留',
  },
  'artifacts/must-hold': {
    en: '{to} must hold what {from} holds',
    zh: '{to} 必须具备 {from} 的内容',
  },
});
