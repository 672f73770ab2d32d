/**
 * Prints every figure that the documentation states, measured side by side in one run.
 *
 *   node bench/run.ts [name …]        a part of one: artifacts:parity
 */
import { type BenchRow, formatRows, reachesTarget } from './row.ts';

interface Bench {
  run(): Promise<BenchRow[]>;
  /** One of its parts only, where it has parts. */
  runPart?(part: string): Promise<BenchRow[]>;
}
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  startup: () => import('./startup.ts'),
  site: () => import('./site.ts'),
  dns: () => import('./dns-qps.ts'),
  probes: () => import('./probes.ts'),
  failover: () => import('./failover.ts'),
  artifacts: () => import('./artifacts.ts'),
  vip: () => import('./vip.ts'),
  mariadb: () => import('./mariadb.ts'),
  pulls: () => import('./pulls.ts'),
  lab: () => import('./lab.ts'),
};

const wanted = process.argv.slice(2).map((argument) => {
  const [name = '', part] = argument.split(':', 2);
  return { name, part };
});
const unknown = wanted.map(({ name }) => name).filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`no bench named ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
const runs = wanted.length > 0 ? wanted : Object.keys(BENCHES).map((name) => ({ name, part: undefined }));
for (const { name, part } of runs) {
  console.log(`\n## ${part === undefined ? name : `${name}:${part}`}`);
  const bench = await (BENCHES[name] as () => Promise<Bench>)();
  if (part !== undefined && bench.runPart === undefined) throw new Error(`${name} has no parts`);
  const rows = part === undefined ? await bench.run() : ((await bench.runPart?.(part)) ?? []);
  console.log(formatRows(rows));
  if (!rows.every(reachesTarget)) process.exitCode = 1;
}
