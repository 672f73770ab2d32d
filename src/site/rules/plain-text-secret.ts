import { defineReasons } from '../../base/reason.ts';
import type { SitePath } from '../model.ts';
import type { Rule } from '../rule.ts';
import { isSecretRef } from '../secret-ref.ts';

const reasons = defineReasons({
  'secret-under-key': { en: "'{key}' holds a secret in plain text", zh: '“{key}”中是明文的敏感信息' },
  'secret-in-command': { en: 'a password stands in a command', zh: '命令中写有密码' },
  'secret-in-url': { en: 'a password stands in a URL', zh: 'URL 中写有密码' },
  'name-secret': {
    en: 'Name it by reference (env:NAME, file:/path, sealed:/path#key), and change it: it has been in a file.',
    zh: '请用引用代替（`env:名称`、`file:/路径`、`sealed:/路径#键`），并更换它，因为它已写入过文件。',
  },
});

const KEY = /(pass(word|wd|phrase)?|secret|token|credentials?|api-?key|authorization)$/i;
const IN_COMMAND = /(^|\s)--?pass(word|wd)?[= ]\S/i;
const IN_URL = /^[a-z][\w+.-]*:\/\/[^\s/:@]+:[^\s/@]+@/i;

/** Settings of drivers, stacks and probes, and labels: places whose schemas may not know what a secret is. */
export const plainTextSecret: Rule = {
  id: 'HF016',
  name: 'plain-text-secret',
  severity: 'error',
  title: { en: 'A secret in plain text', zh: '明文的敏感信息' },
  explanation: {
    en: 'Site files are kept in Git, sent by mail and shown on screens; a password in an argument also shows in the process list of the host. Passwords, tokens and keys are named by reference and handed over through standard input or files of mode 0600.',
    zh: '站点文件会进入 Git、通过邮件发送、出现在屏幕上；写在命令参数中的密码还会出现在主机的进程列表里。密码、令牌和密钥应以引用给出，经标准输入或权限为 0600 的文件传递。',
  },
  reasons,
  *check(site) {
    for (const { name, labels } of site.hosts.values()) yield* search(labels, ['hosts', name, 'labels']);
    for (const { name, driver, probes } of site.endpoints.values()) {
      yield* search(driver.config, ['endpoints', name, 'driver']);
      for (const [index, probe] of probes.entries()) {
        yield* search(probe.args, ['endpoints', name, 'probes', index]);
      }
    }
    for (const { name, spec } of site.stacks.values()) yield* search(spec, ['stacks', name]);
  },
};

function* search(value: unknown, path: SitePath): ReturnType<Rule['check']> & Generator {
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      yield* search(inner, [...path, Array.isArray(value) ? Number(key) : key]);
    }
    return;
  }
  const because =
    typeof value === 'string' || typeof value === 'number' ? judge(String(value), path) : undefined;
  if (because !== undefined) yield { path, because, hint: reasons.of('name-secret') };
}

function judge(text: string, path: SitePath): ReturnType<typeof reasons.of> | undefined {
  const key = path.findLast((part) => typeof part === 'string') ?? '';
  if (text === '' || isSecretRef(text)) return undefined;
  if (KEY.test(String(key))) return reasons.of('secret-under-key', { key: String(key) });
  if (IN_COMMAND.test(text)) return reasons.of('secret-in-command');
  return IN_URL.test(text) ? reasons.of('secret-in-url') : undefined;
}
