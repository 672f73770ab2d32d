import { defineErrors } from '../../base/error-table.ts';
import { DriverError } from '../driver-error.ts';

/** What can go wrong with RFC 2136 updates, beside what every driver and every DNS exchange can fail with. */
export const dnsUpdateErrors = defineErrors({
  'dns-update/lost-race': {
    en: {
      what: 'Somebody else keeps changing the records of the endpoint, so the update was given up.',
      mend: 'Look who updates the name: another controller, DHCP, a person with nsupdate.',
    },
    zh: {
      what: '该端点的记录不断被他人修改，更新已放弃。',
      mend: '请查明谁在更新该域名：其他控制端、DHCP，或使用 nsupdate 的人员。',
    },
  },
});

/** The driver could not realise an endpoint, or would not. */
export class DnsUpdateError extends DriverError<keyof typeof dnsUpdateErrors> {}
