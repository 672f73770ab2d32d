import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A throw-away authority made with the `openssl` program; gone with its folder at the end of the block. */
export interface Authority extends Disposable {
  readonly caFile: string;
  readonly folder: string;
  /** @param names subjectAltName entries as OpenSSL writes them: `DNS:registry.example`, `IP:127.0.0.1` */
  issue(names: readonly string[], days?: number): Issued;
}
export interface Issued {
  readonly key: string;
  readonly cert: string;
  readonly keyFile: string;
  readonly certFile: string;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Whether `openssl` is there to make certificates with. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Makes the authority; each certificate it issues has its own key. */
export function makeAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-ca-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: 'pipe' });
  };
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-subj',
    '/CN=Test CA',
    '-days',
    '3650',
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
  );
  let issued = 0;
  return {
    caFile: at('ca.pem'),
    folder,
    issue(names, days = 365) {
      const n = ++issued;
      const [keyFile, request, certFile, extensions] = ['key', 'csr', 'pem', 'ext'].map((end) =>
        at(`${n}.${end}`),
      ) as [string, string, string, string];
      openssl('req', '-new', ...newKey, '-subj', '/CN=a server', '-keyout', keyFile, '-out', request);
      writeFileSync(extensions, names.length === 0 ? '' : `subjectAltName=${names.join(',')}\n`);
      openssl(
        'x509',
        '-req',
        '-in',
        request,
        '-CA',
        at('ca.pem'),
        '-CAkey',
        at('ca.key'),
        '-CAcreateserial',
        '-days',
        String(days),
        '-extfile',
        extensions,
        '-out',
        certFile,
      );
      return { keyFile, certFile, key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
