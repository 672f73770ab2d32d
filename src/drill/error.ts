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
});

/** A drill could not begin. */
export class DrillError extends HoldfastError<keyof typeof drillErrors> {}
