/** From what the records of one owner are to what they shall be, as patches of the text. Pure. */
import { parseName } from '../../dns/name.ts';
import { canonicalAddress } from '../../site/address.ts';
import type { Patch } from './patch.ts';
import { nameKey, type ZoneRecord, type ZoneText } from './zone-records.ts';

/** `rdata` as the file shall write it. */
export interface WantedRecord {
  readonly type: string;
  readonly rdata: string;
}

/** What the file shall say about one owner: the records in `isOurs` become exactly `wanted`. */
export interface RrsetChange {
  /** Absolute, with or without the final dot. */
  readonly owner: string;
  /** Which records of the owner the change is about; the others stay. */
  isOurs(record: ZoneRecord): boolean;
  /** Empty: they are taken away. */
  readonly wanted: readonly WantedRecord[];
  readonly ttlSeconds: number;
}

/**
 * The patches of one change, none where the text says it already. Records that stay keep their lines; a record that
 * goes gives its line to one that comes; the rest are taken out, or added after the last of the owner.
 */
export function rrsetPatches(zone: ZoneText, change: RrsetChange, atOwner: readonly ZoneRecord[]): Patch[] {
  const missing = [...change.wanted];
  const patches: Patch[] = [];
  const spare: ZoneRecord[] = [];
  for (const record of atOwner.filter((one) => change.isOurs(one))) {
    const index = missing.findIndex((wanted) => says(record, wanted));
    if (index === -1) spare.push(record);
    else {
      missing.splice(index, 1);
      patches.push(...ttlPatch(record, change.ttlSeconds));
    }
  }
  const reused = spare.splice(0, missing.length);
  for (const record of reused) {
    patches.push(...rewrite(record, missing.shift() as WantedRecord, change.ttlSeconds));
  }
  const sibling = atOwner.findLast((record) => !spare.includes(record));
  patches.push(...missing.map((wanted) => insertion(zone, change, wanted, sibling)));
  return [...patches, ...removals(zone, spare)];
}

function says(record: ZoneRecord, wanted: WantedRecord): boolean {
  const [only, ...more] = record.rdata;
  if (record.type !== wanted.type || only === undefined || more.length > 0) return false;
  if (wanted.type === 'PTR') return nameKey(only.text, record.origin) === parseName(wanted.rdata).key;
  if (wanted.type === 'TXT') return `"${only.text}"` === wanted.rdata;
  return canonicalAddress(only.text) === canonicalAddress(wanted.rdata);
}

function ttlPatch(record: ZoneRecord, ttlSeconds: number): Patch[] {
  if (record.ttlSeconds === ttlSeconds) return [];
  if (record.ttlToken !== undefined) {
    return [{ start: record.ttlToken.start, end: record.ttlToken.end, replacement: String(ttlSeconds) }];
  }
  const { start } = record.classToken ?? record.typeToken;
  return [{ start, end: start, replacement: `${ttlSeconds} ` }];
}

function rewrite(record: ZoneRecord, wanted: WantedRecord, ttlSeconds: number): Patch[] {
  const first = record.rdata[0];
  const last = record.rdata.at(-1);
  const end = record.typeToken.end;
  const rdata =
    first === undefined || last === undefined
      ? { start: end, end, replacement: ` ${wanted.rdata}` }
      : { start: first.start, end: last.end, replacement: wanted.rdata };
  const type =
    record.type === wanted.type ? [] : [{ start: record.typeToken.start, end, replacement: wanted.type }];
  return [...ttlPatch(record, ttlSeconds), ...type, rdata];
}

/** A line of its own after the owner's last record, or at the end of the file with the owner in full. */
function insertion(
  zone: ZoneText,
  change: RrsetChange,
  wanted: WantedRecord,
  sibling: ZoneRecord | undefined,
): Patch {
  const owner = sibling?.ownerToken?.text ?? `${change.owner.replace(/\.$/, '')}.`;
  const line = [owner, change.ttlSeconds, 'IN', wanted.type, wanted.rdata].join('\t');
  const at = sibling?.entry.end ?? zone.text.length;
  const lineEnd = zone.text.includes('\r\n') ? '\r\n' : '\n';
  const isOpen = at > 0 && zone.text[at - 1] !== '\n';
  return { start: at, end: at, replacement: isOpen ? `${lineEnd}${line}` : `${line}${lineEnd}` };
}

/** Takes records out with their lines. What inherited its owner from one of them is given the owner itself. */
function removals(zone: ZoneText, gone: readonly ZoneRecord[]): Patch[] {
  const patches: Patch[] = gone.map(({ entry }) => ({ start: entry.start, end: entry.end, replacement: '' }));
  let orphaning: ZoneRecord | undefined;
  for (const record of zone.records) {
    const isGone = gone.includes(record);
    if (record.ownerToken !== undefined) orphaning = isGone ? record : undefined;
    else if (!isGone && orphaning !== undefined) {
      const sameOrigin = orphaning.origin.equals(record.origin);
      const owner = sameOrigin ? (orphaning.ownerToken?.text as string) : absolute(orphaning);
      patches.push({ start: record.entry.start, end: record.entry.start, replacement: owner });
      orphaning = undefined;
    }
  }
  return patches;
}

function absolute(record: ZoneRecord): string {
  const written = record.ownerToken?.text ?? '@';
  return (written === '@' ? record.origin : parseName(written, record.origin)).toString();
}
