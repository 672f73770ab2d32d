/** `10.0.0.1:80`, `[fd00::1]:80`: an IPv6 address needs its brackets (RFC 3986 section 3.2.2). */
export function hostAndPort(address: string, port: number): string {
  return `${inBrackets(address)}:${port}`;
}

/** An address as it stands in a URL or a Host header. */
export function inBrackets(address: string): string {
  return address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
}
