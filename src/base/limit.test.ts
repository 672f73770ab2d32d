import { describe, expect, it } from 'vitest';
import { limit } from './limit.ts';

/** A piece of work that ends when told to. */
function open(): { promise: Promise<void>; end: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, end: () => resolve() };
}

describe('limit', () => {
  it('starts no more than its size at once, the rest in order', async () => {
    const two = limit(2);
    const started: string[] = [];
    const [a, b, c] = [open(), open(), open()];
    const running = [a, b, c].map((work, index) =>
      two.run(() => {
        started.push('abc'[index] as string);
        return work.promise;
      }),
    );
    await Promise.resolve();

    expect(started).toEqual(['a', 'b']);
    expect(two.waiting).toBe(1);
    b.end();
    await running[1];
    await Promise.resolve();
    expect(started).toEqual(['a', 'b', 'c']);
    a.end();
    c.end();
    await Promise.all(running);
    expect(two.running).toBe(0);
  });

  it('frees its place when work fails', async () => {
    const one = limit(1);

    await expect(one.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');

    await expect(one.run(async () => 'next')).resolves.toBe('next');
  });

  it('takes waiting work out of the queue when its signal aborts', async () => {
    const one = limit(1);
    const first = open();
    const controller = new AbortController();
    const running = one.run(() => first.promise);
    const waiting = one.run(async () => 'never', controller.signal);

    controller.abort(new Error('gave up'));

    await expect(waiting).rejects.toThrow('gave up');
    expect(one.waiting).toBe(0);
    first.end();
    await running;
  });
});
