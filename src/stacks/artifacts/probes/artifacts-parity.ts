/** Whether the member that is probed holds everything that the active one holds: asked before it may lead again. */
import { z } from 'zod';
import { throwIfAborted } from '../../../base/interrupt.ts';
import { joinReasons, type Reason } from '../../../base/reason.ts';
import type { ProbeContext, ProbeKind, ProbeResult } from '../../../probes/probe.ts';
import { type Asking, beginAsking } from '../../../probes/verdict/evidence.ts';
import { runReasons } from '../../../probes/verdict/run-reasons.ts';
import { say } from '../../../site/described.ts';
import { hostAddress } from '../../../site/values.ts';
import { ArtifactsError } from '../error.ts';
import { compareMembers } from '../parity/compare-members.ts';
import { nameFew, type Pair, type Parity } from '../parity/parity.ts';
import { reasons } from '../reasons.ts';
import { artifactsSpec } from '../schema.ts';

const active = z.strictObject({
  member: say(z.string().min(1), 'Its name.', '其名称。'),
  address: say(hostAddress(), 'Its address.', '其地址。'),
});
const args = z.strictObject({
  active: say(active, 'The member to compare with.', '与之比较的成员。'),
  ...artifactsSpec.shape,
});
export type ArtifactsParityArgs = z.infer<typeof args>;

export const artifactsParity: ProbeKind<ArtifactsParityArgs> = {
  kind: 'artifacts-parity',
  summary: {
    en: 'a member holds every image, file and chart that the active one holds',
    zh: '成员具备活动成员的全部镜像、文件和 chart',
  },
  args,
  reasons: joinReasons(runReasons, reasons),
  title: (given, target) => `compare what ${target.member} holds with what ${given.active.member} holds`,
  run: runParity,
};

async function runParity(ctx: ProbeContext, given: ArtifactsParityArgs): Promise<ProbeResult> {
  const asking = beginAsking(
    ctx.clock,
    artifactsParity.title(given, ctx.target),
    `everything that ${given.active.member} holds, with the same content`,
  );
  try {
    const addresses = { active: given.active.address, candidate: ctx.target.address };
    const parity = await compareMembers(given, addresses, ctx);
    return verdict(asking, parity, given.active.member, ctx.target.member);
  } catch (error) {
    throwIfAborted(ctx.signal);
    if (!(error instanceof ArtifactsError)) throw error;
    return silent(asking, error, given, ctx.target.member);
  }
}

/** A candidate that cannot say what it holds is not fit; with a silent active member nothing is known. */
function silent(
  asking: Asking,
  error: ArtifactsError,
  given: ArtifactsParityArgs,
  candidate: string,
): ProbeResult {
  const detail = error.got === undefined ? error.message : `${error.message} (${error.got})`;
  if (error.address === given.active.address) {
    const params = { active: given.active.member, detail };
    return asking.unknown(detail, reasons.of('artifacts/active-silent', params));
  }
  return asking.down(detail, reasons.of('artifacts/candidate-silent', { candidate, detail }));
}

function verdict(asking: Asking, parity: Parity, active: string, candidate: string): ProbeResult {
  const { image: images, file: files, chart: charts } = parity.counts;
  const weak = parity.weaklyCompared === 0 ? '' : `, ${parity.weaklyCompared} of them by size or name only`;
  const compared = `compared (images: ${images}, files: ${files}, charts: ${charts}${weak})`;
  if (parity.holdsAll) {
    const params = { candidate, active, images, files, charts };
    return asking.up(compared, reasons.of('artifacts/holds-all', params));
  }
  const got = [
    compared,
    few('missing', parity.missing),
    few('another content', parity.conflicts),
    few('not whole', parity.incomplete),
  ].filter((part) => part !== '');
  const what = whatIsWrong(parity, images + files + charts);
  return asking.down(got.join('; '), reasons.of('artifacts/not-fit', { candidate, active, what }));
}

function few(what: string, pairs: readonly Pair[]): string {
  return pairs.length === 0 ? '' : `${what}: ${nameFew(pairs)}`;
}

function whatIsWrong({ missing, conflicts, incomplete }: Parity, total: number): Reason {
  const parts: Reason[] = [];
  const add = (code: 'missing' | 'conflict' | 'incomplete', pairs: readonly Pair[]): void => {
    if (pairs.length === 0) return;
    parts.push(reasons.of(`artifacts/${code}`, { count: pairs.length, total, names: nameFew(pairs) }));
  };
  add('missing', missing);
  add('conflict', conflicts);
  add('incomplete', incomplete);
  return parts.reduce((first, second) => reasons.of('artifacts/and', { first, second }));
}
