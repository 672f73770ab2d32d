import { throwIfAborted } from '../base/interrupt.ts';
import type { HostName } from '../site/model.ts';

/** Every host that could be asked, and why the others could not. */
export interface Asked<T> {
  readonly found: readonly T[];
  readonly silent: ReadonlyMap<HostName, string>;
}

/** Asks all at once; one that fails is silent. @throws only the signal's reason */
export async function askEach<T>(
  signal: AbortSignal,
  hosts: readonly HostName[],
  ask: (host: HostName) => Promise<T>,
): Promise<Asked<T>> {
  const silent = new Map<HostName, string>();
  const asked = await Promise.all(
    hosts.map(async (host) => {
      try {
        return await ask(host);
      } catch (error) {
        throwIfAborted(signal);
        silent.set(host, error instanceof Error ? error.message : String(error));
        return undefined;
      }
    }),
  );
  return { found: asked.filter((one) => one !== undefined), silent };
}
