import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

/** Whether a text is an IPv4 or IPv6 address, with no brackets, port or prefix length. */
export function isIpAddress(text: string): boolean {
  return isIPv4(text) || isIPv6(text);
}

/**
 * Whether a text is a host name: RFC 952 as relaxed by RFC 1123 §2.1. One whose last label is all digits is not:
 * it is an IPv4 address with a typo.
 */
export function isHostName(text: string): boolean {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (name.length === 0 || name.length > 253) return false;
  const labels = name.split('.');
  if (/^\d+$/.test(labels.at(-1) as string)) return false;
  return labels.every((label) => /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label));
}

/**
 * The form of a DNS name that goes on the wire and is compared: lower case, no final dot, other scripts as
 * `xn--` (RFC 5891).
 * @returns undefined where it is no host name
 */
export function normaliseDnsName(text: string): string | undefined {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  // Only names in another script go through IDNA: for plain ones it would accept too much (spaces, numbers).
  const ascii = /^[\x00-\x7f]*$/.test(name) ? name : domainToASCII(name);
  return isHostName(ascii) ? ascii.toLowerCase() : undefined;
}

/** One spelling for each address, so that equal ones compare equal: `2001:DB8:0::1` is `2001:db8::1`. */
export function canonicalAddress(text: string): string {
  if (!text.includes(':')) return text.toLowerCase();
  const [address, zone] = text.split('%');
  if (!isIPv6(address as string)) return text.toLowerCase();
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  return zone === undefined ? canonical : `${canonical}%${zone}`;
}

/** 127.0.0.0/8, ::1, and the unspecified addresses, which reach the asker itself. */
export function isLoopback(text: string): boolean {
  const address = canonicalAddress(text);
  return /^127\./.test(address) || ['::1', '0.0.0.0', '::'].includes(address);
}

/** An address that is routed on the Internet: not RFC 1918, CGNAT, link-local, ULA or loopback. */
export function isPublic(text: string): boolean {
  const address = canonicalAddress(text);
  if (address.includes(':')) return !/^(f[cd]|fe[89ab]|::1$|::$)/.test(address);
  if (isLoopback(address)) return false;
  return !/^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(
    address,
  );
}
