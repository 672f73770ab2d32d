import { isSecretRef } from '../secret-ref.ts';
import { parseYaml, type YamlTree } from '../yaml-tree.ts';
import type { ClusterConfig, Placed } from './audit-file.ts';

const NONE: ClusterConfig = { bootstrapNode: undefined, additionalNames: undefined, plainPasswords: [] };

/** Reads the fields; what is missing or no text is undefined. @returns problems of the YAML itself in `tree` */
export function parseClusterConfig(file: string, text: string): { cluster: ClusterConfig; tree: YamlTree } {
  const tree = parseYaml(file, text);
  const spec = mapping(mapping(tree.value)?.spec);
  if (spec === undefined) return { cluster: NONE, tree };
  const names = mapping(spec.imagesAndCharts)?.additionalSSLSubjectAltName;
  const bootstrapNode = textAt(tree, spec.bootstrapNode, ['spec', 'bootstrapNode']);
  const path = ['spec', 'imagesAndCharts', 'additionalSSLSubjectAltName'];
  const cluster: ClusterConfig = {
    bootstrapNode,
    additionalNames:
      typeof names === 'string'
        ? { value: names.split(/[\s,;]+/).filter((name) => name !== ''), position: tree.where(path) }
        : undefined,
    plainPasswords: [...passwordsIn(tree, spec, ['spec'])],
  };
  return { cluster, tree };
}

function textAt(tree: YamlTree, value: unknown, path: readonly string[]): Placed<string> | undefined {
  return typeof value === 'string' && value !== '' ? { value, position: tree.where(path) } : undefined;
}

function* passwordsIn(
  tree: YamlTree,
  value: unknown,
  path: readonly (string | number)[],
): Generator<Placed<string>> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    const isPlain = typeof inner === 'string' || typeof inner === 'number';
    if (/pass(word|wd)?$/i.test(key) && isPlain && inner !== '' && !isSecretRef(String(inner))) {
      yield { value: key, position: tree.where(here) };
    } else yield* passwordsIn(tree, inner, here);
  }
}

function mapping(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
