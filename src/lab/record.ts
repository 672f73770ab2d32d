/** What a lab is, on disk: everything another process needs to work with it. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf, systemCode } from '../base/errors.ts';
import { replaceFile } from '../store/durable.ts';
import { livenessOf, processIdentity } from '../store/process-identity.ts';
import { LabError } from './lab-error.ts';

const networkAddress = z.object({ address: z.string(), prefixLength: z.number() });

const hostRecord = z.object({
  name: z.string(),
  /** Its first address in the site file, where the lab could not use that one. */
  insteadOf: z.string().exactOptional(),
  addresses: z.array(networkAddress).min(1),
  gateways: z.array(z.string()),
  port: z.number(),
  user: z.string(),
  sudo: z.enum(['none', 'nopasswd', 'password']),
  /** Names its container and, with `vb-` before it, its port on the bridge: 12 characters at most. */
  machine: z.string(),
  standins: z.array(z.string()),
});

const labRecord = z.object({
  format: z.literal(1),
  name: z.string(),
  /** The site file, absolute. */
  file: z.string(),
  site: z.string(),
  /** Folder of the base image. */
  image: z.string(),
  hosts: z.array(hostRecord),
  controller: z.array(networkAddress),
  supervisor: processIdentity,
  /** False while it is being brought up. */
  ready: z.boolean(),
});

export type HostRecord = z.infer<typeof hostRecord>;
export type LabRecord = z.infer<typeof labRecord>;

/**
 * Reads the record of a lab; undefined where there is none.
 * @throws LabError `lab/record-unreadable`
 */
export async function readRecord(path: string): Promise<LabRecord | undefined> {
  try {
    return labRecord.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined;
    throw new LabError({
      code: 'lab/record-unreadable',
      message: `cannot understand ${path}`,
      expected: 'the description of a lab, by this version of Holdfast',
      got: cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause),
      hint: "Take the lab down ('holdfast lab down') and up again.",
      cause,
    });
  }
}

export async function writeRecord(path: string, record: LabRecord): Promise<void> {
  await replaceFile(path, `${JSON.stringify(record, null, 2)}\n`);
}

/** Whether its supervisor still runs: a pid that was given to another process since does not count. */
export function isAlive(record: LabRecord): boolean {
  return livenessOf(record.supervisor) === 'alive';
}
