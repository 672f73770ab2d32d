import { z } from 'zod';
import { script, sh } from '../../hosts/shell.ts';
import { type FaultKind, onHost } from './fault.ts';
import { unitName } from './unit-name.ts';

const args = z.strictObject({
  kind: z.literal('clock-skew'),
  unit: unitName,
  /** How far the clock is ahead; negative: behind. */
  byMs: z
    .number()
    .int()
    .refine((ms) => ms !== 0, 'a clock that is wrong'),
});
export type ClockSkewFault = z.input<typeof args>;

/**
 * On the host. Only what asks the C library for the time is deceived: a program of Go or one linked statically asks the
 * kernel. FAKETIME_DONT_FAKE_MONOTONIC: timers go on rightly, as when somebody sets a clock (faketime(1)).
 */
const SKEW = `
unit=$1 by=$2
refuse() { echo "$*" >&2; exit 3; }
library=$(find /usr/lib -name libfaketimeMT.so.1 | head -n 1)
[ -n "$library" ] || refuse 'the host has no libfaketime'
systemctl is-active --quiet "$unit" || refuse "$unit is not active"
program=$(systemctl show -p MainPID --value "$unit")
[ "$program" != 0 ] || refuse "$unit has no main process"
if grep -qa 'Go buildinf:' "/proc/$program/exe"; then refuse "$unit is a program of Go, which asks the kernel for the time"; fi
grep -q '/libc\\.so' "/proc/$program/maps" || refuse "$unit is linked statically, and asks the kernel for the time"
folder=/run/systemd/system/$unit.d
mkdir -p "$folder"
cat >"$folder/90-clock-skew.conf" <<UNIT
[Service]
Environment=LD_PRELOAD=$library "FAKETIME=$by" FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1
UNIT
systemctl daemon-reload
systemctl restart "$unit"
grep -q libfaketime "/proc/$(systemctl show -p MainPID --value "$unit")/maps" || {
  echo "$unit does not take libfaketime" >&2
  exit 1
}
`;

/** In a boot since then nothing of it is left: /run is new. */
const RIGHT = `
unit=$1 folder=/run/systemd/system/$1.d
[ -e "$folder/90-clock-skew.conf" ] || exit 0
rm "$folder/90-clock-skew.conf"
rmdir "$folder" 2>/dev/null || :
systemctl daemon-reload
if systemctl is-active --quiet "$unit"; then systemctl restart "$unit"; fi
`;

/** One service lives in another time. The kernel has one wall clock for all hosts, so it cannot be a host's own. */
export const clockSkew: FaultKind<ClockSkewFault> = {
  kind: 'clock-skew',
  summary: {
    en: 'the clock of one --unit is wrong --by so much; it is restarted at begin and end',
    zh: '某个 --unit 的时钟偏差 --by；开始与结束时该单元会重启',
  },
  args,
  worksOnHost: true,
  subject: ({ unit }) => unit,
  scripts: (target, { unit, byMs }) => {
    const by = `${byMs > 0 ? '+' : ''}${byMs / 1_000}`;
    return {
      begin: sh`${onHost(target)}on_host sh -euc ${SKEW} sh ${unit} ${by}`,
      end: sh`${onHost(target)}${script('! is_on || ')}on_host sh -euc ${RIGHT} sh ${unit}`,
    };
  },
};
