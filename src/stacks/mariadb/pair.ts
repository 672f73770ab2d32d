/** Which host is what in a pair: the endpoint says it already. Pure. */
import { type EndpointHooks, endpointHooks } from '../../site/endpoint-hooks.ts';
import type { Endpoint, Member, Site, StackSpec } from '../../site/model.ts';
import { MariadbError } from './error.ts';
import type { MariadbSpec } from './schema.ts';

export interface Node {
  readonly member: Member;
  readonly peer: Member;
  /** 1 or 2, in the order of the site file: server-id and offset. */
  readonly number: 1 | 2;
}

export interface Pair {
  readonly endpoint: Endpoint;
  /** The preferred primary first. */
  readonly nodes: readonly [Node, Node];
  readonly paths: PairPaths;
}

export interface PairPaths {
  /** Scripts, settings and option files; for root only, because of the passwords. */
  readonly etc: string;
  /** Key and certificates, which the server reads, too. */
  readonly tls: string;
  readonly run: string;
  readonly state: string;
  /** The unit of the role agent. */
  readonly unit: string;
  readonly hooks: EndpointHooks;
}

/** @throws MariadbError `mariadb/no-pair` */
export function pairOf(site: Site, stack: StackSpec<MariadbSpec>): Pair {
  const pair = findPair(site, stack);
  if (pair !== undefined) return pair;
  throw new MariadbError({
    code: 'mariadb/no-pair',
    message: `'${stack.name}' has no endpoint with two members`,
    where: { position: site.where(['stacks', stack.name]) },
    expected: '`endpoint`, one with two members on two hosts',
    got: stack.endpoint === undefined ? 'no endpoint' : `the endpoint '${stack.endpoint}'`,
    hint: 'Give it an endpoint with two members: the preferred primary first, then the standby.',
  });
}

/** The same, undefined where there is none. */
export function findPair(site: Site, stack: StackSpec): Pair | undefined {
  const endpoint = stack.endpoint === undefined ? undefined : site.endpoints.get(stack.endpoint);
  const [first, second, third] = endpoint?.members ?? [];
  if (endpoint === undefined || first === undefined || second === undefined || third !== undefined)
    return undefined;
  if (first.host === second.host) return undefined;
  const nodes: [Node, Node] = [
    { member: first, peer: second, number: 1 },
    { member: second, peer: first, number: 2 },
  ];
  return { endpoint, nodes, paths: pathsOf(endpoint.name) };
}

function pathsOf(endpoint: string): PairPaths {
  const hooks = endpointHooks(endpoint);
  const { slug } = hooks;
  return {
    etc: `/etc/holdfast/mariadb/${slug}`,
    tls: `/etc/holdfast/mariadb-tls/${slug}`,
    run: `/run/holdfast/mariadb/${slug}`,
    state: `/var/lib/holdfast/mariadb/${slug}`,
    unit: `holdfast-mariadb-${slug}.service`,
    hooks,
  };
}
