/**
 * A site of ten thousand hosts: loaded, linted and planned, each run in a fresh process so that peak memory is its own.
 * Facts are taken as not yet gathered, which gives the longest plan: every step that might be needed.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { makeCatalog } from '../src/app/catalog.ts';
import { digestOf } from '../src/base/digest.ts';
import type { Facts } from '../src/hosts/fact.ts';
import { lintSite } from '../src/site/lint.ts';
import { loadSite } from '../src/site/load.ts';
import { type BenchRow, formatRows, median } from './row.ts';

const HOSTS = 10_000;
const RUNS = 3;

interface Measured {
  readonly loadMs: number;
  readonly lintMs: number;
  readonly planMs: number;
  readonly steps: number;
  readonly findings: number;
  readonly peakMb: number;
}

/** The site: hosts with labels and settings of their own, a pair, its stack, and a baseline on every host. */
export function bigSite(hosts: number): string {
  const lines = Array.from({ length: hosts }, (_, i) => {
    const address = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
    return `  node-${i}:\n    address: ${address}\n    port: ${2200 + (i % 100)}\n    labels: { rack: r${i % 400}, machine: m${i} }\n`;
  });
  return `apiVersion: holdfast/v1
kind: Site
metadata: { name: big }
access: { user: ops, identity: ~/.ssh/id_ed25519 }
hosts:
${lines.join('')}endpoints:
  tinder:
    name: registry.example.com
    driver: { kind: dns-embedded, listen: [10.200.0.1] }
    members: [node-0, node-1]
stacks:
  bootstrap: { kind: artifacts, endpoint: tinder }
  every: { kind: baseline, hosts: all, sysctl: { net.ipv4.ip_forward: '1' } }
`;
}

/** One run in this process. */
function measure(): Measured {
  const catalog = makeCatalog();
  const text = bigSite(HOSTS);
  const start = performance.now();
  const { site, findings: mistakes } = loadSite({ file: 'big.yaml', text, schemas: catalog.siteSchemas });
  if (site === undefined) throw new Error(`the site does not load: ${JSON.stringify(mistakes[0])}`);
  const loaded = performance.now();
  const findings = lintSite(site, catalog.rules);
  const linted = performance.now();
  const facts: Facts = { get: () => undefined, unreachable: new Map(), digest: digestOf('none') };
  const planned = catalog.procedures.get('apply').plan(site, facts, {}, catalog.known);
  const done = performance.now();
  if (!('plan' in planned)) throw new Error(`the plan is refused: ${JSON.stringify(planned.refused[0])}`);
  return {
    loadMs: loaded - start,
    lintMs: linted - loaded,
    planMs: done - linted,
    steps: planned.plan.steps.length,
    findings: findings.length,
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
}

/** The figures of the middle run. */
export async function run(): Promise<BenchRow[]> {
  const runs: Measured[] = [];
  for (let i = 0; i < RUNS; i++) {
    const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, '--once']);
    runs.push(JSON.parse(stdout) as Measured);
  }
  const middle = (of: (run: Measured) => number): number => median(runs.map(of));
  const steps = runs[0]?.steps ?? 0;
  return [
    { name: `site: load ${HOSTS} hosts`, value: middle((each) => each.loadMs), unit: 'ms' },
    { name: `site: lint ${HOSTS} hosts`, value: middle((each) => each.lintMs), unit: 'ms' },
    { name: `site: plan ${HOSTS} hosts (${steps} steps)`, value: middle((each) => each.planMs), unit: 'ms' },
    {
      name: `site: load, lint and plan ${HOSTS} hosts`,
      value: middle(({ loadMs, lintMs, planMs }) => loadMs + lintMs + planMs),
      unit: 'ms',
      target: '< 2000',
    },
    {
      name: 'site: peak memory of that process',
      value: middle((each) => each.peakMb),
      unit: 'MB',
      target: '< 400',
    },
  ];
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv.includes('--once')) console.log(JSON.stringify(measure()));
  else console.log(formatRows(await run()));
}
