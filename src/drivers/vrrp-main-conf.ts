/** What becomes of a keepalived.conf that is there already. Pure. */
import type { HostName } from '../site/model.ts';
import { mainConf } from './vrrp-conf.ts';
import { KeepalivedError } from './vrrp-error.ts';
import { KEEPALIVED_CONF, KEEPALIVED_INCLUDES } from './vrrp-paths.ts';
import type { KeepalivedState } from './vrrp-state.ts';

/**
 * The content that keepalived.conf should have. One that only moves the same addresses (made by hand, after a runbook)
 * is replaced; one that says more is kept and gets the line that includes ours.
 * @param vips all addresses of the site that move
 * @throws KeepalivedError `keepalived/foreign-config` where it mixes the two, or holds a password that would have to
 *   stand in the plan
 */
export function wantedMainConf(
  host: HostName,
  state: KeepalivedState | undefined,
  vips: readonly string[],
): string {
  const found = state?.conf;
  const ours = mainConf(host);
  if (found === undefined || found === ours || !saysMore(found)) return ours;
  if (isReplaced(found, vips)) return ours;
  const own = vips.filter((vip) => namesAddress(found, vip));
  const others = addressesIn(found).filter((address) => !vips.includes(address));
  const line = `include ${KEEPALIVED_INCLUDES}/*.conf`;
  if (own.length > 0) {
    throw foreign(host, `an instance of its own for ${own.join(', ')}, beside ${others.join(', ')}`);
  }
  if (found.split('\n').some((each) => each.trim() === line)) return found;
  if (state?.hasPassword === true) throw foreign(host, `a password, and no line '${line}'`);
  return `${found.replace(/\n*$/, '\n')}${line}\n`;
}

/** Whether it only moves addresses of this site: then it goes. @param vips all addresses of the site that move */
export function isReplaced(conf: string, vips: readonly string[]): boolean {
  const found = addressesIn(conf);
  return found.length > 0 && found.every((address) => vips.includes(address)) && !/virtual_server/.test(conf);
}

/** Whether it moves or balances anything. */
function saysMore(conf: string): boolean {
  return /^\s*(vrrp_instance|virtual_server|vrrp_sync_group)\b/m.test(conf);
}

function namesAddress(conf: string, vip: string): boolean {
  return addressesIn(conf).includes(vip);
}

/** The addresses inside `virtual_ipaddress` blocks. */
function addressesIn(conf: string): string[] {
  const blocks = conf.replace(/[#!].*/g, '').match(/virtual_ipaddress(_excluded)?\s*\{[^}]*\}/g) ?? [];
  return blocks.flatMap((block) => block.match(/[0-9a-fA-F:.]*[.:][0-9a-fA-F:.]+/g) ?? []);
}

function foreign(host: HostName, what: string): KeepalivedError {
  return new KeepalivedError({
    code: 'keepalived/foreign-config',
    message: `${KEEPALIVED_CONF} can neither be kept nor replaced`,
    where: { host },
    expected: 'a file without the addresses of this site, or with nothing else',
    got: what,
    hint: `Add \`include ${KEEPALIVED_INCLUDES}/*.conf\` to it by hand, take out what it says about addresses of this site, and plan again.`,
  });
}
