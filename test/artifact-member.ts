/** A member of an artifacts stack on a loopback address: the embedded server over a folder of its own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { silentLogger } from '../src/base/log.ts';
import { startArtifactServer } from '../src/drill/artifact-server.ts';
import { sha256 } from './push-image.ts';

export interface ArtifactMember extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  readonly url: string;
  readonly root: string;
  /** Writes a file below the root. */
  write(path: string, content: string): void;
  /** Writes `files/SHA256SUMS` and the files that it names. */
  writeFiles(files: Readonly<Record<string, string>>): void;
  /** Writes `charts/index.yaml` and the packages that it names, `{ 'nginx-1.0.0': content }`. */
  writeCharts(charts: Readonly<Record<string, string>>): void;
}

/** Starts one; the address tells members apart. @param port default: a free one */
export async function startMember(address: string, port = 0): Promise<ArtifactMember> {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-member-'));
  const server = await startArtifactServer({ address, port, root, log: silentLogger });
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  return {
    address,
    port: server.port,
    url: server.url,
    root,
    write,
    writeFiles(files) {
      const sums = Object.entries(files).map(([name, content]) => {
        write(`files/${name}`, content);
        return `${sha256(content).slice(7)}  ${name}\n`;
      });
      write('files/SHA256SUMS', sums.join(''));
    },
    writeCharts(charts) {
      const entries = Object.entries(charts).map(([chart, content]) => {
        write(`charts/${chart}.tgz`, content);
        const [, name, version] = /^(.+)-(\d.*)$/.exec(chart) as unknown as [string, string, string];
        const lines = [`- name: ${name}`, `  version: ${version}`, `  digest: ${sha256(content).slice(7)}`];
        return `  ${name}:\n  ${[...lines, `  urls: [${chart}.tgz]`].join('\n  ')}\n`;
      });
      write('charts/index.yaml', `apiVersion: v1\nentries:\n${entries.join('')}`);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
