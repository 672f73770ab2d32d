import type { YAMLError } from 'yaml';
import type { Reason } from '../base/reason.ts';
import { loadReasons as reasons } from './load-reasons.ts';

/** What the parser's complaint means to a person who does not know YAML's grammar, and what to do. */
export function explainYamlError(error: YAMLError): { because: Reason; hint: Reason } {
  if (error.message.startsWith('Maximum call stack')) {
    return { because: reasons.of('yaml-too-deep'), hint: reasons.of('fix-yaml') };
  }
  const known = SAID[error.code];
  if (known !== undefined) return { because: reasons.of(known[0]), hint: reasons.of(known[1]) };
  const message = error.message.replace(/\.$/, '');
  return { because: reasons.of('yaml-other', { message }), hint: reasons.of('fix-yaml') };
}

type Code = Exclude<Extract<keyof typeof reasons, string>, 'of'>;

const SAID: Partial<Record<YAMLError['code'], readonly [Code, Code]>> = {
  TAB_AS_INDENT: ['yaml-tab', 'use-spaces'],
  BAD_INDENT: ['yaml-indent', 'align-keys'],
  BLOCK_AS_IMPLICIT_KEY: ['yaml-nested', 'quote-or-break'],
  MULTILINE_IMPLICIT_KEY: ['yaml-no-colon', 'add-colon'],
  MISSING_CHAR: ['yaml-unclosed', 'close-it'],
  BAD_SCALAR_START: ['yaml-reserved', 'quote-it'],
  BAD_ALIAS: ['yaml-alias', 'define-anchor'],
  MULTIPLE_ANCHORS: ['yaml-anchors', 'one-anchor'],
  TAG_RESOLVE_FAILED: ['yaml-tag', 'drop-tag'],
};
