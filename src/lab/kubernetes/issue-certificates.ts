/** Makes authorities, keys and certificates with the `openssl` program, in a folder of the lab's. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Connection } from '../../hosts/host.ts';
import { type Command, sh } from '../../hosts/shell.ts';
import { CertificateError } from './certificate-error.ts';
import {
  AUTHORITIES,
  type AuthoritySpec,
  authorityConfig,
  type CertificateSpec,
  certificateConfig,
} from './certificates.ts';

const LIMIT_MS = 60_000;
const AUTHORITY_DAYS = 3_650;
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export interface Issuing {
  /** The machine whose openssl is used; this one. */
  readonly machine: Connection;
  readonly signal: AbortSignal;
}

/** Makes the authorities of a cluster, and the key pair that signs service account tokens, in `pki`. */
export async function makeAuthorities(pki: string, o: Issuing): Promise<void> {
  for (const spec of AUTHORITIES) await run(pki, spec.path, authorityCommand(pki, spec), o);
  await run(
    pki,
    'sa',
    sh`openssl genrsa -out ${join(pki, 'sa.key')} 2048 && openssl rsa -in ${join(pki, 'sa.key')} -pubout -out ${join(pki, 'sa.pub')}`,
    o,
  );
}

/**
 * Issues certificates, each with a key of its own, 0600.
 * @param authorities the folder that makeAuthorities filled
 * @param pki where the certificates go
 */
export async function issueCertificates(
  specs: readonly CertificateSpec[],
  authorities: string,
  pki: string,
  o: Issuing,
): Promise<void> {
  for (const spec of specs) await run(pki, spec.path, certificateCommand(authorities, pki, spec), o);
}

function authorityCommand(pki: string, spec: AuthoritySpec): Command {
  const path = join(pki, spec.path);
  return sh`printf '%s' ${authorityConfig(spec)} >${path}.cnf
openssl req -x509 -new ${NEW_KEY} -config ${path}.cnf -extensions v3 -days ${AUTHORITY_DAYS} -keyout ${path}.key -out ${path}.crt
rm ${path}.cnf`;
}

function certificateCommand(authorities: string, pki: string, spec: CertificateSpec): Command {
  const path = join(pki, spec.path);
  const ca = join(authorities, spec.authority);
  return sh`printf '%s' ${certificateConfig(spec)} >${path}.cnf
openssl req -new ${NEW_KEY} -config ${path}.cnf -keyout ${path}.key -out ${path}.csr
openssl x509 -req -in ${path}.csr -CA ${ca}.crt -CAkey ${ca}.key -CAcreateserial -extfile ${path}.cnf -extensions v3 -days ${spec.days} -out ${path}.crt
rm ${path}.cnf ${path}.csr`;
}

async function run(pki: string, path: string, command: Command, o: Issuing): Promise<void> {
  await mkdir(dirname(join(pki, path)), { recursive: true, mode: 0o700 });
  const { code, stderr } = await o.machine.run(sh`umask 077; sh -euc ${command.text}`, {
    timeoutMs: LIMIT_MS,
    signal: o.signal,
  });
  if (code === 0) return;
  throw new CertificateError({
    code: 'lab-kubernetes/no-certificate',
    message: `cannot make the certificate '${path}'`,
    expected: 'exit code 0 of openssl',
    got: `exit code ${code}: ${stderr.trim().slice(-500)}`,
    hint: 'Is openssl installed (apt-get install openssl), and is there space on the disk?',
  });
}
