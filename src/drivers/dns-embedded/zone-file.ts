import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { formatPosition } from '../../base/position.ts';
import { renderReason } from '../../base/reason.ts';
import { dnsReasons } from '../../dns/reasons.ts';
import type { DnsRecord } from '../../dns/record.ts';
import { parseZoneFile } from '../../dns/zone-file.ts';
import { DnsEmbeddedError } from './error.ts';

/**
 * Reads a zone file with what it includes. Paths are relative to the file that names them.
 * @param path absolute
 * @throws DnsEmbeddedError `dns-embedded/zone-file` with every mistake
 */
export function readZoneFile(path: string, zone: string): readonly DnsRecord[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw failed(path, zone, [messageOf(error)]);
  }
  const include = (included: string, from: string): string =>
    readFileSync(resolve(dirname(from), included), 'utf8');
  const { records, findings } = parseZoneFile(text, { origin: zone, file: path, include });
  const mistakes = findings
    .filter(({ severity }) => severity === 'error')
    .map(({ because, position }) => {
      const where = position === undefined ? '' : `${formatPosition(position)}: `;
      return `${where}${renderReason(because, [dnsReasons], 'en')}`;
    });
  if (mistakes.length > 0) throw failed(path, zone, mistakes);
  return records;
}

function failed(path: string, zone: string, mistakes: readonly string[]): DnsEmbeddedError {
  const more = mistakes.length > 1 ? ` (and ${mistakes.length - 1} more)` : '';
  return new DnsEmbeddedError({
    code: 'dns-embedded/zone-file',
    message: `the zone file of ${zone} cannot be read`,
    expected: `a zone file in BIND's format at ${path}`,
    got: `${mistakes[0]}${more}`,
    hint: `Run \`named-checkzone ${zone} ${path}\` and mend what it reports.`,
    evidence: mistakes.join('\n'),
  });
}
