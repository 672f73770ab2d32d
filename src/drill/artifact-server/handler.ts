import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { beginUpload, serveBlob, serveUpload } from './oci-blobs.ts';
import { serveCatalog, serveManifest, serveTags } from './oci-manifests.ts';
import { type OciRoute, parseOciRoute } from './oci-route.ts';
import { OciStore } from './oci-store.ts';
import { OciRefusal, reply, replyJson, replyRefusal } from './reply.ts';
import { serveFile } from './static-files.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Where the registry keeps its things under the root; hidden, so that it is not served as files. */
export const REGISTRY_FOLDER = '.registry';

/**
 * Serves `root`: an OCI registry (distribution specification 1.1, pull and push) under `/v2/`, kept in
 * `root/.registry`, and every other path as a file: `/files/…`, `/charts/index.yaml`. Never rejects.
 */
export function artifactHandler(o: { readonly root: string; readonly log: Logger }): Handler {
  const store = new OciStore(join(o.root, REGISTRY_FOLDER));
  const busy = new Set<string>();
  return async (request, response) => {
    const url = URL.parse(request.url ?? '/', 'http://here');
    try {
      if (url === null) return reply(response, 400);
      if (url.pathname !== '/v2' && !url.pathname.startsWith('/v2/')) {
        return await serveFile(o.root, request, response);
      }
      response.setHeader('docker-distribution-api-version', 'registry/2.0');
      await serveRegistry(store, busy, parseOciRoute(url.pathname), request, response, url);
    } catch (error) {
      fail(o.log, request, response, error);
    }
  };
}

function serveRegistry(
  store: OciStore,
  busy: Set<string>,
  route: OciRoute,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> | void {
  switch (route.kind) {
    case 'base':
      return replyJson(response, 200, {});
    case 'catalog':
      return serveCatalog(store, response, url);
    case 'tags':
      return serveTags(store, response, route.name, url);
    case 'manifest':
      return serveManifest(store, request, response, route.name, route.reference);
    case 'blob':
      return serveBlob(store, request, response, route.name, route.digest);
    case 'uploads':
      return beginUpload(store, request, response, route.name, url);
    case 'upload':
      return serveUpload(store, busy, request, response, route.name, route.id, url);
  }
}

/** A refusal is an answer. Anything else is a failure of ours or of the client's connection: said in the log. */
function fail(log: Logger, request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (!(error instanceof OciRefusal)) {
    log.warn('a request failed', { method: request.method, url: request.url, error: messageOf(error) });
  }
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  // What is left of the body is not read: a client that still sends it is cut off rather than listened to.
  if (!request.complete) response.setHeader('connection', 'close');
  if (error instanceof OciRefusal) replyRefusal(response, error);
  else reply(response, 500);
}
