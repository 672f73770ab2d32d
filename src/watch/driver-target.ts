/** A driver bound to one endpoint, and the services that drivers keep up while the watcher runs. */
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Registry } from '../base/registry.ts';
import type { Secret } from '../base/secret.ts';
import type { DriverContext, DriverService, EndpointDriver } from '../drivers/driver.ts';
import type { HostPool } from '../hosts/host.ts';
import type { Endpoint, Site } from '../site/model.ts';
import type { SecretRef } from '../site/secret-ref.ts';
import { makeFolder } from '../store/durable.ts';
import type { Target } from './publish.ts';

export interface DriverWorld {
  readonly site: Site;
  // biome-ignore lint/suspicious/noExplicitAny: a family's members have different argument types
  readonly drivers: Registry<EndpointDriver<any>>;
  readonly hosts: HostPool;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly stateDir: string;
  secret(reference: SecretRef): Promise<Secret>;
}

/** The driver of an endpoint as the publisher wants it; its folder is made here, once. */
export async function targetOf(world: DriverWorld, endpoint: Endpoint): Promise<Target> {
  const driver = world.drivers.get(endpoint.driver.kind);
  const folder = join(driverFolder(world, driver.name), 'endpoints', encodeURIComponent(endpoint.name));
  await makeFolder(folder);
  const context = (signal: AbortSignal): DriverContext => contextOf(world, folder, signal, endpoint.name);
  return {
    publish: async (answer, signal) => driver.publish(context(signal), endpoint, answer),
    observe: async (signal) => driver.observe(context(signal), endpoint),
  };
}

/**
 * Starts what drivers keep up, once a driver for all its endpoints. Where one fails to start, those started before it
 * are stopped again.
 */
export async function startServices(
  world: DriverWorld,
  endpoints: readonly Endpoint[],
  signal: AbortSignal,
): Promise<DriverService> {
  await using started = new AsyncDisposableStack();
  const listening: string[] = [];
  for (const driver of world.drivers) {
    const own = endpoints.filter((endpoint) => endpoint.driver.kind === driver.name);
    if (driver.serve === undefined || own.length === 0) continue;
    const folder = driverFolder(world, driver.name);
    await makeFolder(folder);
    const service = await driver.serve(contextOf(world, folder, signal), own);
    started.use(service);
    listening.push(...service.listening);
  }
  const services = started.move();
  return { listening, [Symbol.asyncDispose]: () => services.disposeAsync() };
}

function driverFolder(world: DriverWorld, driver: string): string {
  return join(world.stateDir, 'drivers', driver);
}

function contextOf(
  world: DriverWorld,
  stateDir: string,
  signal: AbortSignal,
  endpoint?: string,
): DriverContext {
  const { site, hosts, clock, random } = world;
  const log = endpoint === undefined ? world.log : world.log.with({ endpoint });
  return { site, hosts, clock, random, log, signal, stateDir, secret: (ref) => world.secret(ref) };
}
