import { createHash } from 'node:crypto';
import type { HttpClient } from './client.ts';
import { refused } from './existence.ts';

/** The digest of what a server gives out under a path: all of it is read, nothing is kept. @throws ArtifactsError */
export async function contentDigest(
  client: HttpClient,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const response = await client.request({ method: 'GET', path, headers });
  if (response.status !== 200) {
    response.discard();
    throw refused(client, path, response.status);
  }
  const hash = createHash('sha256');
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) hash.update(chunk);
  } catch (error) {
    throw client.failure(`GET ${path}`, error);
  }
  return `sha256:${hash.digest('hex')}`;
}
