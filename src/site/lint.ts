/** Runs rules over a site; what the file itself accepts stays in the list, marked with the author's reason. */
import type { Finding } from '../base/finding.ts';
import { nearest } from '../base/nearest.ts';
import { defineReasons, type Sentence } from '../base/reason.ts';
import type { Site, SitePath, Suppression } from './model.ts';
import type { Rule, RuleHit } from './rule.ts';

/** What the linter says about suppressions. */
export const lintReasons = defineReasons({
  'suppresses-nothing': {
    en: 'this suppression of {rule} suppresses nothing',
    zh: '对 {rule} 的这条抑制没有抑制任何发现',
  },
  'suppresses-unknown': { en: 'there is no rule {rule}', zh: '没有规则 {rule}' },
  'remove-suppression': {
    en: 'Remove it, or it will hide the next one of its kind.',
    zh: '请删除，否则它会掩盖下一个同类问题。',
  },
  'did-you-mean-rule': { en: 'Did you mean {meant}?', zh: '是否想写 {meant}？' },
  'see-rules': { en: '`holdfast explain` lists the rules.', zh: '`holdfast explain` 会列出所有规则。' },
});

/** The one check that needs all others to have run; documented beside the rules. */
export const unusedSuppression = {
  id: 'HF009',
  name: 'unused-suppression',
  severity: 'warning',
  title: { en: 'A suppression suppresses nothing', zh: '无效的抑制' } satisfies Sentence,
  explanation: {
    en: 'What it was written for has been mended, moved or misspelt. Left in place, it would hide the next finding of its kind without anybody having judged it.',
    zh: '它所针对的问题已被修复、移动或拼写有误。若保留，它会在无人评估的情况下掩盖下一个同类发现。',
  } satisfies Sentence,
} as const;

/** Every finding of every rule, suppressed ones included, in the order of the site file; vendor files follow. */
export function lintSite(site: Site, rules: Iterable<Rule>): Finding[] {
  const used = new Set<Suppression>();
  const ids = new Set<string>();
  const findings: Finding[] = [];
  for (const rule of rules) {
    ids.add(rule.id);
    for (const hit of rule.check(site)) findings.push(judge(site, rule, hit, used));
  }
  for (const [index, suppression] of site.suppressions.entries()) {
    if (!used.has(suppression)) findings.push(reportUnused(site, suppression, index, ids));
  }
  return findings.sort((a, b) => compare(site.file, a, b));
}

function judge(site: Site, rule: Rule, hit: RuleHit, used: Set<Suppression>): Finding {
  const suppression = site.suppressions.find(
    ({ rule: id, path }) => id === rule.id && isAtOrBelow(hit.path, path),
  );
  if (suppression !== undefined) used.add(suppression);
  return {
    rule: rule.id,
    severity: rule.severity,
    because: hit.because,
    hint: hit.hint,
    position: hit.at ?? site.where(hit.path),
    ...(suppression === undefined ? {} : { suppressed: suppression.because }),
  };
}

/** `endpoints.tinder` holds for `endpoints.tinder.ttl`; `members[0]` is `members.0`. */
function isAtOrBelow(path: SitePath, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  const prefix = wanted.replace(/\[(\d+)\]/g, '.$1');
  const text = path.join('.');
  return text === prefix || text.startsWith(`${prefix}.`);
}

function reportUnused(site: Site, { rule }: Suppression, index: number, ids: ReadonlySet<string>): Finding {
  const isKnown = ids.has(rule);
  const meant = isKnown ? undefined : nearest(rule, ids);
  return {
    rule: unusedSuppression.id,
    severity: unusedSuppression.severity,
    because: lintReasons.of(isKnown ? 'suppresses-nothing' : 'suppresses-unknown', { rule }),
    hint: isKnown
      ? lintReasons.of('remove-suppression')
      : meant === undefined
        ? lintReasons.of('see-rules')
        : lintReasons.of('did-you-mean-rule', { meant }),
    position: site.where(['lint', 'suppress', index, 'rule']),
  };
}

function compare(siteFile: string, a: Finding, b: Finding): number {
  const [p, q] = [a.position, b.position];
  if (p === undefined || q === undefined) return 0;
  if (p.file !== q.file) return p.file === siteFile ? -1 : q.file === siteFile ? 1 : p.file < q.file ? -1 : 1;
  return p.line - q.line || p.column - q.column;
}
