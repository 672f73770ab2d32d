/** What keepalived calls when a host becomes owner, or ceases to be. Pure. */
import type { Endpoint } from '../site/model.ts';
import { vrrpPaths } from './vrrp-paths.ts';

/**
 * The notify script: notes the state at once, then runs what others have put into `notify.d`, in order of name, each with
 * STATE (MASTER, BACKUP, FAULT or STOP) and the endpoint's name. One change at a time (flock(1), where the host has
 * it); a change that another has overtaken meanwhile runs nothing. Works without Holdfast: it is keepalived's.
 */
export function notifyScript(endpoint: Endpoint): string {
  const { etc, run, slug } = vrrpPaths(endpoint.name);
  return `#!/bin/sh
# Written by Holdfast: keepalived calls it as TYPE NAME STATE PRIORITY.
LC_ALL=C PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
export LC_ALL PATH
run=${run} state=$3
mkdir -p "$run"
printf '%s %s\\n' "$state" "$$" >"$run/latest.$$" && mv -f "$run/latest.$$" "$run/latest"
# At once, for a hook of an earlier change that is still at work: it may be about to do what is no longer wanted.
note_state() { printf '%s\\n' "$state" >"$run/state.$$" && mv -f "$run/state.$$" "$run/state"; }
note_state
if command -v flock >/dev/null 2>&1; then exec 9>"$run/notify.lock"; flock 9; fi
read -r latest mine <"$run/latest"
[ "$mine" = "$$" ] || exit 0
note_state
for hook in ${etc}/notify.d/*; do
  [ -f "$hook" ] && [ -x "$hook" ] || continue
  "$hook" "$state" ${slug} 9>&- || logger -t holdfast-vip "$hook $state failed with $?" 2>/dev/null
done
exit 0
`;
}
