/**
 * Edits a clusterConfig.yaml: only the values that must change do, in place, with their quotes; comments, order,
 * unknown fields and every other byte stay. Fields that are missing are added with the YAML document's own API, which
 * keeps comments and order, but may lay the file out anew. What was written is read again: an edit that would change
 * any other value is not made. No file: the vendor's sample, filled in. Pure.
 */
import {
  Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { SAMPLE } from '../schema.ts';
import { type Path, sameButFor } from './same-but-for.ts';
import { type ConfigWish, namesAmong } from './wish.ts';

export const API_VERSION = 'provision.daocloud.io/v1alpha3';

/** A wish whose references have been looked up. */
export type FilledWish = Omit<ConfigWish, 'masterNodes'> & {
  readonly masterNodes: readonly {
    readonly nodeName: string;
    readonly ip: string;
    readonly ansibleUser: string;
    readonly ansiblePass: string;
  }[];
};

export type Edited =
  | { readonly text: string }
  /** What is wrong with the file as it is, with its place in it: nothing was edited. */
  | {
      readonly wrong: string;
      readonly expected: string;
      readonly line: number;
      /** It is sound YAML, but the value does not stand in its place as plain text. */
      readonly isIndirect?: true;
    };

interface Field {
  readonly path: Path;
  readonly value: string;
  /** Whether what stands there will do. */
  readonly isRight?: (found: string) => boolean;
}

/** Gives the file as it should be; the same text where it is right already. @param text undefined: there is no file */
export function editConfig(text: string | undefined, wish: FilledWish): Edited {
  if (text === undefined) return { text: newConfig(wish) };
  const document = parseDocument(text, { keepSourceTokens: true });
  const wrong = findWrong(document, text);
  if (wrong !== undefined) return wrong;
  const fields = fieldsOf(wish, document).filter((field) => !isRight(field, document));
  const indirect = findIndirect(document, text, wish, fields);
  if (indirect !== undefined) return indirect;
  const edits: Splice[] = [];
  const missing: Field[] = [];
  for (const field of fields) {
    const node = document.getIn(field.path, true);
    if (isScalar(node) && node.range && node.value !== null)
      edits.push({ ...spanOf(node), text: written(field.value, node) });
    else missing.push(field);
  }
  const spliced = splice(text, edits);
  const edited = missing.length === 0 ? spliced : addFields(spliced, missing);
  const changed = sameButFor(text, edited, fields);
  if (changed === undefined) return { text: edited };
  return { wrong: changed, expected: 'a file whose other values stay', line: 1, isIndirect: true };
}

/** Passwords replaced by `***`, for showing; a text that is no YAML is not shown at all. */
export function maskPasswords(text: string): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) return '# not shown: this is no YAML\n';
  const edits: Splice[] = [];
  const walk = (node: unknown): void => {
    if (isSeq(node)) for (const item of node.items) walk(item);
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : '';
      if (/(pass(word|wd)?|token|secret|key)$/i.test(name) && isScalar(value) && value.value !== null)
        edits.push(masked(text, value));
      else walk(value);
    }
  };
  walk(document.contents);
  // A line that was commented out has an old one.
  return splice(text, edits).replace(
    /(#.*?(?:pass(?:word|wd)?|token|secret|key)["']?[ \t]*[:=])[ \t]*\S.*$/gim,
    '$1 ***',
  );
}

/** A block of text has its last line break in it: the next line must not join it. */
function masked(text: string, node: Scalar): Splice {
  const span = spanOf(node);
  return { ...span, text: text.slice(span.from, span.to).endsWith('\n') ? '"***"\n' : '"***"' };
}

function fieldsOf(wish: FilledWish, document: Document): Field[] {
  const { bootstrapNode, orBootstrapNode, altName, osRepos, clusterName } = wish;
  const images: Path = ['spec', 'imagesAndCharts'];
  const fields: Field[] = [
    {
      path: ['spec', 'bootstrapNode'],
      value: bootstrapNode,
      isRight: (found) => [bootstrapNode, ...orBootstrapNode].includes(found),
    },
    { path: ['spec', 'fullPackagePath'], value: wish.packagePath },
    {
      path: [...images, 'additionalSSLSubjectAltName'],
      value: altName,
      isRight: (found) => namesAmong(found, altName),
    },
  ];
  if (!document.hasIn([...images, 'type'])) fields.push({ path: [...images, 'type'], value: 'builtin' });
  if (clusterName !== undefined) fields.push({ path: ['spec', 'clusterName'], value: clusterName });
  if (osRepos !== undefined) {
    fields.push({ path: ['spec', 'osRepos', 'type'], value: 'builtin' });
    for (const key of ['isoPath', 'osPackagePath'] as const)
      fields.push({ path: ['spec', 'osRepos', key], value: osRepos[key] });
  }
  return [...fields, ...nodeFields(wish, document)];
}

/** Nodes are told apart by their names; those that only the file knows stay. */
function nodeFields(wish: FilledWish, document: Document): Field[] {
  const found = document.getIn(['spec', 'masterNodes']);
  const names = isSeq(found)
    ? found.items.map((item) => (isMap(item) ? item.get('nodeName') : undefined))
    : [];
  return wish.masterNodes.flatMap((node) => {
    if (!names.includes(node.nodeName)) names.push(node.nodeName);
    const at = names.indexOf(node.nodeName);
    return (['nodeName', 'ip', 'ansibleUser', 'ansiblePass'] as const).map((key) => ({
      path: ['spec', 'masterNodes', at, key],
      value: node[key],
    }));
  });
}

function findWrong(document: Document.Parsed, text: string): Edited | undefined {
  const lineAt = (offset: number): number => lineOf(text, offset);
  const [error] = document.errors;
  if (error !== undefined)
    return { wrong: error.message.split('\n')[0] ?? 'no YAML', expected: 'YAML', line: lineAt(error.pos[0]) };
  const version = document.getIn(['apiVersion'], true);
  if (isScalar(version) && version.value === API_VERSION && isMap(document.get('spec'))) return undefined;
  const expected = `apiVersion: ${API_VERSION}, and a spec`;
  const offset = isScalar(version) ? spanOf(version).from : 0;
  return {
    wrong: isScalar(version) ? `apiVersion: ${version.value}` : 'no apiVersion',
    expected,
    line: lineAt(offset),
  };
}

/** A number counts only as it is written: `0012` is not `12`. */
function isRight({ path, value, isRight: judge }: Field, document: Document): boolean {
  const node = document.getIn(path, true);
  if (!isScalar(node) || node.value === null) return false;
  const found = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
  return found === value || (judge?.(found) ?? false);
}

/** Where a value to be changed is an alias, has one elsewhere, or is a block of text: a person must write it out. */
function findIndirect(
  document: Document,
  text: string,
  { masterNodes }: FilledWish,
  fields: readonly Field[],
): Edited | undefined {
  const used = new Set<string>();
  visit(document, { Alias: (_key, { source }) => void used.add(source) });
  const nodes: Path = ['spec', 'masterNodes'];
  const found = document.getIn(nodes, true);
  // Without its name a node would be taken for one that is missing.
  const named =
    isSeq(found) && masterNodes.length > 0 ? found.items.map((_item, at) => [...nodes, at, 'nodeName']) : [];
  const places = [...fields.map(({ path }) => path), ...named].flatMap((path) =>
    path.map((_part, at) => path.slice(0, at + 1)),
  );
  const toChange = new Set(fields.map(({ path }) => path.join()));
  for (const path of places) {
    const node = document.getIn(path, true);
    if (!isNode(node)) continue;
    const of = (form: string): Edited => {
      const key = path.filter((part) => typeof part === 'string').at(-1);
      const line = lineOf(text, node.range?.[0] ?? 0);
      return { wrong: `${key}: ${form}`, expected: `${key}: "…"`, line, isIndirect: true };
    };
    if (isAlias(node)) return of(`*${node.source}`);
    if (!isCollection(node) && !isScalar(node)) continue;
    if (node.anchor !== undefined && used.has(node.anchor)) return of(`&${node.anchor}`);
    if (!isScalar(node) || !toChange.has(path.join())) continue;
    if (node.type === 'BLOCK_LITERAL') return of('|');
    if (node.type === 'BLOCK_FOLDED') return of('>');
  }
  return undefined;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The value's own characters, quotes included; comments and blanks after it are not its own. */
function spanOf(node: Scalar): { from: number; to: number } {
  const [from, to] = node.range as [number, number, number];
  return { from, to };
}

function splice(text: string, edits: readonly Splice[]): string {
  const lastFirst = edits.toSorted((a, b) => b.from - a.from);
  return lastFirst.reduce(
    (rest, { from, to, text: put }) => rest.slice(0, from) + put + rest.slice(to),
    text,
  );
}

/** In the quotes that stand there; a plain value that YAML would read as something else gets quotes. */
function written(value: string, { type }: Scalar): string {
  if (type === 'QUOTE_SINGLE' && !value.includes('\n')) return `'${value.replaceAll("'", "''")}'`;
  const isPlain = /^[A-Za-z/][\w./@-]*$|^\d+\.\d+\.\d+\.\d+$/.test(value) && !isKeyword(value);
  return type === 'QUOTE_DOUBLE' || !isPlain ? JSON.stringify(value) : value;
}

function isKeyword(value: string): boolean {
  return /^(true|false|null|yes|no|on|off|y|n)$/i.test(value);
}

function addFields(text: string, fields: readonly Field[]): string {
  // Every scalar is a text to it, written as it was: no `0012` becomes 12.
  const document = parseDocument(text, { schema: 'failsafe' });
  for (const { path, value } of fields) setIn(document, path, value);
  return document.toString({ lineWidth: 0, indentSeq: hasIndentedLists(text) });
}

/** As `setIn`, but a key without a value (`osRepos:`) becomes a map, or a list where its first key is a number. */
function setIn(document: Document, path: Path, value: string): void {
  for (let depth = 1; depth < path.length; depth++) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isMap(node) || isSeq(node)) continue;
    document.setIn(path.slice(0, depth), document.createNode(typeof path[depth] === 'number' ? [] : {}));
  }
  document.setIn(path, quoted(document, value));
}

function quoted(document: Document, value: string): Scalar {
  const node = document.createNode(value) as Scalar;
  node.type = 'QUOTE_DOUBLE';
  return node;
}

function hasIndentedLists(text: string): boolean {
  return !/^( *)[\w]+:[^\n]*\n\1- /m.test(text);
}

/** The vendor's sample, in its order and with its empty fields. */
function newConfig(wish: FilledWish): string {
  const osRepos = wish.osRepos ?? { isoPath: SAMPLE.isoPath, osPackagePath: SAMPLE.osPackagePath };
  const document = new Document({
    apiVersion: API_VERSION,
    kind: 'ClusterConfig',
    metadata: { creationTimestamp: null },
    spec: {
      clusterName: wish.clusterName ?? SAMPLE.clusterName,
      bootstrapNode: wish.bootstrapNode,
      masterNodes: wish.masterNodes,
      fullPackagePath: wish.packagePath,
      osRepos: { type: 'builtin', ...osRepos },
      imagesAndCharts: { type: 'builtin', additionalSSLSubjectAltName: wish.altName },
      addonPackage: null,
      binaries: { type: 'builtin' },
    },
  });
  quotePasswords(document);
  return document
    .toString({ lineWidth: 0, nullStr: '' })
    .replace('creationTimestamp:\n', 'creationTimestamp: null\n');
}

/** Quoted always: a password of digits must stay a text. */
function quotePasswords(document: Document): void {
  const nodes = document.getIn(['spec', 'masterNodes']);
  if (!isSeq(nodes)) return;
  for (const node of nodes.items) {
    const password = (node as YAMLMap).get('ansiblePass', true);
    if (isScalar(password)) password.type = 'QUOTE_DOUBLE';
  }
}
