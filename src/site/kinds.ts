/** Parses what drivers, stacks and probes say in a site file, each by the schema of its kind. */
import { parseAt } from './issue.ts';
import { loadReasons as reasons } from './load-reasons.ts';
import type { EndpointName, SitePath, StackName } from './model.ts';
import type { Problem } from './problem.ts';
import { meantOrKnown } from './references.ts';
import type { SiteSchemas } from './schemas.ts';

/** Settings by where they stand; undefined where they were wrong, which has been reported. */
export interface ParsedKinds {
  driver(endpoint: EndpointName): unknown;
  probe(endpoint: EndpointName, index: number): unknown;
  stack(stack: StackName): unknown;
}

/**
 * Works on the raw file, not on the parsed frame, so that a mistake in one place hides none in another. What has
 * not even the shape of a driver, probe or stack is left to the frame to report.
 */
export function parseKinds(
  file: Readonly<Record<string, unknown>>,
  schemas: SiteSchemas,
  report: (problem: Problem) => void,
): ParsedKinds {
  const parsed = new Map<string, unknown>();
  const read = (family: Family, value: unknown, path: SitePath, frameKeys: readonly string[]): void => {
    parsed.set(path.join('\n'), parseKind({ family, value, path, frameKeys, schemas, report }));
  };
  for (const [name, endpoint] of entriesOf(file.endpoints)) {
    if (!isMapping(endpoint)) continue;
    read('drivers', endpoint.driver, ['endpoints', name, 'driver'], []);
    const probes = Array.isArray(endpoint.probes) ? endpoint.probes : [];
    for (const [index, probe] of probes.entries())
      read('probes', probe, ['endpoints', name, 'probes', index], ['name']);
  }
  for (const [name, stack] of entriesOf(file.stacks)) read('stacks', stack, ['stacks', name], ['endpoint']);
  return {
    driver: (endpoint) => parsed.get(['endpoints', endpoint, 'driver'].join('\n')),
    probe: (endpoint, index) => parsed.get(['endpoints', endpoint, 'probes', index].join('\n')),
    stack: (stack) => parsed.get(['stacks', stack].join('\n')),
  };
}

type Family = keyof SiteSchemas;

interface KindInput {
  readonly family: Family;
  /** `kind`, or a mapping with `kind:` and settings. */
  readonly value: unknown;
  readonly path: SitePath;
  /** Keys beside `kind` that belong to the frame. */
  readonly frameKeys: readonly string[];
  readonly schemas: SiteSchemas;
  report(problem: Problem): void;
}

const UNKNOWN = { drivers: 'unknown-driver', probes: 'unknown-probe', stacks: 'unknown-stack' } as const;

function parseKind({ family, value, path, frameKeys, schemas, report }: KindInput): unknown {
  const isShort = typeof value === 'string' && family !== 'stacks';
  const kind = isShort ? value : isMapping(value) ? value.kind : undefined;
  if (typeof kind !== 'string') return undefined;
  const schema = schemas[family].get(kind);
  if (schema === undefined) {
    const because = reasons.of(UNKNOWN[family], { name: kind });
    const hint = meantOrKnown(kind, schemas[family].keys());
    report({
      check: 'unknown-reference',
      path: isShort ? path : [...path, 'kind'],
      on: 'value',
      because,
      hint,
    });
    return undefined;
  }
  const settings = Object.entries(isMapping(value) ? value : {}).filter(
    ([key]) => key !== 'kind' && !frameKeys.includes(key),
  );
  return parseAt(schema, Object.fromEntries(settings), path, report);
}

function entriesOf(value: unknown): [string, unknown][] {
  return isMapping(value) ? Object.entries(value) : [];
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
