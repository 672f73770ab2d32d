/** Files of keepalived that somebody made by hand, found on the hosts of an endpoint: what would go wrong. Pure. */
import type { Finding } from '../base/finding.ts';
import { ask, type Facts } from '../hosts/fact.ts';
import { addresses } from '../hosts/facts/addresses.ts';
import { bridges } from '../hosts/facts/bridges.ts';
import type { HostName, Site } from '../site/model.ts';
import { type AuditedConf, auditKeepalived } from './vrrp-audit.ts';
import { auditReasons as reasons } from './vrrp-audit-reasons.ts';
import { isReplaced } from './vrrp-main-conf.ts';
import { KEEPALIVED_CONF } from './vrrp-paths.ts';
import { keepalivedState } from './vrrp-state.ts';

/** Findings with the file and line on the host. @param hosts all that take part */
export function vrrpFindings(site: Site, hosts: readonly HostName[], facts: Facts): Finding[] {
  const vips = [...site.endpoints.values()].flatMap((one) => one.addresses);
  const replaced = new Set<HostName>();
  const files = hosts.flatMap((host): AuditedConf[] => {
    const { conf, scripts = [] } = facts.get(ask(host, keepalivedState, undefined)) ?? {};
    // Ours holds no instance: those are in files of their own.
    if (conf === undefined || !/^\s*vrrp_instance\b/m.test(conf)) return [];
    if (isReplaced(conf, vips)) replaced.add(host);
    return [
      {
        host,
        text: conf,
        scripts,
        addresses: facts.get(ask(host, addresses, undefined)) ?? [],
        bridges: facts.get(ask(host, bridges, undefined)) ?? [],
      },
    ];
  });
  return auditKeepalived(files).map(({ rule, severity, because, host, line }) => ({
    rule,
    severity,
    because,
    hint: reasons.of(replaced.has(host) ? 'keepalived/is-replaced' : 'keepalived/correct-it'),
    position: { file: `${host}:${KEEPALIVED_CONF}`, line, column: 1 },
  }));
}
