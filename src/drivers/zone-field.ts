import { z } from 'zod';
import { parseName } from '../dns/name.ts';

/**
 * A zone's name in a site file; becomes lower case without its final dot. Wider than a host name: reverse zones of
 * RFC 2317 hold a slash, service zones an underscore.
 */
export function zoneName(): z.ZodType<string, string> {
  return z.string().transform((text, ctx) => {
    try {
      const name = parseName(text.toLowerCase());
      if (!name.isRoot) return name.toString().slice(0, -1);
    } catch {
      // Said below in the words of a site file.
    }
    ctx.addIssue({
      code: 'custom',
      message: `expected the name of a zone, such as example.com, got '${text}'`,
    });
    return text;
  });
}

/** Whether a name is the zone's own or below it. Both without final dots. */
export function isInZone(name: string, zone: string): boolean {
  return parseName(name).isAtOrUnder(parseName(zone));
}
