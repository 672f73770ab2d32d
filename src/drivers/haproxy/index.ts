/**
 * `haproxy`: TCP passthrough by HAProxy on the members or on hosts of its own, with an address that keepalived moves in
 * front where the endpoint has one. HAProxy checks the members itself, and is drained and opened at run time.
 */

import { joinReasons } from '../../base/reason.ts';
import type { EndpointDriver } from '../driver.ts';
import { proxyPaths } from '../proxy-paths.ts';
import { observeProxies } from '../proxy-publish.ts';
import { proxyReasons } from '../proxy-reasons.ts';
import { proxyOnServicePort, proxyWithoutAddress } from '../proxy-rules.ts';
import { type ProxyConfig, proxyConfig } from '../proxy-schema.ts';
import { planProxy, proxyFacts } from '../proxy-steps.ts';
import { vrrpReasons } from '../vrrp-reasons.ts';
import { haproxyConfig, haproxyUnit } from './config.ts';
import { publishToHaproxy } from './publish.ts';
import { lookAtHaproxy } from './runtime.ts';

const NAME = 'haproxy';

export const haproxy: EndpointDriver<ProxyConfig> = {
  name: NAME,
  summary: {
    en: 'Passes TCP through to the members with HAProxy, behind an address that moves where there is one.',
    zh: '通过 HAProxy 将 TCP 透传给成员；有地址时，其前方由 keepalived 漂移地址。',
  },
  config: proxyConfig,
  supports: {
    policies: ['failover', 'all-healthy', 'weighted'],
    manyMembers: true,
    keepsTtl: false,
    hostsDecide: true,
  },
  rules: [proxyOnServicePort('HF210', NAME), proxyWithoutAddress('HF211', NAME)],
  reasons: joinReasons(proxyReasons, vrrpReasons),
  stepKinds: [],
  facts: (_site, endpoint) => proxyFacts(endpoint),
  plan(site, endpoint, facts) {
    const { etc } = proxyPaths(endpoint.name);
    return planProxy(site, endpoint, facts, {
      program: NAME,
      packages: () => ['haproxy', 'socat'],
      packagedUnit: 'haproxy.service',
      files: () => ({ 'haproxy.cfg': haproxyConfig(endpoint) }),
      unit: haproxyUnit(endpoint),
      test: ['haproxy', '-c', '-q', '-f', `${etc}/haproxy.cfg`],
    });
  },
  publish: publishToHaproxy,
  observe: (ctx, endpoint) => observeProxies(ctx, endpoint, (host) => lookAtHaproxy(ctx, endpoint, host)),
};
