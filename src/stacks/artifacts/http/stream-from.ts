import type { Readable } from 'node:stream';
import type { HttpClient, HttpRequest, HttpResponse } from './client.ts';
import { refused } from './existence.ts';
import { Meter, type MeterOptions } from './meter.ts';

/** Content on its way from a server: hashed and counted as it is read, never held. */
export interface Incoming extends Disposable {
  /** To be read once. */
  readonly body: Readable;
  readonly sizeBytes: number | undefined;
  /** Through which all bytes go. */
  readonly meter: Meter;
  /** It begins at the beginning, though a later byte was asked for. */
  readonly isWhole: boolean;
  /** What a failure while it was read means: the source's where it broke off there, else the one given. */
  blame(error: unknown): unknown;
}

/**
 * Opens one thing for reading.
 * @param send asks the source; the plain client, or one that logs in
 * @throws ArtifactsError for any answer but 200, or 206 where a range was asked for; where that is all from a byte on, a
 * server that knows no ranges may send the whole with 200
 */
export async function streamFrom(
  client: HttpClient,
  request: HttpRequest,
  o: MeterOptions & { readonly send: (request: HttpRequest) => Promise<HttpResponse> },
): Promise<Incoming> {
  const response = await o.send(request);
  const range = request.headers?.range;
  const isWhole = response.status === 200 && range?.endsWith('-') === true;
  if (!isWhole && response.status !== (range === undefined ? 200 : 206)) {
    response.discard();
    throw refused(client, request.path, response.status);
  }
  const meter = new Meter(o);
  const { body } = response;
  body.on('error', (error) => meter.destroy(error));
  const length = response.headers['content-length'];
  return {
    body: body.pipe(meter),
    sizeBytes: length === undefined ? undefined : Number(length),
    meter,
    isWhole,
    blame(error) {
      o.onBytes(-meter.bytes);
      return body.errored === null ? error : client.failure(`GET ${request.path}`, body.errored);
    },
    [Symbol.dispose]() {
      body.destroy();
      meter.destroy();
    },
  };
}
