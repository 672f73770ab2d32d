/**
 * What a node's clusterConfig.yaml must say: the runbook's FAQ table. The original is installed in name mode
 * (`bootstrapNode` is the domain, `additionalSSLSubjectAltName` its address), the standby in address mode (the other
 * way round). Crossed, a certificate lacks the name that clients use, or the installer edits /etc/hosts.
 */
import { z } from 'zod';
import { absolutePath } from '../../../engine/steps/parts/arguments.ts';
import { ipAddress, secretRef } from '../../../site/values.ts';

/** In the arguments of a step, so passwords are references. Absent fields: as the file has them, else the sample's. */
export const configWish = z.strictObject({
  bootstrapNode: z.string().min(1),
  /** Other values of `bootstrapNode` that mean the same: `auto` in address mode. */
  orBootstrapNode: z.array(z.string()).default([]),
  /** `imagesAndCharts.additionalSSLSubjectAltName` must name it; what else it names stays. */
  altName: z.string().min(1),
  packagePath: absolutePath(),
  clusterName: z.string().min(1).optional(),
  masterNodes: z
    .array(
      z.strictObject({
        nodeName: z.string().min(1),
        ip: ipAddress(),
        ansibleUser: z.string().min(1),
        ansiblePass: secretRef(),
      }),
    )
    .default([]),
  osRepos: z.strictObject({ isoPath: absolutePath(), osPackagePath: absolutePath() }).optional(),
});
export type ConfigWish = z.infer<typeof configWish>;

export type Mode = 'name' | 'address';

/** The two fields of the table. */
export function tableRow(
  mode: Mode,
  { name, address }: { name: string; address: string },
): Pick<ConfigWish, 'bootstrapNode' | 'orBootstrapNode' | 'altName'> {
  return mode === 'name'
    ? { bootstrapNode: name, orBootstrapNode: [], altName: address }
    : { bootstrapNode: address, orBootstrapNode: ['auto'], altName: name };
}

/** The value must stay as it is where it names the wanted one among others (`a, b`). */
export function namesAmong(value: string, wanted: string): boolean {
  return value
    .split(/[\s,;]+/)
    .some((name) => name.toLowerCase().replace(/\.$/, '') === wanted.toLowerCase());
}
