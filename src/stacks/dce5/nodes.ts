/** Which host is what: the endpoint says it already. */
import type { Member, Site, StackSpec } from '../../site/model.ts';
import { type Mode, tableRow } from './config/wish.ts';
import { Dce5Error } from './error.ts';
import type { Dce5Spec } from './schema.ts';

export interface Node {
  readonly member: Member;
  readonly role: 'original' | 'standby';
  readonly mode: Mode;
}

export interface Nodes {
  /** The name that clients use. */
  readonly name: string;
  /** Where the name leads for good, whoever is active: to a proxy. Empty: to the active node itself. */
  readonly front: readonly string[];
  readonly original: Node;
  readonly standbys: readonly Node[];
}

/**
 * The first member is the original, all others are standbys.
 * @throws Dce5Error `dce5/no-endpoint`
 */
export function nodesOf(site: Site, stack: StackSpec<Dce5Spec>): Nodes {
  const nodes = findNodes(site, stack);
  if (nodes !== undefined) return nodes;
  throw new Dce5Error({
    code: 'dce5/no-endpoint',
    message: `'${stack.name}' has no endpoint with a name and two members`,
    where: { position: site.where(['stacks', stack.name]) },
    expected: '`endpoint`, one with `name` and the original and the standby as `members`',
    got: stack.endpoint === undefined ? 'no endpoint' : `the endpoint '${stack.endpoint}'`,
    hint: 'Give the endpoint a `name` and two members: the original first, then the standby.',
  });
}

/** The same, undefined where they cannot be told. */
export function findNodes(site: Site, stack: StackSpec<Dce5Spec>): Nodes | undefined {
  const endpoint = stack.endpoint === undefined ? undefined : site.endpoints.get(stack.endpoint);
  const [original, ...standbys] = endpoint?.members ?? [];
  if (endpoint?.dnsName === undefined || original === undefined || standbys.length === 0) return undefined;
  return {
    name: endpoint.dnsName,
    front: endpoint.addresses,
    original: { member: original, role: 'original', mode: 'name' },
    standbys: standbys.map((member) => ({ member, role: 'standby', mode: 'address' })),
  };
}

/** Every node's own, the original's first. */
export function addressesOf({ original, standbys }: Nodes): string[] {
  return [original, ...standbys].map(({ member }) => member.address);
}

/** Where the name may lead while one of these nodes is active. */
export function leadsTo({ front }: Nodes, nodes: readonly Node[]): readonly string[] {
  return front.length > 0 ? front : nodes.map(({ member }) => member.address);
}

/** A node's line of the runbook's table. */
export function rowOf({ name }: Nodes, { mode, member }: Node): ReturnType<typeof tableRow> {
  return tableRow(mode, { name, address: member.address });
}
