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
  readFile: ReadFile | undefined,
  report: (problem: Problem) => void,
): AuditFile[] {
  return frames.flatMap((frame, index) => {
    const path: SitePath = ['audit', 'files', index, 'path'];
    const text = readText(frame.path, path, readFile, report);
    if (text === undefined) return [];
    const content = parseContent(frame, text, report);
    const { host, endpoint } = frame;
    const extra = {
      ...(host === undefined ? {} : { host }),
      ...(endpoint === undefined ? {} : { endpoint }),
    };
    return [{ ...content, path: frame.path, ...extra }];
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

function parseContent(frame: AuditFileFrame, text: string, report: (problem: Problem) => void): AuditContent {
  if (frame.kind === 'hosts-file') return { kind: frame.kind, hosts: parseHostsFile(frame.path, text) };
  if (frame.kind === 'resolv-conf') return { kind: frame.kind, resolver: parseResolvConf(frame.path, text) };
  if (frame.kind === 'cluster-config') {
    const { cluster, tree } = parseClusterConfig(frame.path, text);
    for (const problem of tree.problems) report(problem);
    return { kind: frame.kind, cluster };
  }
  return { kind: frame.kind, zone: parseZoneFile(frame.path, text, frame.origin) };
}
