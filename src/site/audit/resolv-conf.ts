import { isIpAddress } from '../address.ts';
import type { Placed, ResolvConf } from './audit-file.ts';
import { type Word, wordsByLine } from './lines.ts';

/** Parses a resolver configuration; the last `search` or `domain` line wins, as in glibc. */
export function parseResolvConf(file: string, text: string): ResolvConf {
  const nameservers: Placed<string>[] = [];
  const options = new Map<string, Placed<number>>();
  let search: Placed<string>[] = [];
  for (const [keyword, ...words] of wordsByLine(file, text, /[#;].*$/)) {
    if (keyword?.text === 'nameserver')
      nameservers.push(
        ...words
          .slice(0, 1)
          .filter((word) => isIpAddress(word.text))
          .map(placed),
      );
    if (keyword?.text === 'search') search = words.map(placed);
    if (keyword?.text === 'domain') search = words.slice(0, 1).map(placed);
    if (keyword?.text === 'options') for (const word of words) readOption(word, options);
  }
  const timeout = options.get('timeout');
  return {
    nameservers,
    search,
    ndots: options.get('ndots'),
    timeoutMs: timeout === undefined ? undefined : { ...timeout, value: timeout.value * 1_000 },
    attempts: options.get('attempts'),
  };
}

function placed(word: Word): Placed<string> {
  return { value: word.text, position: word.position };
}

function readOption(word: Word, into: Map<string, Placed<number>>): void {
  const match = /^(ndots|timeout|attempts):(\d+)$/.exec(word.text);
  if (match !== null) into.set(match[1] as string, { value: Number(match[2]), position: word.position });
}
