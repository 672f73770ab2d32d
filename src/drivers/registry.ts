import { registry } from '../base/registry.ts';
import type { EndpointDriver } from './driver.ts';

/** Every driver; one line each, in the order of the documentation. */
// biome-ignore lint/suspicious/noExplicitAny: a family's members have different configurations
export const drivers = registry<EndpointDriver<any>>('driver', [], (driver) => driver.name);
