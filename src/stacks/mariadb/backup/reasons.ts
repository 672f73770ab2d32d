import { defineReasons } from '../../../base/reason.ts';

/** What is said of backups of a pair. */
export const backupReasons = defineReasons({
  'mariadb-backup/units': {
    en: 'backups are made on the hosts, whether or not Holdfast runs',
    zh: '无论 Holdfast 是否运行，主机自行备份',
  },
  'mariadb-backup/first': {
    en: 'a backup that was never made is none',
    zh: '从未执行过的备份等于没有备份',
  },
  'mariadb-backup/none-wanted': {
    en: 'the site file asks for no backups any more; those there are stay',
    zh: '站点文件不再要求备份；已有的备份会保留',
  },
  'mariadb-backup/young': {
    en: 'the newest good backup is {age} old, on {host}',
    zh: '最新的完好备份已有 {age}，位于 {host}',
  },
  'mariadb-backup/old': {
    en: 'the newest good backup is {age} old, on {host}; wanted: at most {oldest}',
    zh: '最新的完好备份已有 {age}，位于 {host}；要求不超过 {oldest}',
  },
  'mariadb-backup/none': {
    en: 'there is no good backup on either host',
    zh: '两台主机上都没有完好的备份',
  },
  'mariadb-backup/failed': {
    en: '{host}: the last backup failed {age} ago: {said}',
    zh: '{host}：最近一次备份在 {age} 前失败：{said}',
  },
  'mariadb-backup/not-asked': {
    en: '{host} could not be asked for its backups: {detail}',
    zh: '无法查询 {host} 上的备份：{detail}',
  },
  'mariadb-backup/look': {
    en: 'Look at `systemctl status {unit}` on the hosts; `{script} now` makes one at once.',
    zh: '请在主机上查看 `systemctl status {unit}`；`{script} now` 可立即备份。',
  },
});
