/** What the http and https probes ask and expect, in the words of the site file. */
import { z } from 'zod';
import { isSecretRef, type SecretRef } from '../../site/secret-ref.ts';
import { patternSchema } from './pattern.ts';
import { portSchema } from './port.ts';

/** `204`, `2xx`, `200-399`. */
const statusPattern = z.union([
  z.int().min(100).max(599),
  z.string().regex(/^([1-5]xx|[1-5]\d\d-[1-5]\d\d)$/, {
    error: (issue) =>
      `expected a status such as 200, a class such as 2xx or a range such as 200-399, got '${String(issue.input)}'`,
  }),
]);
export type StatusPattern = z.infer<typeof statusPattern>;

/** Headers that carry secrets: those have no place in a file. */
const SECRET_HEADERS = new Set(['authorization', 'proxy-authorization', 'cookie']);

const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'expected the name of an HTTP header');
/** RFC 9110 section 5.5: no control characters but the tab, so no second line either. */
const headerValue = z.string().regex(/^[^\u0000-\u0008\u000a-\u001f\u007f]*$/, 'a header is one line');

const requestHeaders = z.record(headerName, headerValue).superRefine((headers, ctx) => {
  for (const name of Object.keys(headers)) {
    if (!SECRET_HEADERS.has(name.toLowerCase())) continue;
    ctx.addIssue({
      code: 'custom',
      path: [name],
      message: `a secret is not written into the file: use 'auth' with a reference instead of '${name}'`,
    });
  }
});

export const secretRefSchema = z.string().refine(isSecretRef, {
  error: 'expected a reference such as env:NAME or file:/path, never the secret itself',
}) as unknown as z.ZodType<SecretRef, string>;

/** How to prove who asks: HTTP Basic (RFC 7617) or a bearer token (RFC 6750), the secret by reference. */
export const authSchema = z.union([
  z.strictObject({ user: z.string().min(1), password: secretRefSchema }),
  z.strictObject({ bearer: secretRefSchema }),
]);
export type HttpAuth = z.infer<typeof authSchema>;

const body = z.strictObject({
  contains: z.string().min(1).optional().describe('text that the body must contain'),
  matches: patternSchema.optional().describe('regular expression that must match somewhere in the body'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits')
    .optional()
    .describe('SHA-256 of the whole body'),
});

/** The arguments that http and https share; only the port's default differs. */
export function httpArgs(defaultPort: number) {
  return z.strictObject({
    port: portSchema.default(defaultPort).describe('TCP port'),
    path: z
      .string()
      .regex(/^\/[\x21-\x7e]*$/, 'expected a path that begins with / and is percent-encoded')
      .default('/')
      .describe('path and query'),
    method: z.enum(['GET', 'HEAD', 'OPTIONS', 'POST']).default('GET').describe('request method'),
    host: headerValue.min(1).optional().describe('Host header; default: the address and port'),
    headers: requestHeaders.default({}).describe('further request headers'),
    auth: authSchema.optional().describe('credentials, by reference'),
    status: z
      .union([statusPattern, z.array(statusPattern).min(1)])
      .default('2xx')
      .describe('status that means up: 200, 2xx, 200-399, or a list of such'),
    responseHeaders: z
      .record(headerName, z.string())
      .default({})
      .describe('headers that the response must have, each with a text it must contain'),
    body: body.optional().describe('what the body must be'),
    maxBodyBytes: z
      .int()
      .min(1)
      .max(64 * 1_048_576)
      .default(1_048_576)
      .describe('how much of the body is read; for contains and matches, no more than this is looked at'),
    redirects: z
      .int()
      .min(0)
      .max(5)
      .default(0)
      .describe('how many redirects to follow on the same member; 0: a redirect is an answer like any other'),
  });
}
export type HttpArgs = z.infer<ReturnType<typeof httpArgs>>;
