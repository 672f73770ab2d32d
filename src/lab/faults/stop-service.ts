import { z } from 'zod';
import { script, sh } from '../../hosts/shell.ts';
import { type FaultKind, onHost } from './fault.ts';
import { unitName } from './unit-name.ts';

const args = z.strictObject({
  kind: z.literal('stop-service'),
  unit: unitName,
  /** Sent to all its processes in place of an orderly stop: `KILL` is a crash, `STOP` a hang. */
  signal: z
    .string()
    .regex(/^(KILL|STOP|SEGV|ABRT|TERM|INT|QUIT|HUP)$/, 'a signal such as KILL or STOP')
    .exactOptional(),
});
export type StopServiceFault = z.input<typeof args>;

/**
 * On the host. A mask below system.control goes before every other unit file, also one in /etc (systemd.unit(5), unit
 * load path), so that neither Restart= nor a person nor a timer starts it before the end. A service that got STOP is
 * left as it is: it counts as active, and hangs.
 */
const STOP = `
unit=$1 signal=$2 mask=/run/systemd/system.control/$1
refuse() { echo "$*" >&2; exit 3; }
[ ! -e "$mask" ] && [ ! -L "$mask" ] || refuse "$unit is stopped already"
systemctl is-active --quiet "$unit" || refuse "$unit is not active"
if [ "$signal" = STOP ]; then
  mkdir -p /run/holdfast-stopped; touch "/run/holdfast-stopped/$unit"
  exec systemctl kill -s STOP "$unit"
fi
mkdir -p "\${mask%/*}"
ln -s /dev/null "$mask"
systemctl daemon-reload
if [ -z "$signal" ]; then exec systemctl stop "$unit"; fi
systemctl kill -s "$signal" "$unit"
`;

/** In a boot since then nothing of it is left: /run is new, and the boot has started what it starts. */
const START = `
unit=$1 mask=/run/systemd/system.control/$1 stopped=/run/holdfast-stopped/$1
if [ -e "$stopped" ]; then
  systemctl kill -s CONT "$unit"
  rm "$stopped"
fi
[ -L "$mask" ] || exit 0
rm "$mask"
systemctl daemon-reload
systemctl reset-failed "$unit" 2>/dev/null || :
systemctl start "$unit"
`;

/** A service stops, crashes or hangs, and stays so: it is masked until the end, which starts it again. */
export const stopService: FaultKind<z.output<typeof args>> = {
  kind: 'stop-service',
  summary: {
    en: 'stop a --unit, or send it a --signal; masked until the end, so that nothing restarts it',
    zh: '停止某个 --unit，或向其发送 --signal；结束前一直屏蔽（mask），不会被重新拉起',
  },
  args,
  worksOnHost: true,
  subject: ({ unit }) => unit,
  scripts: (target, { unit, signal }) => ({
    begin: sh`${onHost(target)}on_host sh -euc ${STOP} sh ${unit} ${signal ?? ''}`,
    end: sh`${onHost(target)}${script('! is_on || ')}on_host sh -euc ${START} sh ${unit}`,
  }),
};
