import { describe, expect, it } from 'vitest';
import { defineErrors, findErrorText } from './error-table.ts';

const errors = defineErrors({
  'area/broken': {
    en: { what: 'It is broken.', mend: 'Mend it.' },
    zh: { what: '已损坏。', mend: '请修复。' },
  },
});

describe('findErrorText', () => {
  it('gives the entry of a code in the language that is asked for, from whichever table has it', () => {
    expect(findErrorText('area/broken', [{}, errors], 'en')).toEqual({
      what: 'It is broken.',
      mend: 'Mend it.',
    });
    expect(findErrorText('area/broken', [errors], 'zh')?.mend).toBe('请修复。');
  });

  it('gives nothing for a code that no table has', () => {
    expect(findErrorText('area/newer', [errors], 'en')).toBeUndefined();
  });
});
