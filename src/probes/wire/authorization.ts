import type { Secret } from '../../base/secret.ts';
import type { SecretRef } from '../../site/secret-ref.ts';
import type { HttpAuth } from '../args/http-args.ts';

/** The value of an Authorization header. It holds a secret: hand it to the socket and to nobody else. */
export async function authorization(
  auth: HttpAuth,
  o: { secret(reference: SecretRef): Promise<Secret> },
): Promise<string> {
  if ('bearer' in auth) return `Bearer ${(await o.secret(auth.bearer)).reveal()}`;
  const password = (await o.secret(auth.password)).reveal();
  return `Basic ${Buffer.from(`${auth.user}:${password}`).toString('base64')}`;
}
