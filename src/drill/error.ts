import { defineErrors } from '../base/error-table.ts';
import { HoldfastError } from '../base/errors.ts';

/** What can go wrong in a drill. */
export const drillErrors = defineErrors({
  'drill/not-loopback': {
    en: {
      what: 'The artifact server for drills serves on loopback only: it asks nobody who they are.',
      mend: 'Give a loopback address with --address.',
    },
    zh: {
      what: '演练用的制品服务器只在回环地址上提供服务：它不校验访问者身份。',
      mend: '请用 --address 指定回环地址。',
    },
  },
  'drill/cannot-listen': {
    en: {
      what: 'The artifact server for drills cannot listen on its address and port.',
      mend: 'Choose a free port with --port, and an address that this machine has.',
    },
    zh: {
      what: '演练用的制品服务器无法监听其地址和端口。',
      mend: '请用 --port 选择空闲端口，并使用本机拥有的地址。',
    },
  },
  'drill/no-backups': {
    en: {
      what: 'There is no stack that makes backups, or several and none is named.',
      mend: 'Give the stack its `backup:`, then `holdfast apply`; where there are several, name one.',
    },
    zh: {
      what: '没有配置备份的栈，或有多个而未指定其一。',
      mend: '请为该栈配置 `backup:` 后执行 `holdfast apply`；有多个时请指定名称。',
    },
  },
  'drill/no-such-backup': {
    en: {
      what: 'The backup to restore is on none of the hosts.',
      mend: 'Leave out --from and --on for the newest; `holdfast verify` says how backups stand.',
    },
    zh: {
      what: '所有主机上都没有要恢复的备份。',
      mend: '省略 --from 和 --on 即使用最新的备份；`holdfast verify` 会说明备份状况。',
    },
  },
  'drill/not-restored': {
    en: {
      what: 'A restore could not even be tried: no room, or another drill is at work.',
      mend: 'Make room where the backups lie, or wait for the other drill.',
    },
    zh: {
      what: '无法开始恢复演练：空间不足，或另一次演练正在进行。',
      mend: '请在备份所在位置腾出空间，或等待另一次演练结束。',
    },
  },
});

/** A drill could not begin, or not be brought to its end. */
export class DrillError extends HoldfastError<keyof typeof drillErrors> {}
