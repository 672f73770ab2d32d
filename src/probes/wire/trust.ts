import { readFile } from 'node:fs/promises';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

/** Contexts by the text of their authorities: making one parses every certificate in it (about 30 ms). */
const contexts = new Map<string, SecureContext>();
const MOST_CONTEXTS = 64;
/** Stands for the system's authorities among the keys; no file can hold it and a certificate too. */
const OWN = 'system';

/**
 * Whom to trust: the PEM file, or the authorities of the system (where sites install their own) and of Node. The file
 * is read each time, so that a renewed CA counts at once.
 * @throws the error of reading the file, or of parsing it
 */
export async function trust(caFile: string | undefined): Promise<SecureContext> {
  const pem = caFile === undefined ? OWN : await readFile(caFile, 'utf8');
  if (pem !== OWN && !pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new Error(`${caFile} holds no PEM certificate`);
  }
  const known = contexts.get(pem);
  if (known !== undefined) return known;
  const ca =
    pem === OWN ? [...new Set([...getCACertificates('system'), ...getCACertificates('bundled')])] : pem;
  const context = createSecureContext({ ca });
  if (contexts.size >= MOST_CONTEXTS) contexts.clear();
  contexts.set(pem, context);
  return context;
}
