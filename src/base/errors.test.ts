import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { HoldfastError, isHoldfastError, systemCode, toErrorRecord } from './errors.ts';
import { Secret } from './secret.ts';

describe('toErrorRecord', () => {
  it('keeps where, expected, got and hint, and the message of the cause', () => {
    const error = new HoldfastError({
      code: 'host/unreachable',
      message: 'cannot reach the host',
      where: { host: 'db1', position: { file: 'site.yaml', line: 3, column: 5 } },
      expected: 'an SSH banner',
      got: 'nothing',
      hint: 'Check the address.',
      retryable: true,
      cause: new Error('connect ETIMEDOUT'),
    });

    expect(toErrorRecord(error)).toEqual({
      code: 'host/unreachable',
      message: 'cannot reach the host',
      where: { host: 'db1', position: { file: 'site.yaml', line: 3, column: 5 } },
      expected: 'an SSH banner',
      got: 'nothing',
      hint: 'Check the address.',
      retryable: true,
      cause: 'connect ETIMEDOUT',
    });
  });

  it('turns anything else into base/unexpected with a way out', () => {
    expect(toErrorRecord('boom')).toMatchObject({ code: 'base/unexpected', message: 'boom' });
  });

  it('is recognised by symbol, not by class', () => {
    const fromAnotherInstall = { [Symbol.for('holdfast.error')]: true };

    expect(isHoldfastError(fromAnotherInstall)).toBe(true);
    expect(isHoldfastError(new Error('x'))).toBe(false);
  });

  it('finds the system code inside an aggregate', () => {
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });

    expect(systemCode(new AggregateError([refused]))).toBe('ECONNREFUSED');
  });
});

describe('Secret', () => {
  it('prints as its reference wherever it is printed', () => {
    const secret = new Secret('env:DB_PASSWORD', 'hunter2');
    const printed = [
      `${secret}`,
      String(secret),
      JSON.stringify({ secret }),
      inspect({ deep: [secret] }),
    ].join(' ');

    expect(printed).not.toContain('hunter2');
    expect(printed).toContain('env:DB_PASSWORD');
    expect(secret.reveal()).toBe('hunter2');
  });
});
