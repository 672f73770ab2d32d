import { describe, expect, it } from 'vitest';
import { defineReasons, renderReason } from './reason.ts';

const reasons = defineReasons({
  'member-down': { en: '{member} is down: {why}', zh: '{member} 已下线：{why}' },
});

describe('renderReason', () => {
  it('fills the sentence of the language that is asked for', () => {
    const reason = reasons.of('member-down', { member: 'db1', why: ['a', 'b'] });

    expect(renderReason(reason, [reasons], 'en')).toBe('db1 is down: a, b');
    expect(renderReason(reason, [reasons], 'zh')).toBe('db1 已下线：a、b');
  });

  it('shows an unknown code with its parameters instead of nothing', () => {
    expect(renderReason({ code: 'new-thing', params: { n: 3 } }, [reasons], 'en')).toBe('new-thing (n=3)');
  });

  it('leaves a placeholder standing that has no value, so that the mistake shows', () => {
    expect(renderReason(reasons.of('member-down', { member: 'db1' }), [reasons], 'en')).toBe(
      'db1 is down: {why}',
    );
  });
});
