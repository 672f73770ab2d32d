import { hostAndPort } from '../../../probes/wire/host-and-port.ts';
import { ArtifactsError } from '../error.ts';
import type { HttpClient } from './client.ts';

/** The error for content that is not what its digest says. @param what names it: `blob app@sha256:…` */
export function digestMismatch(
  client: HttpClient,
  what: string,
  expected: string,
  got: string,
): ArtifactsError {
  const { address, port } = client.origin;
  return new ArtifactsError({
    code: 'artifacts/digest-mismatch',
    address,
    message: `${hostAndPort(address, port)} sends something else than ${what}`,
    expected,
    got,
    hint: 'It is damaged there, or was changed: push it there again, or copy it from where it is whole.',
  });
}
