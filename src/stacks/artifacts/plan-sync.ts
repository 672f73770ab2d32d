/** Copying what one member holds and another lacks, as steps: one a service, in the lane of the target's host. Pure. */
import type { Finding } from '../../base/finding.ts';
import { defineReasons } from '../../base/reason.ts';
import type { Step } from '../../engine/step.ts';
import type { Site, StackSpec } from '../../site/model.ts';
import type { SyncGoal, SyncPlan } from '../stack.ts';
import type { ArtifactsSpec, ServiceName, ServiceSpec } from './schema.ts';
import { endpointOf } from './services.ts';
import type { SyncChartsArgs } from './steps/artifacts-sync-charts.ts';
import type { SyncFilesArgs } from './steps/artifacts-sync-files.ts';
import type { SyncImagesArgs } from './steps/artifacts-sync-images.ts';
import type { LinkArgs, LinkService } from './sync/link.ts';
import { syncReasons } from './sync/reasons.ts';

/** What is planned, and what is left out. */
export const planSyncReasons = defineReasons({
  'artifacts/files-not-written': {
    en: "files of '{stack}' are left out: the site does not say how they are written",
    zh: '“{stack}”的文件不在同步之列：站点文件未说明写入方式',
  },
  'artifacts/say-write': {
    en: 'set files.write: s3 with its keys, or folder',
    zh: '请设置 files.write：s3（及其密钥）或 folder',
  },
  'artifacts/files-not-compared': {
    en: "files of '{stack}' are left out: files.compare is false",
    zh: '“{stack}”的文件不在同步之列：files.compare 为 false',
  },
  'artifacts/say-compare': { en: 'set files.compare', zh: '请设置 files.compare' },
});

/** See the top of this file. Without an endpoint there are no members, and no steps. */
export function planSync(site: Site, stack: StackSpec<ArtifactsSpec>, goal: SyncGoal): SyncPlan {
  const { registry, files, charts } = stack.spec;
  const link = (service: ServiceSpec): LinkArgs => linkOf(site, stack, service, goal);
  const step = (name: ServiceName, kind: string, args: LinkArgs): Step => ({
    id: `${goal.to.name}/${stack.name}-sync-${name}-from-${goal.from.name}`,
    kind,
    host: goal.to.host,
    args,
    needs: goal.after.filter((id) => id.includes(`/${stack.name}-sync-${name}-`)),
    why: syncReasons.of('artifacts/must-hold', { from: goal.from.name, to: goal.to.name }),
    from: site.where(['stacks', stack.name, name]),
  });
  const steps: Step[] = [];
  const warnings: Finding[] = [];
  if (registry !== false) {
    const args: SyncImagesArgs = { ...link(registry), deletes: registry.deletes };
    steps.push(step('registry', 'artifacts-sync-images', args));
  }
  if (files !== false) {
    const { compare, write } = files;
    if (compare === false) warnings.push(leftOut(site, stack, 'files-not-compared', 'say-compare'));
    else if (write === undefined) warnings.push(leftOut(site, stack, 'files-not-written', 'say-write'));
    else {
      const args: SyncFilesArgs = { ...link(files), compare, write };
      steps.push(step('files', 'artifacts-sync-files', args));
    }
  }
  if (charts !== false) {
    const args: SyncChartsArgs = { ...link(charts), path: charts.path, write: charts.write };
    steps.push(step('charts', 'artifacts-sync-charts', args));
  }
  return { steps, warnings };
}

function linkOf(
  site: Site,
  stack: StackSpec<ArtifactsSpec>,
  spec: ServiceSpec,
  { from, to, prefer }: SyncGoal,
): LinkArgs {
  const { scheme, port, auth, caFile, fingerprint, insecure, minValidFor } = spec;
  const serverName = spec.serverName ?? endpointOf(site, stack)?.dnsName;
  const service: LinkService = {
    scheme,
    port,
    insecure,
    minValidFor,
    ...(auth === undefined ? {} : { auth }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(caFile === undefined ? {} : { caFile }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
  };
  return {
    from: { member: from.name, address: from.address },
    to: { member: to.name, address: to.address },
    service,
    concurrency: stack.spec.parity.concurrency,
    prefer,
  };
}

function leftOut(
  site: Site,
  stack: StackSpec<ArtifactsSpec>,
  because: 'files-not-written' | 'files-not-compared',
  hint: 'say-write' | 'say-compare',
): Finding {
  return {
    rule: `artifacts/${because}`,
    severity: 'warning',
    because: planSyncReasons.of(`artifacts/${because}`, { stack: stack.name }),
    hint: planSyncReasons.of(`artifacts/${hint}`),
    position: site.where(['stacks', stack.name, 'files']),
  };
}
