import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { loadReasons as reasons } from './load-reasons.ts';
import type { SitePath } from './names.ts';
import type { Problem } from './problem.ts';

/** More than this after aliases are spelt out is an attack or an accident ("billion laughs"). */
const MOST_VALUES = 2_000_000;
const DEEPEST = 64;

class TooMuch extends Error {}

/**
 * YAML nodes → plain values. Ours rather than the library's `toJS`, because that is quadratic in aliases and in
 * duplicate keys, and because what it refuses has no place.
 */
export class YamlValues {
  /** What each alias stands for, for looking up places later. */
  readonly anchors = new Map<Alias, Node>();
  readonly #report: (problem: Omit<Problem, 'at'>, node: Node | undefined) => void;
  readonly #named = new Map<string, Node>();
  readonly #built = new Map<Node, { value: unknown; size: number }>();
  readonly #open = new Set<Node>();
  #count = 0;

  constructor(report: (problem: Omit<Problem, 'at'>, node: Node | undefined) => void) {
    this.#report = report;
  }

  /** The plain value of a tree; undefined where it is too much to hold. */
  read(root: Node | null): unknown {
    if (root === null) return undefined;
    try {
      return this.#value(root, []);
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error;
      return undefined;
    }
  }

  #value(node: Node | null, path: SitePath): unknown {
    if (node === null) return null;
    if (isAlias(node)) return this.#alias(node, path);
    this.#spend(1, node, path);
    if (isScalar(node)) return this.#remember(node, this.#scalar(node, path), 1);
    if (path.length > DEEPEST) {
      this.#complain('syntax', path, reasons.of('yaml-too-deep'), reasons.of('fix-yaml'), node);
      throw new TooMuch();
    }
    // An anchor is known inside its own node, so that a node that holds itself is seen.
    if (node.anchor !== undefined) this.#named.set(node.anchor, node);
    const before = this.#count;
    this.#open.add(node);
    const value = isMap(node) ? this.#mapping(node, path) : this.#list(node as YAMLSeq, path);
    this.#open.delete(node);
    return this.#remember(node, value, this.#count - before + 1);
  }

  /** Tags such as !!binary make objects of scalars: nothing in a site is one. */
  #scalar(node: Scalar, path: SitePath): unknown {
    if (typeof node.value !== 'object' || node.value === null) return node.value;
    this.#complain('syntax', path, reasons.of('yaml-tag'), reasons.of('drop-tag'), node);
    return undefined;
  }

  #remember(node: Node, value: unknown, size: number): unknown {
    if ((node as Scalar).anchor !== undefined) {
      this.#named.set((node as Scalar).anchor as string, node);
      this.#built.set(node, { value, size });
    }
    return value;
  }

  #alias(node: Alias, path: SitePath): unknown {
    const target = this.#named.get(node.source);
    if (target === undefined || this.#open.has(target)) {
      const because = target === undefined ? 'yaml-alias' : 'yaml-alias-of-itself';
      const hint = target === undefined ? 'define-anchor' : 'fix-yaml';
      this.#complain('syntax', path, reasons.of(because, { name: node.source }), reasons.of(hint), node);
      return undefined;
    }
    this.anchors.set(node, target);
    const { value, size } = this.#built.get(target) as { value: unknown; size: number };
    this.#spend(size, node, path);
    return value;
  }

  #list(node: YAMLSeq, path: SitePath): unknown[] {
    return node.items.map((item, index) => this.#value(item as Node | null, [...path, index]));
  }

  #mapping(node: YAMLMap, path: SitePath): Record<string, unknown> {
    const own = Object.create(null) as Record<string, unknown>;
    const merged: Record<string, unknown>[] = [];
    const seen = new Map<string, Node>();
    for (const pair of node.items as Pair<Node | null, Node | null>[]) {
      const key = this.#key(pair, path);
      if (key === undefined) continue;
      if (seen.has(key)) this.#duplicate(key, pair.key as Node, [...path, key]);
      seen.set(key, pair.key as Node);
      const value = this.#value(pair.value, [...path, key]);
      if (key === '<<') merged.push(...this.#merge(value, pair.value, path));
      else own[key] = value;
    }
    // Earlier merges win over later ones, own keys over all (https://yaml.org/type/merge.html).
    return merged.length === 0 ? own : Object.assign(Object.create(null), ...merged.reverse(), own);
  }

  #merge(value: unknown, node: Node | null, path: SitePath): Record<string, unknown>[] {
    const sources = Array.isArray(value) ? value : [value];
    if (sources.every(isPlainMapping)) return sources;
    if (value !== undefined) {
      this.#complain(
        'syntax',
        path,
        reasons.of('yaml-merge'),
        reasons.of('merge-mapping'),
        node ?? undefined,
      );
    }
    return [];
  }

  /** A key's text as written, so that `1.0:` and `yes:` stay what the author sees. */
  #key(pair: Pair<Node | null, Node | null>, path: SitePath): string | undefined {
    const target = isAlias(pair.key) ? this.#named.get(pair.key.source) : pair.key;
    if (!isScalar(target) || target.value === null) {
      const node = pair.key ?? pair.value ?? undefined;
      this.#complain('syntax', path, reasons.of('yaml-key'), reasons.of('plain-key'), node);
      return undefined;
    }
    if (target.anchor !== undefined) this.#remember(target, target.value, 1);
    const key = typeof target.value === 'string' ? target.value : (target.source ?? String(target.value));
    if (key !== '__proto__') return key;
    this.#complain('unknown-key', path, reasons.of('unknown-key', { key }), reasons.of('rename-key'), target);
    return undefined;
  }

  #duplicate(key: string, node: Node, path: SitePath): void {
    this.#complain(
      'duplicate-key',
      path,
      reasons.of('duplicate-key', { key }),
      reasons.of('keep-one-key'),
      node,
    );
  }

  #spend(size: number, node: Node, path: SitePath): void {
    this.#count += size;
    if (this.#count <= MOST_VALUES) return;
    this.#complain(
      'syntax',
      path,
      reasons.of('yaml-too-much', { most: MOST_VALUES }),
      reasons.of('fewer-aliases'),
      node,
    );
    throw new TooMuch();
  }

  #complain(
    check: Problem['check'],
    path: SitePath,
    because: Problem['because'],
    hint: Problem['hint'],
    node: Node | undefined,
  ): void {
    this.#report({ check, path, on: 'value', because, hint }, node);
  }
}

function isPlainMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
