/** A recipe that builds a shell script in a second, and writes down what it does. */
import { sh } from '../src/hosts/shell.ts';
import type { Recipe, Stage } from '../src/lab/build/recipe.ts';

const FAILURE = { code: 'lab-build/failed', hint: 'Mend it.' } as const;

/**
 * Three stages, `fetch`, `change` (which spoils what fetch left) and `compile`; each adds its name to `diary` when it
 * begins and `<name>.` when it ends.
 * @param slow a stage that goes on only when the file `<diary>.go` is there
 * @param broken a stage that says so and fails while the file `<diary>.broken` is there
 */
export function testRecipe(
  diary: string,
  o: { slow?: string; broken?: string; says?: string; tools?: Recipe['tools'] } = {},
): Recipe {
  const stage = (name: string, work: string): Stage => ({
    name,
    script: () => sh`echo ${name} >>${diary}
if [ ${name} = ${o.slow ?? ''} ]; then while [ ! -e ${diary}.go ]; do sleep 0.05; done; fi
if [ ${name} = ${o.broken ?? ''} ] && [ -e ${diary}.broken ]; then cat ${diary}.broken >&2; exit 7; fi
sh -euc ${work}
echo ${`${name}.`} >>${diary}`,
    failure: FAILURE,
  });
  return {
    name: 'tool',
    version: '1.2.3',
    programs: [{ name: 'tool', askVersion: ['--version'] }],
    tools: o.tools ?? { flock: 'util-linux' },
    neededBytes: 1,
    stages: [
      stage('fetch', `echo 'echo "tool v${o.says ?? '1.2.3'}"' >source`),
      { ...stage('change', 'test "$(wc -l <source)" = 1; echo "# changed" >>source'), spoilsPrevious: true },
      stage('compile', 'mkdir -p bin; (echo "#!/bin/sh"; cat source) >bin/tool'),
    ],
  };
}
