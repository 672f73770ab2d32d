/** The tables in `examples/dce5-runbook-mistakes` name every finding of lint there, at its place, and no other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fakeIo } from '../../test/fake-io.ts';
import { runCli } from './program.ts';

const example = join(import.meta.dirname, '../../examples/dce5-runbook-mistakes');

/** `dns/resolv.conf:3 HF060` for each row of the page's table. */
function rowsOf(page: string): string[] {
  const rows = readFileSync(join(example, page), 'utf8').matchAll(/^\| `([^`]+:\d+)` \| (HF\d{3}) \| \S/gm);
  return [...rows].map(([, place, rule]) => `${place} ${rule}`);
}

async function found(): Promise<string[]> {
  const io = fakeIo();
  expect(await runCli(['lint', '-f', join(example, 'site.yaml'), '--json'], io)).toBe(2);
  const { findings } = JSON.parse(io.written.out) as {
    findings: { file: string; line: number; rule: string }[];
  };
  return findings.map(({ file, line, rule }) => `${file.split('mistakes/')[1]}:${line} ${rule}`);
}

test.each(['README.md', 'README.zh.md'])(
  '%s lists every mistake that lint finds, and no other',
  async (page) => {
    const mistakes = await found();
    expect(mistakes.length).toBeGreaterThan(10);
    expect(rowsOf(page)).toEqual(mistakes);
  },
);
