/**
 * What is on disk of a fault while it lasts: a folder of the lab's `faults/`, whose name says host, kind and subject,
 * so that there cannot be two of the same. Names that begin with a dot are of faults that are coming or going.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { systemCode } from '../../base/errors.ts';
import { type Fault, faultKinds } from './kinds.ts';

const faultRecord = z.object({
  format: z.literal(1),
  /** Tells it from an earlier fault in a folder of the same name. */
  token: z.string(),
  host: z.string(),
  kind: z.custom<Fault['kind']>((kind) => typeof kind === 'string' && faultKinds.names.includes(kind)),
  /** What was asked for, as the kind's schema has read it. */
  fault: z.looseObject({ kind: z.string() }),
  /** Wall clock, milliseconds. */
  beganAt: z.number(),
  endsAt: z.number(),
});

export type FaultRecord = z.infer<typeof faultRecord>;

/** A fault that is there. */
export interface ActiveFault extends FaultRecord {
  readonly folder: string;
  /** What its end script said, where it failed: then only a person or `lab down` ends it. */
  readonly stuck?: string;
}

export const FILES = {
  record: 'record.json',
  begin: 'begin.sh',
  end: 'end.sh',
  endLog: 'end.log',
} as const;

/** The name of the folder. */
export function faultName(host: string, kind: string, subject: string | undefined): string {
  return [host, kind, ...(subject === undefined ? [] : [subject])].map(encodeURIComponent).join('~');
}

/** Every fault of the lab that has not ended, in order of their ends. @param faults the folder of all */
export async function activeFaults(faults: string): Promise<ActiveFault[]> {
  const names = await readdir(faults).catch(() => []);
  const folders = names.filter((name) => !name.startsWith('.')).map((name) => join(faults, name));
  const found = await Promise.all(folders.map(readFault));
  return found.filter((each) => each !== undefined).sort((a, b) => a.endsAt - b.endsAt);
}

/** The fault in the folder; undefined where it has ended. */
async function readFault(folder: string): Promise<ActiveFault | undefined> {
  try {
    const record = faultRecord.parse(JSON.parse(await readFile(join(folder, FILES.record), 'utf8')));
    const said = await readFile(join(folder, FILES.endLog), 'utf8').catch(() => undefined);
    return { ...record, folder, ...(said === undefined ? {} : { stuck: said.trim() }) };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
