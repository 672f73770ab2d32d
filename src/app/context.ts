/** Wires one run of a command: site, families, clock, log, secrets, hosts and state folder. */
import { mkdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Clock, SystemClock } from '../base/clock.ts';
import type { Finding } from '../base/finding.ts';
import type { Logger } from '../base/log.ts';
import { type Language, type Reason, renderReason } from '../base/reason.ts';
import type { Secret } from '../base/secret.ts';
import type { HostPool } from '../hosts/host.ts';
import { controllerSpec, localTransport, openLocal } from '../hosts/local.ts';
import { openHostPool } from '../hosts/pool.ts';
import { sshTransport } from '../hosts/ssh.ts';
import { lintSite } from '../site/lint.ts';
import type { Need } from '../site/load.ts';
import type { Site } from '../site/model.ts';
import { resolveSecret, type SecretRef } from '../site/secret-ref.ts';
import { KnownSecrets } from '../store/known-secrets.ts';
import { type Catalog, makeCatalog } from './catalog.ts';
import { readSite } from './read-site.ts';
import { SiteError } from './site-error.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface Context extends Catalog, AsyncDisposable {
  readonly site: Site;
  /** What linting found, suppressed ones included. */
  readonly findings: readonly Finding[];
  /** Mistakes in parts of the file that were not needed and so not read; else empty. See `ContextOptions.need`. */
  readonly leftOut: readonly Finding[];
  readonly clock: Clock;
  readonly log: Logger;
  /** 0…1, for jitter and query IDs. */
  readonly random: () => number;
  readonly hosts: HostPool;
  /** Where runs, locks and the watcher's state of this site live; made with mode 0700. */
  readonly stateDir: string;
  /** Every secret resolved so far, to hold what is written against. */
  readonly knownSecrets: KnownSecrets;
  readonly env: Env;
  secret(reference: SecretRef): Promise<Secret>;
  /** A reason as a sentence in the user's language. */
  render(reason: Reason): string;
}

export interface ContextOptions {
  /** The site file. */
  readonly file: string;
  readonly env: Env;
  readonly language: Language;
  readonly log: Logger;
  readonly stateDir?: string;
  /** Changes how the site is reached, e.g. for a lab; what it says stays. */
  readonly adapt?: (site: Site) => Site;
  /**
   * `hosts`: mistakes elsewhere do not keep the site from being opened; it has no endpoints and no stacks then. Default:
   * `all`.
   */
  readonly need?: Need;
}

/**
 * Opens everything a command needs; connects to nobody yet.
 * @throws SiteUnreadableError, SiteError (with every finding) for a site that cannot be used
 */
export async function openContext(o: ContextOptions): Promise<Context> {
  const catalog = makeCatalog();
  const loaded = await readSite(o.file, catalog.siteSchemas, o.need);
  if (loaded.site === undefined) throw new SiteError(o.file, loaded.findings);
  const site = o.adapt?.(loaded.site) ?? loaded.site;
  const clock = new SystemClock();
  const knownSecrets = new KnownSecrets();
  const secret = async (reference: SecretRef): Promise<Secret> =>
    knownSecrets.add(await resolveSecret(reference, { env: o.env, readFile, stat }));
  const stateDir = o.stateDir ?? stateDirOf(site.name, o.env);
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const user = o.env.USER ?? o.env.LOGNAME ?? 'root';
  const hosts = openHostPool({
    hosts: site.hosts,
    transports: [
      sshTransport({ clock, log: o.log, hosts: site.hosts, secret, env: o.env }),
      localTransport({ clock, secret, env: o.env }),
    ],
    controller: openLocal(controllerSpec(user), { clock, secret, env: o.env }),
  });
  return {
    ...catalog,
    site,
    // Of a part, lint would say what is not so.
    findings: loaded.isCut ? loaded.findings : [...loaded.findings, ...lintSite(site, catalog.rules)],
    leftOut: loaded.isCut ? loaded.findings : [],
    clock,
    log: o.log,
    random: Math.random,
    hosts,
    stateDir,
    knownSecrets,
    env: o.env,
    secret,
    render: (reason) => renderReason(reason, catalog.reasonTables, o.language),
    [Symbol.asyncDispose]: () => hosts[Symbol.asyncDispose](),
  };
}

/** `/var/lib/holdfast/<site>` for root, the user's own state folder (XDG) otherwise. */
export function stateDirOf(site: string, env: Env, isRoot: boolean = process.getuid?.() === 0): string {
  if (env.HOLDFAST_STATE_DIR !== undefined) return env.HOLDFAST_STATE_DIR;
  if (isRoot) return join('/var/lib/holdfast', site);
  return join(env.XDG_STATE_HOME ?? join(env.HOME ?? homedir(), '.local/state'), 'holdfast', site);
}
