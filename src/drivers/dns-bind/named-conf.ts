/** What named.conf says, as `named-checkconf -px` prints it: includes in place, secrets blotted out (named-checkconf(8)). Pure. */

/** One statement: its words, and what stands in its braces. */
export interface Statement {
  readonly words: readonly string[];
  readonly block: readonly Statement[] | undefined;
}

/** One zone statement. */
export interface NamedZone {
  /** Lower case, without a final dot. */
  readonly zone: string;
  /** `primary`, `secondary`, `forward` …; the old words for the first two are translated. */
  readonly type: string;
  /** Absolute where the configuration says in which directory; as written otherwise. */
  readonly file: string | undefined;
  /** Whether others than BIND's own tools may change it: allow-update or update-policy. */
  readonly isDynamic: boolean;
  readonly view: string | undefined;
}

/** Reads a configuration into statements. What is not well formed ends the block it stands in. */
export function parseNamedConf(text: string): readonly Statement[] {
  const tokens = [...text.matchAll(/"((?:[^"\\]|\\.)*)"|[{};]|[^\s{};"]+/g)];
  let at = 0;
  const readBlock = (): Statement[] => {
    const statements: Statement[] = [];
    let words: string[] = [];
    let block: Statement[] | undefined;
    for (let token = tokens[at++]; token !== undefined; token = tokens[at++]) {
      const [written, quoted] = token;
      if (written === '}') break;
      if (written === '{') block = readBlock();
      else if (written === ';') {
        if (words.length > 0 || block !== undefined) statements.push({ words, block });
        words = [];
        block = undefined;
      } else words.push(quoted ?? written);
    }
    return statements;
  };
  return readBlock();
}

/** Every zone of a configuration, those in views included. */
export function namedZones(statements: readonly Statement[]): NamedZone[] {
  const options = statements.find((one) => one.words[0] === 'options')?.block ?? [];
  const directory = options.find((one) => one.words[0] === 'directory')?.words[1];
  const inside = (list: readonly Statement[], view: string | undefined): NamedZone[] =>
    list.flatMap((one) => {
      if (one.words[0] === 'view') return inside(one.block ?? [], one.words[1]);
      return one.words[0] === 'zone' ? [toZone(one, directory, view)] : [];
    });
  return inside(statements, undefined);
}

const TYPES: Readonly<Record<string, string>> = { master: 'primary', slave: 'secondary' };

function toZone(
  { words, block = [] }: Statement,
  directory: string | undefined,
  view: string | undefined,
): NamedZone {
  const find = (name: string): Statement | undefined => block.find((one) => one.words[0] === name);
  const type = find('type')?.words[1] ?? '';
  const file = find('file')?.words[1];
  const updaters = find('allow-update')?.block?.map((one) => one.words.join(' ')) ?? [];
  return {
    zone: (words[1] ?? '').toLowerCase().replace(/\.$/, ''),
    type: TYPES[type] ?? type,
    file: file === undefined || file.startsWith('/') || !directory ? file : `${directory}/${file}`,
    isDynamic: find('update-policy') !== undefined || updaters.some((one) => one !== 'none'),
    view,
  };
}
