import { defineReasons } from '../../base/reason.ts';
import { auditedFiles } from '../audit/audited.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'vendor-password': { en: "'{key}' holds a password in plain text", zh: '“{key}”中是明文密码' },
  'use-keys': {
    en: 'Let the installer use SSH keys if it can; otherwise keep the file at mode 0600 off shared places, and change the password afterwards.',
    zh: '若安装器支持，请使用 SSH 密钥；否则将文件权限设为 0600、不要放在共享位置，安装后更换密码。',
  },
});

/** The vendor's file asks for a root password. */
export const vendorPassword: Rule = {
  id: 'HF063',
  name: 'vendor-password',
  severity: 'warning',
  title: { en: 'A password in a vendor file', zh: '厂商文件中的明文密码' },
  explanation: {
    en: 'clusterConfig.yaml has ansiblePass in plain text. The file is copied to the standby and kept for upgrades, so the root password of the nodes lies on several machines for years.',
    zh: 'clusterConfig.yaml 中的 ansiblePass 是明文。该文件会被复制到备用节点并为升级而保留，于是节点的 root 密码多年散落在数台机器上。',
  },
  reasons,
  *check(site) {
    for (const file of auditedFiles(site, 'cluster-config')) {
      for (const { value: key, position } of file.cluster.plainPasswords) {
        yield {
          path: file.sitePath,
          at: position,
          because: reasons.of('vendor-password', { key }),
          hint: reasons.of('use-keys'),
        };
      }
    }
  },
};
