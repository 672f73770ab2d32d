/**
 * The kinds of value that stand in a site file. Drivers, stacks and probes build their schemas from these, so that
 * an address is checked and explained in the same words everywhere. Durations: `base/zod-duration.ts`.
 */
import { z } from 'zod';
import { type Reason, renderReason } from '../base/reason.ts';
import { isHostName, isIpAddress, normaliseDnsName } from './address.ts';
import { loadReasons as reasons } from './load-reasons.ts';
import type { LoadCheckName } from './problem.ts';
import { lookUp, type ReferenceTo } from './references.ts';
import { isSecretRef, type SecretRef } from './secret-ref.ts';

/** Carried by a zod issue in `params`, where a check can say more than a message in one language. */
export interface Explained {
  readonly check: LoadCheckName;
  readonly because: Reason;
  readonly hint: Reason;
}

/** An issue that the loader renders in the user's language, and everybody else in English. */
export function explain(
  ctx: z.RefinementCtx,
  check: LoadCheckName,
  because: Reason,
  hint: Reason,
  path: PropertyKey[] = [],
): void {
  const explained: Explained = { check, because, hint };
  const message = renderReason(because, [reasons], 'en');
  ctx.addIssue({ code: 'custom', message, path, params: { explained } });
}

/** An IPv4 or IPv6 address, nothing else. */
export function ipAddress(): z.ZodType<string, string> {
  return z.string().superRefine((text, ctx) => {
    if (isIpAddress(text)) return;
    explain(ctx, 'wrong-value', reasons.of('not-an-ip', { got: `'${text}'` }), reasons.of('ip-forms'));
  });
}

/** An IPv4 or IPv6 address or a host name. */
export function hostAddress(): z.ZodType<string, string> {
  return z.string().superRefine((text, ctx) => {
    if (isIpAddress(text) || isHostName(text)) return;
    explain(ctx, 'wrong-value', reasons.of('not-an-address', { got: `'${text}'` }), reasons.of('ip-forms'));
  });
}

/** A DNS name; becomes lower case without its final dot, other scripts as `xn--`. */
export function dnsName(): z.ZodType<string, string> {
  return z.string().transform((text, ctx) => {
    const name = normaliseDnsName(text);
    if (name !== undefined) return name;
    explain(
      ctx,
      'wrong-value',
      reasons.of('not-a-dns-name', { got: `'${text}'` }),
      reasons.of('dns-name-form'),
    );
    return text;
  });
}

/** A TCP or UDP port, 1 to 65535. */
export function port(): z.ZodType<number, number> {
  return z.number().int().min(1).max(65_535);
}

/** `env:NAME`, `file:/path` or `sealed:/path#key`. What is none of these is a password in plain text: never shown. */
export function secretRef(): z.ZodType<SecretRef, string> {
  return z.string().transform((text, ctx) => {
    if (isSecretRef(text)) return text;
    explain(ctx, 'plain-text-password', reasons.of('plain-text-password'), reasons.of('use-reference'));
    return 'env:NONE' as SecretRef;
  });
}

/** The name of a host of this site; a wrong one is found when the file is loaded. */
export function hostRef(): z.ZodType<string, string> {
  return reference('host');
}

/** The name of an endpoint of this site. */
export function endpointRef(): z.ZodType<string, string> {
  return reference('endpoint');
}

function reference(to: ReferenceTo): z.ZodType<string, string> {
  return z.string().superRefine((name, ctx) => {
    const missing = lookUp(to, name);
    if (missing !== undefined) explain(ctx, 'unknown-reference', missing.because, missing.hint);
  });
}

/** A name that a person gives to a host, endpoint or stack: letters of any script, digits, `-`, `_`, `.`. */
export function isGivenName(text: string): boolean {
  return text.length <= 253 && /^[\p{L}\p{N}]([\p{L}\p{M}\p{N}._-]*[\p{L}\p{M}\p{N}])?$/u.test(text);
}

/** A mapping whose keys are names that people give. */
export function byName<T extends z.ZodType>(value: T): z.ZodRecord<z.ZodString, T> {
  const name = z.string().superRefine((text, ctx) => {
    if (isGivenName(text)) return;
    explain(ctx, 'wrong-value', reasons.of('bad-key-name', { key: text }), reasons.of('name-letters'));
  });
  return z.record(name, value);
}

/** One of them or a list of them; always a list afterwards. */
export function oneOrMany<T extends z.ZodType<unknown, unknown>>(
  item: T,
): z.ZodType<z.output<T>[], z.input<T> | z.input<T>[]> {
  return z
    .union([item, z.array(item)])
    .transform((value) => (Array.isArray(value) ? value : [value]) as z.output<T>[]) as never;
}
/** A public host key, `<type> <base64>`, as in a .pub file; a comment after it is dropped. */
export function publicKey(): z.ZodType<string, string> {
  return z.string().transform((text, ctx) => {
    const match =
      /^(ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-[\w@.-]+) ([A-Za-z0-9+/]{40,}={0,2})(\s.*)?$/.exec(
        text.trim(),
      );
    if (match !== null) return `${match[1]} ${match[2]}`;
    explain(ctx, 'wrong-value', reasons.of('not-a-host-key'), reasons.of('get-host-key'));
    return text;
  });
}
