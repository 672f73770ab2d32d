/**
 * Prints every figure that the documentation states, measured side by side in one run.
 *
 *   node bench/run.ts [name …]
 */
import { type BenchRow, formatRows, reachesTarget } from './row.ts';

const BENCHES: Readonly<Record<string, () => Promise<{ run(): Promise<BenchRow[]> }>>> = {
  startup: () => import('./startup.ts'),
  site: () => import('./site.ts'),
  dns: () => import('./dns-qps.ts'),
  probes: () => import('./probes.ts'),
  failover: () => import('./failover.ts'),
  artifacts: () => import('./artifacts.ts'),
  vip: () => import('./vip.ts'),
  lab: () => import('./lab.ts'),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`no bench named ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
for (const [name, load] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n## ${name}`);
  const rows = await (await load()).run();
  console.log(formatRows(rows));
  if (!rows.every(reachesTarget)) process.exitCode = 1;
}
