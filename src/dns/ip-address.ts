import { isIPv4 } from 'node:net';

/** The 16 bytes of a valid IPv6 address. */
export function ipv6Bytes(text: string): Uint8Array {
  const lastColon = text.lastIndexOf(':');
  const tail = text.slice(lastColon + 1);
  const four = isIPv4(tail) ? tail.split('.').map(Number) : undefined;
  const groups =
    four === undefined ? text : `${text.slice(0, lastColon + 1)}${hex2(four, 0)}:${hex2(four, 2)}`;
  const [head = '', rest] = groups.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = rest === undefined || rest === '' ? [] : rest.split(':');
  const all = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return Uint8Array.from(
    all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  );
}

function hex2(bytes: readonly number[], at: number): string {
  return (((bytes[at] as number) << 8) | (bytes[at + 1] as number)).toString(16);
}

/** RFC 5952: lower case, the longest run of zero groups as `::`. */
export function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from(
    { length: 8 },
    (_, index) => ((bytes[index * 2] as number) << 8) | (bytes[index * 2 + 1] as number),
  );
  let best = { start: 0, length: 0 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.length < 2) return hex.join(':');
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`;
}
