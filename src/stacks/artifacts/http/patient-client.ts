import type { Clock } from '../../../base/clock.ts';
import type { HttpClient } from './client.ts';
import { refused } from './existence.ts';
import { patiently } from './patience.ts';

/** A client that asks again where the server is busy or away. Not for streams: their sender must begin anew. */
export function patientClient(
  client: HttpClient,
  o: { readonly clock: Clock; readonly signal: AbortSignal },
): HttpClient {
  return {
    origin: client.origin,
    request: (request) =>
      patiently(o, async () => {
        const response = await client.request(request);
        if (response.status < 500 && response.status !== 429) return response;
        response.discard();
        throw refused(client, request.path, response.status);
      }),
    failure: (what, cause) => client.failure(what, cause),
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}
