/** Rules about proxies, for each driver that is one. */
import { defineReasons } from '../base/reason.ts';
import type { Endpoint } from '../site/model.ts';
import type { Rule } from '../site/rule.ts';
import { endpointsOf } from './endpoints-of.ts';
import { proxyHosts } from './proxy-publish.ts';
import type { ProxyConfig } from './proxy-schema.ts';

const reasons = defineReasons({
  'proxy/on-service-port': {
    en: "the proxy of '{endpoint}' is to listen on port {port} of '{host}', where the member itself listens",
    zh: '“{endpoint}”的代理要监听“{host}”的端口 {port}，而该成员自身正在监听此端口',
  },
  'proxy/other-port': {
    en: 'Run the proxy on hosts of its own (`proxies`), give the endpoint an address and bind the service to the address of its host, or pass another port: { listen: 443, member: 8443 }.',
    zh: '请将代理放到单独的主机（`proxies`）；或为端点设置地址并让服务只监听主机地址；或透传其他端口：{ listen: 443, member: 8443 }。',
  },
  'proxy/without-address': {
    en: "'{endpoint}' has several proxies ({hosts}) and no address in front of them",
    zh: '“{endpoint}”有多个代理（{hosts}），但前方没有地址',
  },
  'proxy/give-address': {
    en: 'Write a free address as `addresses`: keepalived then moves it between the proxies. Or name one proxy.',
    zh: '请在 `addresses` 中写入空闲地址，由 keepalived 在代理之间漂移；或只指定一个代理。',
  },
});

/** Two programs on one port of one host. */
export function proxyOnServicePort(id: string, driver: string): Rule {
  return {
    id,
    name: `${driver}/on-service-port`,
    severity: 'warning',
    title: { en: 'The proxy on the port of the service', zh: '代理与服务使用同一端口' },
    explanation: {
      en: 'A service that listens on all addresses of its host leaves no room for a proxy on the same port, not even on another address: whichever starts second fails, perhaps only after the next reboot.',
      zh: '服务监听主机所有地址时，代理无法再监听同一端口，即使地址不同：后启动的一方会失败，也许要到下次重启才暴露。',
    },
    reasons,
    *check(site) {
      for (const endpoint of endpointsOf<ProxyConfig>(site, driver)) yield* clashes(endpoint);
    },
  };
}

function* clashes(endpoint: Endpoint<ProxyConfig>) {
  const members = new Set(endpoint.members.map((member) => member.host));
  const host = proxyHosts(endpoint).find((one) => members.has(one));
  if (host === undefined) return;
  for (const [index, { listen, member }] of endpoint.driver.config.ports.entries()) {
    if (listen !== member) continue;
    yield {
      path: ['endpoints', endpoint.name, 'driver', 'ports', index],
      because: reasons.of('proxy/on-service-port', { endpoint: endpoint.name, port: String(listen), host }),
      hint: reasons.of('proxy/other-port'),
    };
  }
}

/** Several proxies, and nothing that leads clients to one that lives. */
export function proxyWithoutAddress(id: string, driver: string): Rule {
  return {
    id,
    name: `${driver}/without-address`,
    severity: 'warning',
    title: { en: 'Several proxies without an address in front', zh: '多个代理前方没有地址' },
    explanation: {
      en: 'Clients know one address. If that is the address of one proxy, its death ends the service, whatever the other proxies could do.',
      zh: '客户端只知道一个地址。若它是某个代理的地址，该代理失效即服务中断，其他代理也无能为力。',
    },
    reasons,
    *check(site) {
      for (const endpoint of endpointsOf<ProxyConfig>(site, driver)) {
        const hosts = proxyHosts(endpoint);
        if (hosts.length < 2 || endpoint.addresses.length > 0) continue;
        yield {
          path: ['endpoints', endpoint.name],
          because: reasons.of('proxy/without-address', { endpoint: endpoint.name, hosts }),
          hint: reasons.of('proxy/give-address'),
        };
      }
    },
  };
}
