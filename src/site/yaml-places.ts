import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Position } from '../base/position.ts';
import type { SitePath } from './names.ts';

/** Where values of a YAML tree stand, found on demand: most of a big file is never asked about. */
export class Places {
  readonly #root: Node | undefined;
  readonly #anchors: ReadonlyMap<Alias, Node>;
  readonly #at: (range: readonly [number, number]) => Position;
  readonly #pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

  constructor(
    root: Node | undefined,
    anchors: ReadonlyMap<Alias, Node>,
    at: (range: readonly [number, number]) => Position,
  ) {
    this.#root = root;
    this.#anchors = anchors;
    this.#at = at;
  }

  /** The place of a path, or of the nearest thing above it that is in the file. */
  where(path: SitePath, on: 'key' | 'value'): Position {
    let key: Node | undefined;
    let value = this.#root;
    for (const part of path) {
      const next = this.#step(value, part);
      if (next === undefined) return this.#range(key ?? this.#root);
      key = next.key;
      value = this.#follow(next.value) ?? next.value;
    }
    return this.#range(on === 'value' && standsAlone(value) ? value : (key ?? value));
  }

  #step(parent: Node | undefined, part: string | number): { key: Node; value: Node | undefined } | undefined {
    if (isMap(parent)) {
      const pair = this.#index(parent).get(String(part));
      if (pair !== undefined)
        return { key: pair.key as Node, value: (pair.value as Node | null) ?? undefined };
    }
    if (isSeq(parent)) {
      const item = parent.items[Number(part)] as Node | undefined;
      if (item !== undefined) return { key: firstOf(item), value: item };
    }
    return undefined;
  }

  #follow(node: Node | undefined): Node | undefined {
    return isAlias(node) ? this.#anchors.get(node) : node;
  }

  /** A mapping's pairs by key, with those that `<<` brings in; own pairs win. */
  #index(map: YAMLMap): ReadonlyMap<string, Pair> {
    const known = this.#pairs.get(map);
    if (known !== undefined) return known;
    const index = new Map<string, Pair>();
    this.#pairs.set(map, index);
    const merged: YAMLMap[] = [];
    for (const pair of map.items as Pair[]) {
      const key = this.#follow(pair.key as Node);
      if (!isScalar(key)) continue;
      const text = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
      if (text === '<<') merged.push(...this.#mergedMaps(pair.value as Node));
      else index.set(text, pair);
    }
    for (const source of merged) {
      for (const [text, pair] of this.#index(source)) if (!index.has(text)) index.set(text, pair);
    }
    return index;
  }

  #mergedMaps(node: Node | null): YAMLMap[] {
    const target = this.#follow(node ?? undefined);
    const sources = isSeq(target) ? target.items.map((item) => this.#follow(item as Node)) : [target];
    return sources.filter((source): source is YAMLMap => isMap(source));
  }

  #range(node: Node | undefined): Position {
    return this.#at(node?.range ? [node.range[0], node.range[1]] : [0, 1]);
  }
}

/** Whether underlining the value itself says something: a block of lines is better named by its key. */
function standsAlone(value: Node | undefined): boolean {
  const isEmpty = value?.range?.[0] === value?.range?.[1];
  return (
    !isEmpty && (isScalar(value) || isAlias(value) || ((isMap(value) || isSeq(value)) && value.flow === true))
  );
}

/** Of a mapping in a list, its first key: underlining the whole mapping would say nothing. */
function firstOf(item: Node): Node {
  if (isMap(item) && !item.flow) return ((item.items[0]?.key as Node | undefined) ?? item) as Node;
  return item;
}
