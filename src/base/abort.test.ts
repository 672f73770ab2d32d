import { describe, expect, it } from 'vitest';
import { SimClock } from '../../test/sim-clock.ts';
import { DeadlineError, openScope, orAborted } from './abort.ts';
import { InterruptedError } from './interrupt.ts';

describe('openScope', () => {
  it('aborts with a DeadlineError that names what took too long', async () => {
    const clock = new SimClock();
    using scope = openScope(clock, { what: 'the probe', timeoutMs: 250 });

    await clock.advance(249);
    expect(scope.signal.aborted).toBe(false);
    await clock.advance(1);

    expect(scope.signal.reason).toBeInstanceOf(DeadlineError);
    expect(String(scope.signal.reason.message)).toBe('the probe took longer than 250 ms');
  });

  it('reports the first cause when the parent aborts before the deadline', async () => {
    const clock = new SimClock();
    const parent = new AbortController();
    using scope = openScope(clock, { what: 'x', timeoutMs: 100, parent: parent.signal });
    const stopped = new InterruptedError('stopped by a person');

    parent.abort(stopped);
    await clock.advance(1_000);

    expect(scope.signal.reason).toBe(stopped);
  });

  it('is aborted from the start where the parent already is', () => {
    const stopped = new InterruptedError();
    using scope = openScope(new SimClock(), { what: 'x', parent: AbortSignal.abort(stopped) });

    expect(scope.signal.reason).toBe(stopped);
  });

  it('fires no deadline once disposed', async () => {
    const clock = new SimClock();
    const scope = openScope(clock, { what: 'x', timeoutMs: 10 });

    scope[Symbol.dispose]();
    await clock.advance(100);

    expect(scope.signal.aborted).toBe(false);
  });
});

describe('orAborted', () => {
  it('gives the result of work that ends first', async () => {
    await expect(orAborted(Promise.resolve(7), new AbortController().signal)).resolves.toBe(7);
  });

  it('rejects with the reason of the signal, and swallows a later failure of the work', async () => {
    const controller = new AbortController();
    let fail = (_: Error): void => {};
    const work = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const waiting = orAborted(work, controller.signal);

    controller.abort(new InterruptedError('enough'));
    await expect(waiting).rejects.toThrow('enough');
    fail(new Error('too late'));
  });
});
