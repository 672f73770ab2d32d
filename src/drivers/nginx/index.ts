/**
 * `nginx`: TCP passthrough by nginx's stream module on the members or on hosts of its own, with an address that
 * keepalived moves in front where the endpoint has one. nginx learns that a member is down from connections that fail.
 */
import { joinReasons } from '../../base/reason.ts';
import type { Endpoint, MemberName } from '../../site/model.ts';
import type { EndpointDriver } from '../driver.ts';
import { proxyPaths } from '../proxy-paths.ts';
import { observeProxies } from '../proxy-publish.ts';
import { proxyReasons } from '../proxy-reasons.ts';
import { proxyOnServicePort, proxyWithoutAddress } from '../proxy-rules.ts';
import { type ProxyConfig, proxyConfig } from '../proxy-schema.ts';
import type { ProxyState } from '../proxy-state.ts';
import { planProxy, proxyFacts } from '../proxy-steps.ts';
import { vrrpReasons } from '../vrrp-reasons.ts';
import { nginxConf, nginxUnit, parseServers, serversConf } from './config.ts';
import { lookAtNginx, publishToNginx } from './publish.ts';

const NAME = 'nginx';

export const nginx: EndpointDriver<ProxyConfig> = {
  name: NAME,
  summary: {
    en: 'Passes TCP through to the members with nginx, behind an address that moves where there is one.',
    zh: '通过 nginx 将 TCP 透传给成员；有地址时，其前方由 keepalived 漂移地址。',
  },
  config: proxyConfig,
  supports: { policies: ['failover', 'all-healthy', 'weighted'], manyMembers: true, keepsTtl: false },
  rules: [proxyOnServicePort('HF212', NAME), proxyWithoutAddress('HF213', NAME)],
  reasons: joinReasons(proxyReasons, vrrpReasons),
  stepKinds: [],
  facts: (_site, endpoint) => proxyFacts(endpoint),
  plan(site, endpoint, facts) {
    const { etc } = proxyPaths(endpoint.name);
    return planProxy(site, endpoint, facts, {
      program: NAME,
      packages: ({ packageManager }) => [
        'nginx',
        packageManager === 'apt-get' ? 'libnginx-mod-stream' : 'nginx-mod-stream',
        'socat',
      ],
      packagedUnit: 'nginx.service',
      answerFiles: (state) => ({ 'servers.conf': servedConf(endpoint, state) }),
      files: (state) => ({
        'nginx.conf': nginxConf(endpoint, state.packageManager === 'apt-get' ? 'www-data' : 'nginx'),
      }),
      unit: nginxUnit(endpoint),
      test: ['nginx', '-t', '-q', '-c', `${etc}/nginx.conf`],
    });
  },
  publish: publishToNginx,
  observe: (ctx, endpoint) => observeProxies(ctx, endpoint, (host) => lookAtNginx(ctx, endpoint, host)),
};

/** Who is served stays who was published; before the first answer it is what the policy prefers. */
function servedConf(endpoint: Endpoint<ProxyConfig>, { servers }: ProxyState): string {
  const { mark, members } = parseServers(servers ?? '');
  const all = endpoint.members.map(({ name }) => name);
  const known = members.filter((name) => all.includes(name));
  const preferred: MemberName[] = endpoint.policy === 'failover' ? all.slice(0, 1) : all;
  return known.length > 0 ? serversConf(endpoint, known, mark) : serversConf(endpoint, preferred, undefined);
}
