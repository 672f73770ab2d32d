import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { servicesOf } from '../schema.ts';
import { artifactsOf } from './artifacts-of.ts';

const reasons = defineReasons({
  'artifacts/other-server-name': {
    en: "the {service} is checked under '{serverName}', but clients call it '{dnsName}'",
    zh: '{service} 按“{serverName}”进行检查，而客户端使用的是“{dnsName}”',
  },
  'artifacts/drop-server-name': {
    en: "Take `serverName` out: '{dnsName}' is what the certificate of each member must cover.",
    zh: '请删除 `serverName`：每个成员的证书都必须包含“{dnsName}”。',
  },
  'artifacts/no-name-for-tls': {
    en: "the {service} speaks TLS, but '{endpoint}' has neither a name nor an address of its own that certificates could cover",
    zh: '{service} 使用 TLS，但“{endpoint}”既没有域名也没有自己的地址，证书无从匹配',
  },
  'artifacts/add-name': {
    en: 'Add `name:` to the endpoint, and have each certificate made for it (additionalSSLSubjectAltName).',
    zh: '请为端点添加 `name:`，并让每张证书都包含该域名（additionalSSLSubjectAltName）。',
  },
});

/** Certificates are held against another name than clients use. */
export const otherServerName: Rule = {
  id: 'HF302',
  name: 'other-server-name',
  severity: 'error',
  title: {
    en: 'Certificates are checked for a name that clients do not use',
    zh: '证书检查所用的名称与客户端使用的不一致',
  },
  explanation: {
    en: 'After a failover clients reach the standby under the same name as before, and refuse it unless its certificate covers that name. The runbook has two certificates for this, crossed: the original node is made for the name with its address as the additional name, the standby for its own address with the name as the additional one. A probe that checks any other name finds everything well, and the failover fails at the first pull.',
    zh: '故障切换后，客户端仍用原来的名称访问备用节点，若其证书不包含该名称就会拒绝连接。操作手册为此准备了两张交叉的证书：原节点以域名为主、地址为附加名称；备用节点以自身地址为主、域名为附加名称。探测若检查别的名称，看起来一切正常，切换后第一次拉取就会失败。',
  },
  reasons,
  *check(site) {
    for (const { stack, endpoint } of artifactsOf(site)) {
      if (endpoint === undefined) continue;
      for (const [service, spec] of servicesOf(stack.spec)) {
        if (spec.scheme !== 'https') continue;
        const { serverName } = spec;
        const { dnsName, addresses } = endpoint;
        if (dnsName === undefined && addresses.length === 0 && serverName === undefined) {
          yield {
            path: ['stacks', stack.name, service],
            because: reasons.of('artifacts/no-name-for-tls', { service, endpoint: endpoint.name }),
            hint: reasons.of('artifacts/add-name'),
          };
        }
        if (dnsName === undefined || serverName === undefined) continue;
        if (serverName.toLowerCase().replace(/\.$/, '') === dnsName) continue;
        yield {
          path: ['stacks', stack.name, service, 'serverName'],
          because: reasons.of('artifacts/other-server-name', { service, serverName, dnsName }),
          hint: reasons.of('artifacts/drop-server-name', { dnsName }),
        };
      }
    }
  },
};
