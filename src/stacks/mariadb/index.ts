import { joinReasons } from '../../base/reason.ts';
import { tcp } from '../../probes/tcp.ts';
import type { ProbeSpec } from '../../site/model.ts';
import type { Stack } from '../stack.ts';
import { checkAge } from './backup/age-check.ts';
import { backupReasons } from './backup/reasons.ts';
import { trialOf } from './backup/restore.ts';
import { findingsOf } from './findings.ts';
import { findPair } from './pair.ts';
import { factsFor, planMariadb } from './plan.ts';
import { mariadbChecksum } from './probes/mariadb-checksum.ts';
import { mariadbRole } from './probes/mariadb-role.ts';
import { reasons } from './reasons.ts';
import { mariadbRules } from './rules/rules.ts';
import { type MariadbSpec, mariadbSpec } from './schema.ts';
import { mariadbAccounts } from './steps/mariadb-accounts.ts';
import { mariadbAdopt } from './steps/mariadb-adopt.ts';
import { mariadbCertificate } from './steps/mariadb-certificate.ts';
import { mariadbFirstBackup } from './steps/mariadb-first-backup.ts';
import { mariadbHarden } from './steps/mariadb-harden.ts';
import { mariadbLead } from './steps/mariadb-lead.ts';
import { mariadbSeed } from './steps/mariadb-seed.ts';
import { mariadbTogether } from './steps/mariadb-together.ts';
import { mariadbTrust } from './steps/mariadb-trust.ts';
import { mariadbWitness } from './steps/mariadb-witness.ts';
import { checkWitness, witnessReasons } from './witness/witness-check.ts';

/**
 * Two MariaDB servers, of which one writes: semi-synchronous, by GTID, with the roles kept on the hosts themselves.
 * `docs/tutorials/mariadb-pair.md` says why no acknowledged commit is lost.
 */
export const mariadb: Stack<MariadbSpec> = {
  name: 'mariadb',
  summary: {
    en: 'A pair of MariaDB servers that fails over within a second and loses no acknowledged commit.',
    zh: '一对 MariaDB 服务器：一秒内完成故障切换，不丢失任何已确认的提交。',
  },
  spec: mariadbSpec,
  rules: mariadbRules,
  reasons: joinReasons(reasons, backupReasons, witnessReasons, ...mariadbRules.map((rule) => rule.reasons)),
  stepKinds: [
    mariadbCertificate,
    mariadbTrust,
    mariadbWitness,
    mariadbLead,
    mariadbHarden,
    mariadbAccounts,
    mariadbAdopt,
    mariadbSeed,
    mariadbTogether,
    mariadbFirstBackup,
  ],
  probeKinds: [mariadbRole, mariadbChecksum],
  beforeEndpoint: true,
  facts: factsFor,
  plan: planMariadb,
  findings: findingsOf,
  restores(site, stack) {
    const pair = findPair(site, stack);
    const { backup, monitor } = stack.spec;
    const tables = (monitor?.checksums ?? []).filter((name) => !name.endsWith('.*'));
    return pair === undefined || backup === undefined ? undefined : trialOf(pair, tables);
  },
  hostChecks(site, stack, facts) {
    const pair = findPair(site, stack);
    const { backup, witness } = stack.spec;
    if (pair === undefined) return [];
    return [
      ...(witness === undefined ? [] : checkWitness(witness, pair, facts)),
      ...(backup === undefined ? [] : [checkAge(backup, pair, facts)]),
    ];
  },
  probes: (_site, { spec }) => {
    const { monitor, port } = spec;
    if (monitor === undefined) return [{ name: 'mariadb', kind: tcp.kind, args: tcp.args.parse({ port }) }];
    return [roleProbe(spec, monitor)];
  },
  trials: (site, { spec, endpoint }) => {
    const { monitor, port } = spec;
    const members = site.endpoints.get(endpoint ?? '')?.members.map(({ address }) => address) ?? [];
    if (monitor === undefined || monitor.checksums.length === 0) return [];
    const { user, password, checksums: tables } = monitor;
    const args = mariadbChecksum.args.parse({ port, user, password, tables, members });
    return [{ name: 'rows', kind: mariadbChecksum.kind, args, timeoutMs: COMPARE_TIMEOUT_MS }];
  },
  // Without the monitor's account only the hosts themselves can tell: their agents refuse what would lose a commit.
  fitToLead: (_site, { spec }, _candidate, active) =>
    spec.monitor === undefined ? [] : [roleProbe(spec, spec.monitor, active.address)],
};

/** What `verify` takes at the most to compare rows; what it did not get to by then, it says. */
const COMPARE_TIMEOUT_MS = 300_000;

function roleProbe(
  { port }: MariadbSpec,
  { user, password }: NonNullable<MariadbSpec['monitor']>,
  primary?: string,
): ProbeSpec {
  const args = mariadbRole.args.parse({
    port,
    user,
    password,
    ...(primary === undefined ? {} : { primary }),
  });
  return { name: 'mariadb', kind: mariadbRole.kind, args };
}
