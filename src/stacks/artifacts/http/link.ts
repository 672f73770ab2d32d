/** The target of the `rel="next"` link of a Link header (RFC 8288), or undefined. */
export function nextLink(header: string | undefined): string | undefined {
  for (const link of (header ?? '').split(/,(?=\s*<)/)) {
    const [, target, params] = /^\s*<([^>]*)>(.*)$/.exec(link) ?? [];
    if (target !== undefined && /;\s*rel="?next"?/i.test(params ?? '')) return target;
  }
  return undefined;
}
