/** Runs the build of the test recipe in a process of its own, to be killed: `node test/build-child.ts CACHE DIARY SLOW`. */
import { SystemClock } from '../src/base/clock.ts';
import { controllerSpec, openLocal } from '../src/hosts/local.ts';
import { build } from '../src/lab/build/build.ts';
import { testRecipe } from './build-recipe.ts';

const [cache = '', diary = '', slow = ''] = process.argv.slice(2);
const clock = new SystemClock();
await build(testRecipe(diary, { slow }), {
  cache,
  force: false,
  machine: openLocal(controllerSpec('root'), { clock, env: process.env }),
  clock,
  signal: new AbortController().signal,
  tell: () => {},
});
