/** Whether an edit of a YAML file left every other value as it was written, whatever a reader would make of it. */
import { isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';

export type Path = readonly (string | number)[];

/** @returns what differs beside the fields, or does not have its new value; undefined where nothing does */
export function sameButFor(
  before: string,
  after: string,
  fields: readonly { readonly path: Path; readonly value: string }[],
): string | undefined {
  const [old, now] = [valuesOf(before), valuesOf(after)];
  if (old === undefined || now === undefined) return 'no YAML after the edit';
  const wanted = new Map(fields.map(({ path, value }) => [keyOf(path), value]));
  const parents = new Set(fields.flatMap(({ path }) => path.map((_part, at) => keyOf(path.slice(0, at)))));
  for (const [key, value] of wanted) if (now.get(key)?.text !== value) return nameOf(key);
  for (const [key, { text, style }] of old) {
    if (wanted.has(key)) continue;
    // A key without a value becomes the parent of the fields.
    if (parents.has(key) && (style === 'none' || (style === 'plain' && /^(|~|null)$/i.test(text)))) continue;
    const found = now.get(key);
    if (found?.text !== text || found.style !== style) return nameOf(key);
  }
  const added = [...now.keys()].find((key) => !old.has(key) && !wanted.has(key));
  return added === undefined ? undefined : nameOf(added);
}

interface Value {
  readonly text: string;
  /** A plain one may be a number to a reader, a quoted one never is. */
  readonly style: 'plain' | 'quoted' | 'alias' | 'none';
}

/** Every scalar as its text, by path; undefined where it is no YAML. */
function valuesOf(text: string): ReadonlyMap<string, Value> | undefined {
  const document = parseDocument(text, { schema: 'failsafe' });
  if (document.errors.length > 0) return undefined;
  const values = new Map<string, Value>();
  const walk = (node: unknown, path: Path): void => {
    const put = (value: Value): void => void values.set(keyOf(path), value);
    if (isAlias(node)) put({ text: node.source, style: 'alias' });
    else if (isScalar(node))
      put({ text: String(node.value), style: node.type === 'PLAIN' ? 'plain' : 'quoted' });
    else if (isSeq(node) && node.items.length > 0) {
      for (const [at, item] of node.items.entries()) walk(item, [...path, at]);
    } else if (isMap(node) && node.items.length > 0) {
      for (const { key, value } of node.items)
        walk(value, [...path, isScalar(key) ? String(key.value) : `${key}`]);
    } else put({ text: isMap(node) ? '{}' : isSeq(node) ? '[]' : '', style: 'none' });
  };
  walk(document.contents, []);
  return values;
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}

function nameOf(key: string): string {
  return (JSON.parse(key) as Path).join('.');
}
