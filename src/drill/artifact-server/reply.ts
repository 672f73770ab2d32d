import type { ServerResponse } from 'node:http';

/** Error codes of the OCI distribution specification 1.1 that this registry gives. */
export type OciErrorCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'UNSUPPORTED';

/** A "no" to the client, with its HTTP status; thrown inside the registry, never beyond it. */
export class OciRefusal extends Error {
  readonly status: number;
  readonly code: OciErrorCode;
  constructor(status: number, code: OciErrorCode, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Ends a response with a body that is all there already. */
export function reply(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string | number>> = {},
  body: string | Uint8Array = '',
): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
}

/** Ends a response with JSON. */
export function replyJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  reply(response, status, { 'content-type': 'application/json', ...headers }, JSON.stringify(body));
}

/** The form in which a registry says no. */
export function replyRefusal(response: ServerResponse, { status, code, message }: OciRefusal): void {
  replyJson(response, status, { errors: [{ code, message }] });
}
