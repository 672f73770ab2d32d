import { joinReasons } from '../../base/reason.ts';
import type { Stack } from '../stack.ts';
import { artifactsFacts, planArtifacts } from './plan.ts';
import { planSync, planSyncReasons } from './plan-sync.ts';
import { artifactsChartDownload } from './probes/artifacts-chart-download.ts';
import { artifactsFileDownload } from './probes/artifacts-file-download.ts';
import { artifactsImagePull } from './probes/artifacts-image-pull.ts';
import { artifactsParity } from './probes/artifacts-parity.ts';
import { reasons } from './reasons.ts';
import { activeActive } from './rules/active-active.ts';
import { artifactsWithoutEndpoint } from './rules/artifacts-without-endpoint.ts';
import { certificateUnchecked } from './rules/certificate-unchecked.ts';
import { filesNotCompared } from './rules/files-not-compared.ts';
import { onePortTwoSchemes } from './rules/one-port-two-schemes.ts';
import { otherServerName } from './rules/other-server-name.ts';
import { type ArtifactsSpec, artifactsSpec } from './schema.ts';
import { parityProbe, serviceProbes, trialProbes, unaskedProbes } from './services.ts';
import { syncCharts } from './steps/artifacts-sync-charts.ts';
import { syncFiles } from './steps/artifacts-sync-files.ts';
import { syncImages } from './steps/artifacts-sync-images.ts';
import { nameResolves } from './steps/name-resolves.ts';

const rules = [
  artifactsWithoutEndpoint,
  otherServerName,
  certificateUnchecked,
  filesNotCompared,
  onePortTwoSchemes,
  activeActive,
];

/**
 * A preferred and a standby host that serve container images, files and Helm charts to a site without internet. A
 * member may lead again once it holds everything that the active one holds.
 */
export const artifacts: Stack<ArtifactsSpec> = {
  name: 'artifacts',
  summary: {
    en: 'Hosts that serve container images, files over HTTP and Helm charts, all with the same content.',
    zh: '提供镜像、HTTP 文件和 Helm chart 的主机，各成员内容一致。',
  },
  spec: artifactsSpec,
  rules,
  reasons: joinReasons(reasons, planSyncReasons, ...rules.map((rule) => rule.reasons)),
  stepKinds: [nameResolves, syncImages, syncFiles, syncCharts],
  probeKinds: [artifactsParity, artifactsImagePull, artifactsFileDownload, artifactsChartDownload],
  facts: artifactsFacts,
  plan: planArtifacts,
  probes: serviceProbes,
  trials: trialProbes,
  sync: planSync,
  fitToLead: (site, stack, _candidate, active) => [
    parityProbe(site, stack, active),
    ...unaskedProbes(site, stack),
  ],
};
