import type { Endpoint } from '../site/model.ts';
import { type Ask, asksOf } from './vrrp-checks.ts';

/** How a proxy checks a member behind one port: the probe of that port, else the first; none: the port itself. */
export function askFor({ probes }: Endpoint, memberPort: number): Ask {
  const asks = asksOf(probes);
  return asks.find(({ port }) => port === memberPort) ?? asks[0] ?? { kind: 'tcp', port: memberPort };
}
