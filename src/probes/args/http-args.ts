/** What the http and https probes ask and expect, in the words of the site file. */
import { z } from 'zod';
import { say } from '../../site/described.ts';
import { port, secretRef } from '../../site/values.ts';
import { patternSchema } from './pattern.ts';

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

/** How to prove who asks: HTTP Basic (RFC 7617) or a bearer token (RFC 6750), the secret by reference. */
export const authSchema = z.union([
  z.strictObject({
    user: say(z.string().min(1), 'User name.', '用户名。'),
    password: say(secretRef(), 'Password, by reference: env:NAME.', '密码的引用：`env:名称`。'),
  }),
  z.strictObject({
    bearer: say(secretRef(), 'Bearer token, by reference: env:NAME.', '令牌的引用：`env:名称`。'),
  }),
]);
export type HttpAuth = z.infer<typeof authSchema>;

const body = z.strictObject({
  contains: say(z.string().min(1).optional(), 'Text that the body must contain.', '响应体必须包含的文本。'),
  matches: say(
    patternSchema.optional(),
    'Regular expression that must match somewhere in the body.',
    '响应体中必须有内容与之匹配的正则表达式。',
  ),
  sha256: say(
    z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits')
      .optional(),
    'SHA-256 of the whole body.',
    '整个响应体的 SHA-256。',
  ),
});

const response = {
  status: say(
    z.union([statusPattern, z.array(statusPattern).min(1)]).default('2xx'),
    'Status that means up: 200, 2xx, 200-399, or a list of such.',
    '表示正常的状态码：200、2xx、200-399，或由它们组成的列表。',
  ),
  responseHeaders: say(
    z.record(headerName, z.string()).default({}),
    'Headers that the response must have, each with a text it must contain.',
    '响应必须带有的头部，以及各自必须包含的文本。',
  ),
  body: say(body.optional(), 'What the body must be.', '对响应体的要求。'),
  maxBodyBytes: say(
    z
      .int()
      .min(1)
      .max(64 * 1_048_576)
      .default(1_048_576),
    'How much of the body is read at most; contains and matches look at no more than this.',
    '最多读取多少字节的响应体；contains 和 matches 只检查这一部分。',
  ),
  redirects: say(
    z.int().min(0).max(5).default(0),
    'How many redirects to follow on the same member; 0: a redirect is an answer like any other.',
    '在同一成员上最多跟随多少次重定向；0 表示把重定向当作普通响应。',
  ),
};

/** The arguments that http and https share; only the port's default differs. */
export function httpArgs(defaultPort: number) {
  return z.strictObject({
    port: say(port().default(defaultPort), 'TCP port.', 'TCP 端口。'),
    path: say(
      z
        .string()
        .regex(/^\/[\x21-\x7e]*$/, 'expected a path that begins with / and is percent-encoded')
        .default('/'),
      'Path and query.',
      '路径和查询参数。',
    ),
    method: say(z.enum(['GET', 'HEAD', 'OPTIONS', 'POST']).default('GET'), 'Request method.', '请求方法。'),
    host: say(
      headerValue.min(1).optional(),
      'Host header. Default: the address and port.',
      'Host 头部。默认为地址和端口。',
    ),
    headers: say(requestHeaders.default({}), 'Further request headers.', '其他请求头部。'),
    auth: say(authSchema.optional(), 'Credentials, by reference.', '凭据（以引用方式给出）。'),
    ...response,
  });
}
export type HttpArgs = z.infer<ReturnType<typeof httpArgs>>;
