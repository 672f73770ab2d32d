import { defineReasons } from '../../base/reason.ts';
import { type Audited, auditedFiles, type NamedEndpoint } from '../audit/audited.ts';
import type { Member, Site } from '../model.ts';
import type { Rule, RuleHit } from '../rule.ts';

const reasons = defineReasons({
  'original-not-in-domain-mode': {
    en: "'{host}' is the original, but its bootstrapNode is {got} instead of the domain {domain}",
    zh: '“{host}”是原火种节点，但其 bootstrapNode 是 {got}，而不是域名 {domain}',
  },
  'standby-in-domain-mode': {
    en: "'{host}' is a standby, but its bootstrapNode is the domain {got} instead of its own address {own}",
    zh: '“{host}”是备用火种节点，但其 bootstrapNode 是域名 {got}，而不是自己的地址 {own}',
  },
  'standby-has-other-address': {
    en: "the bootstrapNode of '{host}' is {got} instead of its own address {own}",
    zh: '“{host}”的 bootstrapNode 是 {got}，而不是自己的地址 {own}',
  },
  'certificate-lacks-address': {
    en: "the certificate of '{host}' would not hold its own address {own}: additionalSSLSubjectAltName is {got}",
    zh: '“{host}”的证书不会包含自己的地址 {own}：additionalSSLSubjectAltName 为 {got}',
  },
  'certificate-lacks-domain': {
    en: "the certificate of '{host}' would not hold the domain {domain}: additionalSSLSubjectAltName is {got}",
    zh: '“{host}”的证书不会包含域名 {domain}：additionalSSLSubjectAltName 为 {got}',
  },
  'set-bootstrap-node': { en: 'Set `bootstrapNode: {value}`.', zh: '请设置 `bootstrapNode: {value}`。' },
  'set-alt-name': {
    en: 'Set `additionalSSLSubjectAltName: "{value}"`.',
    zh: '请设置 `additionalSSLSubjectAltName: "{value}"`。',
  },
});

/** The SAN table of the DCE 5.0 runbook's FAQ, filled in the wrong way round. */
export const sanCrossed: Rule = {
  id: 'HF050',
  name: 'san-crossed',
  severity: 'error',
  title: { en: 'Names of the certificate crossed', zh: '证书名称配置颠倒' },
  explanation: {
    en: 'The original bootstrap node is installed in domain mode: bootstrapNode is the domain, additionalSSLSubjectAltName its own address. The standby is the other way round: bootstrapNode is its own address (or auto), additionalSSLSubjectAltName the domain. Crossed, the standby’s certificate lacks the domain, and every image pull fails with an x509 error right after the failover; and in domain mode the installer writes the domain into /etc/hosts of a node that the domain does not lead to.',
    zh: '原火种节点以域名模式安装：bootstrapNode 为域名，additionalSSLSubjectAltName 为自己的 IP。备用火种节点相反：bootstrapNode 为自己的 IP（或 auto），additionalSSLSubjectAltName 为域名。若颠倒，备用节点的证书不含域名，切换后所有镜像拉取都会报 x509 错误；且在域名模式下，当域名未解析到该节点时，安装器会改写其 /etc/hosts。',
  },
  reasons,
  *check(site) {
    for (const file of auditedFiles(site, 'cluster-config')) {
      for (const endpoint of file.endpoints) {
        const index = endpoint.members.findIndex((member) => member.host === file.host);
        const member = endpoint.members[index];
        if (member === undefined) continue;
        yield* index === 0
          ? checkOriginal(file, endpoint, member)
          : checkStandby(site, file, endpoint, member);
      }
    }
  },
};

type ClusterFile = Audited<'cluster-config'>;

function* checkOriginal(
  file: ClusterFile,
  { dnsName: domain }: NamedEndpoint,
  member: Member,
): Generator<RuleHit> {
  const { bootstrapNode, additionalNames } = file.cluster;
  const { host, address: own } = member;
  if (bootstrapNode !== undefined && normal(bootstrapNode.value) !== domain) {
    yield {
      path: file.sitePath,
      at: bootstrapNode.position,
      because: reasons.of('original-not-in-domain-mode', { host, got: bootstrapNode.value, domain }),
      hint: reasons.of('set-bootstrap-node', { value: domain }),
    };
  }
  if (additionalNames !== undefined && !additionalNames.value.includes(own)) {
    yield {
      path: file.sitePath,
      at: additionalNames.position,
      because: reasons.of('certificate-lacks-address', { host, own, got: shown(additionalNames.value) }),
      hint: reasons.of('set-alt-name', { value: own }),
    };
  }
}

function* checkStandby(
  site: Site,
  file: ClusterFile,
  { dnsName: domain }: NamedEndpoint,
  member: Member,
): Generator<RuleHit> {
  const { bootstrapNode, additionalNames } = file.cluster;
  const { host, address: own } = member;
  const isOwn = (value: string): boolean =>
    value === own || (site.hosts.get(host)?.addresses.includes(value) ?? false);
  if (bootstrapNode !== undefined && bootstrapNode.value !== 'auto' && !isOwn(bootstrapNode.value)) {
    const code =
      normal(bootstrapNode.value) === domain ? 'standby-in-domain-mode' : 'standby-has-other-address';
    yield {
      path: file.sitePath,
      at: bootstrapNode.position,
      because: reasons.of(code, { host, got: bootstrapNode.value, own }),
      hint: reasons.of('set-bootstrap-node', { value: own }),
    };
  }
  if (additionalNames !== undefined && !additionalNames.value.some((name) => normal(name) === domain)) {
    yield {
      path: file.sitePath,
      at: additionalNames.position,
      because: reasons.of('certificate-lacks-domain', { host, domain, got: shown(additionalNames.value) }),
      hint: reasons.of('set-alt-name', { value: domain }),
    };
  }
}

function normal(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function shown(names: readonly string[]): string {
  return names.length === 0 ? "''" : names.join(', ');
}
