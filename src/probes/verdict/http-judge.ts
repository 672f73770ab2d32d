/** Whether an HTTP response is the one that was wanted. Pure. */
import { defineReasons, type Reason } from '../../base/reason.ts';
import type { HttpArgs, StatusPattern } from '../args/http-args.ts';
import type { HttpReply } from '../wire/http-exchange.ts';
import { printable } from './evidence.ts';

export const httpReasons = defineReasons({
  'http/answered': {
    en: '{url} answers {status} as expected',
    zh: '{url} 按预期返回 {status}',
  },
  'http/other-status': {
    en: '{url} answers {status} where {expected} was expected',
    zh: '{url} 返回 {status}，而预期为 {expected}',
  },
  'http/redirected-away': {
    en: '{url} redirects to {to}, which is not on this member; where that leads was not asked',
    zh: '{url} 重定向到 {to}，该地址不在本成员上，因此没有继续访问',
  },
  'http/too-many-redirects': {
    en: '{url} still redirects after {limit} redirects, to {to}',
    zh: '{url} 在 {limit} 次重定向之后仍然重定向到 {to}',
  },
  'http/header-missing': {
    en: "{url} answers without '{value}' in the header {header}",
    zh: '{url} 的响应头 {header} 中没有“{value}”',
  },
  'http/body-without': {
    en: "{url} answers, but '{text}' is not in the body",
    zh: '{url} 有响应，但响应体中没有“{text}”',
  },
  'http/body-unmatched': {
    en: '{url} answers, but the body does not match /{pattern}/',
    zh: '{url} 有响应，但响应体与 /{pattern}/ 不匹配',
  },
  'http/body-differs': {
    en: '{url} serves another content than expected: SHA-256 {got}',
    zh: '{url} 返回的内容与预期不同：SHA-256 为 {got}',
  },
  'http/body-too-long': {
    en: '{url} serves more than {limit} bytes, so its digest was not checked; raise maxBodyBytes',
    zh: '{url} 返回的内容超过 {limit} 字节，未校验摘要；请调大 maxBodyBytes',
  },
  'http/not-http': {
    en: '{address} port {port} does not speak HTTP: {detail}',
    zh: '{address} 的 {port} 端口使用的不是 HTTP：{detail}',
  },
  'http/closed': {
    en: '{address} port {port} closed the connection without a response',
    zh: '{address} 的 {port} 端口没有返回响应就关闭了连接',
  },
});

/** Undefined where everything is as wanted, else the first thing that is not. */
export function judgeReply(reply: HttpReply, args: HttpArgs, url: string): Reason | undefined {
  if (!statusFits(reply.status, args.status)) {
    const expected = formatStatus(args.status);
    return httpReasons.of('http/other-status', { url, status: describeStatus(reply), expected });
  }
  for (const [header, value] of Object.entries(args.responseHeaders)) {
    const got = reply.headers[header.toLowerCase()];
    if (got === undefined || !String(got).includes(value)) {
      return httpReasons.of('http/header-missing', { url, header, value });
    }
  }
  return judgeBody(reply, args, url);
}

function judgeBody(reply: HttpReply, { body, maxBodyBytes }: HttpArgs, url: string): Reason | undefined {
  if (body === undefined) return undefined;
  const text = reply.body.toString();
  if (body.contains !== undefined && !text.includes(body.contains)) {
    return httpReasons.of('http/body-without', { url, text: body.contains });
  }
  if (body.matches !== undefined && !new RegExp(body.matches, 'u').test(text)) {
    return httpReasons.of('http/body-unmatched', { url, pattern: body.matches });
  }
  if (body.sha256 === undefined) return undefined;
  if (!reply.whole) return httpReasons.of('http/body-too-long', { url, limit: maxBodyBytes });
  const got = reply.sha256 ?? 'none';
  return got === body.sha256 ? undefined : httpReasons.of('http/body-differs', { url, got });
}

/** Whether a status is one of those wanted. */
export function statusFits(status: number, wanted: HttpArgs['status']): boolean {
  return listOf(wanted).some((pattern) => {
    if (typeof pattern === 'number') return status === pattern;
    if (pattern.endsWith('xx')) return Math.floor(status / 100) === Number(pattern[0]);
    const [from, to] = pattern.split('-').map(Number) as [number, number];
    return from <= status && status <= to;
  });
}

/** `200, 401` or `2xx`, for people. */
export function formatStatus(wanted: HttpArgs['status']): string {
  return listOf(wanted).join(', ');
}

function listOf(wanted: HttpArgs['status']): readonly StatusPattern[] {
  return Array.isArray(wanted) ? wanted : [wanted];
}

/** `503 Service Unavailable`; a server's own words are made safe to print. */
export function describeStatus(reply: HttpReply): string {
  return printable(`${reply.status} ${reply.statusText}`, 60);
}

/** What came back in one line: status, where a redirect leads, and the start of a body that explains a refusal. */
export function describeReply(reply: HttpReply): string {
  const location = reply.headers.location === undefined ? '' : ` → ${printable(reply.headers.location, 100)}`;
  const isText = /^(text\/|application\/(json|.*\+json|xml|.*\+xml))/.test(
    reply.headers['content-type'] ?? '',
  );
  const excerpt = reply.status >= 400 && isText ? printable(reply.body.toString(), 120) : '';
  return `${describeStatus(reply)}${location}${excerpt === '' ? '' : `: ${excerpt}`}`;
}

/** What was expected in one line. */
export function describeExpected(args: HttpArgs): string {
  const parts = [`status ${formatStatus(args.status)}`];
  for (const [name, value] of Object.entries(args.responseHeaders))
    parts.push(`${name} containing '${value}'`);
  if (args.body?.contains !== undefined) parts.push(`a body containing '${args.body.contains}'`);
  if (args.body?.matches !== undefined) parts.push(`a body matching /${args.body.matches}/`);
  if (args.body?.sha256 !== undefined) parts.push(`a body of SHA-256 ${args.body.sha256}`);
  return parts.join(', ');
}
