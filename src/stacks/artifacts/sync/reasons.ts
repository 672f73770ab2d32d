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
  'artifacts/line-missing': { en: '+ {name}  {wanted}  {size}', zh: '+ {name}  {wanted}  {size}' },
  'artifacts/line-incomplete': {
    en: '± {name}  {count} missing parts  {size}',
    zh: '± {name}  缺少 {count} 个部分  {size}',
  },
  'artifacts/line-conflict': {
    en: '~ {name}  {found} → {wanted}  {size}',
    zh: '~ {name}  {found} → {wanted}  {size}',
  },
  'artifacts/line-kept': {
    en: '= {name}  kept: {found} (there: {wanted})',
    zh: '= {name}  保留：{found}（来源上为：{wanted}）',
  },
  'artifacts/line-broken': {
    en: '! {name}  not whole at the source: {parts}',
    zh: '! {name}  来源上不完整：{parts}',
  },
  'artifacts/copy-images': {
    en: 'copy {count} images ({size}) from {from} to {to}',
    zh: '从 {from} 向 {to} 复制 {count} 个镜像（{size}）',
  },
  'artifacts/copy-files': {
    en: 'copy {count} files ({size}) from {from} to {to}',
    zh: '从 {from} 向 {to} 复制 {count} 个文件（{size}）',
  },
  'artifacts/copy-charts': {
    en: 'copy {count} charts ({size}) from {from} to {to}',
    zh: '从 {from} 向 {to} 复制 {count} 个 chart（{size}）',
  },
  'artifacts/overwritten': {
    en: '{count} of them overwrite another content',
    zh: '其中 {count} 项会覆盖不同的内容',
  },
  'artifacts/stay-other': { en: '{count} stay other', zh: '{count} 项保持不同' },
  'artifacts/left-out': {
    en: '{count} are not whole at {from} and left out',
    zh: '{count} 项在 {from} 上不完整，不会复制',
  },
  'artifacts/must-hold': {
    en: '{to} must hold what {from} holds',
    zh: '{to} 必须具备 {from} 的内容',
  },
});
