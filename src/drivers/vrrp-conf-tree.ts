/** keepalived.conf(5) as a tree whose every node knows its line. Pure; reads what people write, and refuses nothing. */

export interface ConfNode {
  /** The words before the end of the line or the brace: `interface eth0`, `vrrp_instance VI_1`. */
  readonly words: readonly string[];
  /** Beginning with 1. */
  readonly line: number;
  readonly children: readonly ConfNode[];
}

interface Open {
  readonly words: readonly string[];
  readonly line: number;
  readonly children: ConfNode[];
}

/** `#` and `!` begin comments; a brace may stand on a line of its own. */
export function parseKeepalivedConf(text: string): readonly ConfNode[] {
  const root: Open = { words: [], line: 0, children: [] };
  const open: Open[] = [root];
  const top = (): Open => open.at(-1) as Open;
  for (const [index, full] of text.split('\n').entries()) {
    const line = index + 1;
    let words: string[] = [];
    const end = (): void => {
      if (words.length > 0) top().children.push({ words, line, children: [] });
      words = [];
    };
    for (const [token] of full.replace(/[#!].*/, '').matchAll(/"[^"]*"|[{}]|[^\s{}"]+/g)) {
      if (token === '{') {
        // The name may stand on the line before.
        const named = words.length > 0 ? { words, line } : (top().children.pop() ?? { words, line });
        words = [];
        open.push({ ...named, children: [] });
      } else if (token === '}') {
        end();
        const closed = open.length > 1 ? (open.pop() as Open) : undefined;
        if (closed !== undefined) top().children.push(closed);
      } else words.push(token.replaceAll('"', ''));
    }
    end();
  }
  while (open.length > 1) {
    const cut = open.pop() as Open;
    top().children.push(cut);
  }
  return root.children;
}

/** The first node of that name, and the word after its name. */
export function child(nodes: readonly ConfNode[], name: string): ConfNode | undefined {
  return nodes.find(({ words }) => words[0] === name);
}
