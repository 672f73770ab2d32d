import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../base/clock.ts';
import { acquireLease } from '../store/lease.ts';
import { baseImagePath, ensureBaseImage, parsePackages } from './base-image.ts';

const clock = new SystemClock();
let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'holdfast-cache-'));
});
afterEach(async () => await rm(cache, { recursive: true, force: true }));

const ensure = (signal?: AbortSignal) =>
  ensureBaseImage({
    cache,
    env: {},
    clock,
    ...(signal === undefined ? {} : { signal }),
    onBuild: () => {
      throw new Error('it was built');
    },
  });

describe('the base image', () => {
  it('is not built again where it is there', async () => {
    const path = await baseImagePath(cache);
    await mkdir(path);

    expect(await ensure()).toBe(path);
    expect(await readdir(cache)).toHaveLength(1);
  });

  it('is waited for while another process builds it', async () => {
    const path = await baseImagePath(cache);
    await using _builder = await acquireLease(join(cache, '.base-image.lease'), 'somebody else', { clock });

    const waiting = ensure();
    await mkdir(path);

    expect(await waiting).toBe(path);
  });

  it('is not waited for after an interruption', async () => {
    await using _builder = await acquireLease(join(cache, '.base-image.lease'), 'somebody else', { clock });
    const stop = new AbortController();

    const waiting = ensure(stop.signal);
    stop.abort(new Error('enough'));

    await expect(waiting).rejects.toThrow('enough');
  });

  it('leaves nothing behind where building it fails', async () => {
    await expect(ensure()).rejects.toThrow('it was built');

    expect(await readdir(cache)).toEqual([]);
  });
});

describe('its list of packages', () => {
  it('has one name a line; comments and blank lines do not count, nor does the order', () => {
    expect(parsePackages('# about\nsudo\n\n  curl # for checks\nbash\n')).toEqual(['bash', 'curl', 'sudo']);
  });
});
