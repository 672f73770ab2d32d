import { z } from 'zod';

/**
 * A regular expression as text, in JavaScript's syntax with the `u` flag; refused where it does not compile. It is
 * written by the site's owner and runs on a bounded text.
 */
export const patternSchema = z
  .string()
  .min(1)
  .superRefine((text, ctx) => {
    try {
      new RegExp(text, 'u');
    } catch (error) {
      ctx.addIssue({ code: 'custom', message: `expected a regular expression: ${(error as Error).message}` });
    }
  });
