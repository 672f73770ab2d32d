import { HoldfastError } from '../../base/errors.ts';
import { joinReasons } from '../../base/reason.ts';
import type { Facts } from '../../hosts/fact.ts';
import type { HostName, Site, StackSpec } from '../../site/model.ts';
import type { Stack } from '../stack.ts';
import { toolsOf } from './facts.ts';
import { hostsOf, planBaseline } from './plan.ts';
import { reasons } from './reasons.ts';
import { baselineConflict } from './rules/baseline-conflict.ts';
import { baselineOverridesName } from './rules/baseline-overrides-name.ts';
import { type BaselineSpec, baselineSchema } from './schema.ts';

/**
 * What hosts need before anything else: packages, kernel parameters, directories, files, units, commands, names in the
 * hosts file. It serves nothing itself, so it has no probes, and anybody may lead as far as it is concerned.
 */
export const baseline: Stack<BaselineSpec> = {
  name: 'baseline',
  summary: {
    en: 'What hosts need before anything else: packages, kernel parameters, files, services, names.',
    zh: '主机的基础要求：软件包、内核参数、文件、服务与主机名。',
  },
  spec: baselineSchema,
  rules: [baselineOverridesName, baselineConflict],
  reasons: joinReasons(reasons, baselineOverridesName.reasons, baselineConflict.reasons),
  stepKinds: [],
  probeKinds: [],
  facts: (site, { spec }) => hostsOf(site, spec).map(toolsOf),
  plan(site, stack, facts, goal) {
    if (goal.kind !== 'build') return [];
    for (const host of hostsOf(site, stack.spec)) refuseWithoutTools(site, stack, host, facts);
    return planBaseline(site, stack);
  },
  probes: () => [],
  fitToLead: () => [],
};

/** A baseline that a host cannot have: `baseline/no-package-manager`, `baseline/no-systemd`. */
class BaselineError extends HoldfastError {}

/** Says so before the first step, not in the middle of the run. A host that was not asked is left to the steps. */
function refuseWithoutTools(
  site: Site,
  { name, spec }: StackSpec<BaselineSpec>,
  host: HostName,
  facts: Facts,
): void {
  const tools = facts.get(toolsOf(host));
  if (tools === undefined) return;
  if (spec.packages.length > 0 && tools.packageManager === 'none') {
    throw new BaselineError({
      code: 'baseline/no-package-manager',
      message: `'${host}' has no package manager that Holdfast knows`,
      where: { host, position: site.where(['stacks', name, 'packages']) },
      expected: 'apt-get, dnf or yum',
      got: 'none of them',
      hint: 'Install what is needed there yourself, and leave the host out of the baseline that names packages.',
    });
  }
  const units = [
    ...spec.services.map(({ unit }) => unit),
    ...spec.files.flatMap(({ reload, restart }) => reload ?? restart ?? []),
  ];
  if (units.length === 0 || tools.hasSystemd) return;
  throw new BaselineError({
    code: 'baseline/no-systemd',
    message: `'${host}' was not started by systemd`,
    where: { host, position: site.where(['stacks', name, 'services']) },
    expected: `systemd as process 1, for ${units.join(', ')}`,
    got: 'no /run/systemd/system',
    hint: 'Leave the host out of the baseline that names units (a container has none of its own).',
  });
}
