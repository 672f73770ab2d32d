import { z } from 'zod';

/** The name of a service as systemctl(1) takes it; `.service` may be left out and is there afterwards. */
export const unitName = z
  .string()
  .regex(/^[A-Za-z0-9_@:.\\-]+$/, 'the name of a unit, e.g. nginx or nginx.service')
  .transform((name) => (name.endsWith('.service') ? name : `${name}.service`));
