/** Other shells and tools than Debian's: busybox for everything, as on Alpine, and bash as `sh`, as on CentOS. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const binary = [process.env.HOLDFAST_TEST_BUSYBOX, '/bin/busybox', '/usr/bin/busybox'].find(
  (path) => path !== undefined && existsSync(path),
);

/** Why tests with busybox must be skipped here, or undefined. */
export const busyboxMissing: string | undefined =
  binary === undefined ? 'no busybox here (Debian package busybox)' : undefined;

export interface ToolPath extends Disposable {
  /** To stand first in PATH. */
  readonly folder: string;
}

/** A PATH in which `sh` is bash, as on CentOS; the rest is this machine's. */
export function bashPath(): ToolPath {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bash-'));
  symlinkSync('/bin/bash', join(folder, 'sh'));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Makes the folder. */
export function busyboxPath(): ToolPath {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-busybox-'));
  const applets = execFileSync(binary as string, ['--list'], { encoding: 'utf8' })
    .trim()
    .split('\n');
  for (const applet of applets) symlinkSync(binary as string, join(folder, applet));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
