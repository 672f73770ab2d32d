import { dirname, isAbsolute, join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { AuditContent, AuditFile } from './audit/audit-file.ts';
import { parseClusterConfig } from './audit/cluster-config.ts';
import { parseHostsFile } from './audit/hosts-file.ts';
import { parseResolvConf } from './audit/resolv-conf.ts';
import { parseZoneFile } from './audit/zone-file.ts';
import type { AuditFileFrame } from './frame.ts';
import { loadReasons as reasons } from './load-reasons.ts';
import type { SitePath } from './model.ts';
import type { Problem } from './problem.ts';
import { decodeText } from './text.ts';

/** Reads a file named in the site, relative to the site file's folder. @throws where it cannot be read */
export type ReadFile = (path: string) => string | Uint8Array;

/** Reads and parses the vendor files that the site names; those that cannot be read are reported. */
export function buildAudit(
  frames: readonly AuditFileFrame[],
  siteFile: string,
  readFile: ReadFile | undefined,
  report: (problem: Problem) => void,
): AuditFile[] {
  return frames.flatMap((frame, index) => {
    const path: SitePath = ['audit', 'files', index, 'path'];
    const text = readText(frame.path, path, readFile, report);
    if (text === undefined) return [];
    const file = isAbsolute(frame.path) ? frame.path : join(dirname(siteFile), frame.path);
    const content = parseContent({ ...frame, file, index }, text, report);
    const { host, endpoint } = frame;
    const extra = {
      ...(host === undefined ? {} : { host }),
      ...(endpoint === undefined ? {} : { endpoint }),
    };
    return [{ ...content, path: frame.path, file, ...extra }];
  });
}

function readText(
  file: string,
  path: SitePath,
  readFile: ReadFile | undefined,
  report: (problem: Problem) => void,
): string | undefined {
  try {
    if (readFile === undefined) throw new Error('no files can be read here');
    // Vendor files of another encoding are read as far as they go: what matters in them is ASCII.
    return decodeText(readFile(file)).text;
  } catch (error) {
    const because = reasons.of('file-unreadable', { path: file, why: messageOf(error) });
    report({ check: 'unreadable-file', path, on: 'value', because, hint: reasons.of('check-path') });
    return undefined;
  }
}

function parseContent(
  frame: AuditFileFrame & { file: string; index: number },
  text: string,
  report: (problem: Problem) => void,
): AuditContent {
  const { kind } = frame;
  if (kind === 'hosts-file') return { kind, hosts: parseHostsFile(frame.file, text) };
  if (kind === 'resolv-conf') return { kind, resolver: parseResolvConf(frame.file, text) };
  if (kind === 'cluster-config') {
    const { cluster, tree } = parseClusterConfig(frame.file, text);
    for (const problem of tree.problems) report(problem);
    return { kind, cluster };
  }
  const zone = parseZoneFile(frame.file, text, frame.origin);
  if (zone.origin === '') report(missingOrigin(frame, frame.index));
  return { kind, zone };
}

function missingOrigin(frame: AuditFileFrame, index: number): Problem {
  const example = frame.kind === 'zone' ? 'origin: example.com' : 'origin: 2.0.192.in-addr.arpa';
  return {
    check: 'missing-key',
    path: ['audit', 'files', index, 'path'],
    on: 'value',
    because: reasons.of('zone-without-origin'),
    hint: reasons.of('add-key-example', { example }),
  };
}
