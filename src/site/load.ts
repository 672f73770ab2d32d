/**
 * A site file → a Site, or everything that is wrong with it. Pure: the text and what reads other files come in,
 * values go out; nothing is thrown for a user's mistake.
 */
import { type Digest, digestOf } from '../base/digest.ts';
import type { Finding } from '../base/finding.ts';
import { buildAudit, type ReadFile } from './build-audit.ts';
import { type Building, buildEndpoint } from './build-endpoints.ts';
import { buildHosts } from './build-hosts.ts';
import { type SiteFrame, type StackFrame, siteFrame } from './frame.ts';
import { parseAt } from './issue.ts';
import { type ParsedKinds, parseKinds } from './kinds.ts';
import { loadChecks } from './load-checks.ts';
import { loadReasons as reasons } from './load-reasons.ts';
import type { Site, StackSpec } from './model.ts';
import type { Problem } from './problem.ts';
import { withNames } from './references.ts';
import type { SiteSchemas } from './schemas.ts';
import { decodeText } from './text.ts';
import { parseYaml, type YamlTree } from './yaml-tree.ts';

export interface LoadInput {
  /** As the user named it; shown in positions. */
  readonly file: string;
  readonly text: string | Uint8Array;
  readonly schemas: SiteSchemas;
  /** Reads files that the site names (`audit:`), relative to its folder. Without it, naming one is an error. */
  readonly readFile?: ReadFile;
  /** `hosts`: where only the rest of the file has mistakes, a site of name, hosts and access will do. */
  readonly need?: Need;
}

/** What a caller works with. A run keeps its plan: to go on or back it needs no more than the way to the hosts. */
export type Need = 'all' | 'hosts';

export interface Loaded {
  /** Absent where the file cannot be used for what is needed. */
  readonly site?: Site;
  /** True where the site has name, hosts and access only, because the rest has the mistakes in `findings`. */
  readonly isCut: boolean;
  readonly findings: readonly Finding[];
}

/** Loads a site file: all problems at once, in the order in which they stand in the file. */
export function loadSite(input: LoadInput): Loaded {
  const decoded = decodeText(input.text);
  if ('broken' in decoded) return { isCut: false, findings: [encodingFinding(input.file, decoded)] };
  const tree = parseYaml(input.file, decoded.text);
  const problems: Problem[] = [...tree.problems];
  const site =
    tree.value === undefined ? undefined : readSite(input, tree, (problem) => problems.push(problem));
  const findings = withoutConsequences(problems.map((problem) => toFinding(problem, tree))).sort(byPosition);
  if (problems.length === 0 && site !== undefined) return { site, isCut: false, findings };
  // A key that stands twice, an alias that blows up: which value was meant is unknown, wherever it stands.
  const cut = input.need === 'hosts' && tree.problems.length === 0 ? readHosts(input, tree) : undefined;
  return cut === undefined ? { isCut: false, findings } : { site: cut, isCut: true, findings };
}

const KEYS_OF_HOSTS = ['apiVersion', 'kind', 'metadata', 'access', 'hosts'];

/** The site without endpoints, stacks and all else; undefined where what is left has a mistake, too. */
function readHosts(input: LoadInput, tree: YamlTree): Site | undefined {
  if (typeof tree.value !== 'object' || tree.value === null) return undefined;
  const value = Object.fromEntries(Object.entries(tree.value).filter(([key]) => KEYS_OF_HOSTS.includes(key)));
  let isSound = true;
  const site = readSite(input, { ...tree, value }, () => {
    isSound = false;
  });
  if (site === undefined || !isSound) return undefined;
  // Never that of a plan: what was planned from had no mistakes.
  return { ...site, digest: digestOf({ cut: site.digest }) };
}

function readSite(input: LoadInput, tree: YamlTree, report: (problem: Problem) => void): Site | undefined {
  if (typeof tree.value !== 'object' || tree.value === null || Array.isArray(tree.value)) {
    const got = Array.isArray(tree.value) ? '[…]' : String(tree.value);
    report({
      check: 'wrong-value',
      path: [],
      on: 'value',
      because: reasons.of('expected-mapping', { got }),
      hint: reasons.of('run-init'),
    });
    return undefined;
  }
  const value = Object.fromEntries(Object.entries(tree.value).filter(([key]) => !key.startsWith('x-')));
  const names = { host: keysOf(value.hosts), endpoint: keysOf(value.endpoints) };
  return withNames(names, () => {
    // Both, whatever the first says: a misspelt host must not hide a misspelt setting of a driver.
    const frame = parseAt(siteFrame, value, [], report);
    const kinds = parseKinds(value, input.schemas, report);
    return frame === undefined ? undefined : buildSite(frame, kinds, input, tree, report);
  });
}

function buildSite(
  frame: SiteFrame,
  kinds: ParsedKinds,
  input: LoadInput,
  tree: YamlTree,
  report: (problem: Problem) => void,
): Site {
  const hosts = buildHosts(frame.hosts, frame.access);
  const stackFrames = Object.entries(frame.stacks ?? {});
  const withStack = new Set(stackFrames.flatMap(([, stack]) => stack.endpoint ?? []));
  const building: Building = { kinds, hosts, withStack };
  const endpoints = new Map(
    Object.entries(frame.endpoints ?? {}).map(([name, endpoint]) => [
      name,
      buildEndpoint(name, endpoint, building),
    ]),
  );
  const stacks = new Map(stackFrames.map(([name, stack]) => [name, buildStack(name, stack, kinds)]));
  const watch = { concurrency: frame.watch?.concurrency ?? 64 };
  const auditFiles = buildAudit(frame.audit?.files ?? [], input.file, input.readFile, report);
  let digest: Digest | undefined;
  return {
    name: frame.metadata.name,
    file: input.file,
    hosts,
    endpoints,
    stacks,
    watch,
    suppressions: (frame.lint?.suppress ?? []).map(({ rule, path, because }) => ({
      rule,
      because,
      ...(path === undefined ? {} : { path }),
    })),
    auditFiles,
    // Made when first asked for: linting a site of ten thousand hosts has no use for it.
    get digest() {
      digest ??= digestOf({ name: frame.metadata.name, hosts, endpoints, stacks, watch });
      return digest;
    },
    where: (path) => tree.where(path),
  };
}

function buildStack(name: string, frame: StackFrame, kinds: ParsedKinds): StackSpec {
  const { kind, endpoint } = frame;
  return { name, kind, ...(endpoint === undefined ? {} : { endpoint }), spec: kinds.stack(name) };
}

function keysOf(value: unknown): ReadonlySet<string> {
  return new Set(
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [],
  );
}

function toFinding(problem: Problem, tree: YamlTree): Finding {
  return {
    rule: loadChecks[problem.check].id,
    severity: 'error',
    because: problem.because,
    hint: problem.hint,
    position: problem.at ?? tree.where(problem.path, problem.on),
  };
}

function encodingFinding(file: string, broken: { broken: string; line: number; column: number }): Finding {
  const because = reasons.of(broken.broken === 'utf-16' ? 'is-utf-16' : 'not-utf-8');
  const position = { file, line: broken.line, column: broken.column, length: 1 };
  return {
    rule: loadChecks.syntax.id,
    severity: 'error',
    because,
    hint: reasons.of('save-as-utf-8'),
    position,
  };
}

/** A value that could not be read is not also wrong: one finding a place, if that is about the syntax. */
function withoutConsequences(findings: readonly Finding[]): Finding[] {
  const key = ({ position }: Finding): string => `${position?.file}:${position?.line}:${position?.column}`;
  const broken = new Set(findings.filter((finding) => finding.rule === loadChecks.syntax.id).map(key));
  return findings.filter((finding) => finding.rule === loadChecks.syntax.id || !broken.has(key(finding)));
}

function byPosition(a: Finding, b: Finding): number {
  const [p, q] = [a.position, b.position];
  if (p === undefined || q === undefined || p.file !== q.file) return 0;
  return p.line - q.line || p.column - q.column;
}
