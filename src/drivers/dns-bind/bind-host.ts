/** What is done on the machine that runs BIND: look, check, exchange a zone file, reload. Everything as root. */
import { digestBytes } from '../../base/digest.ts';
import type { CommandResult, Connection } from '../../hosts/host.ts';
import { type Command, quote, script, sh } from '../../hosts/shell.ts';
import { DnsBindError } from './error.ts';
import type { DnsBindConfig } from './schema.ts';

/** One zone file on one server. */
export interface ZonePlace {
  readonly zone: string;
  readonly zoneFile: string;
}

/** What was found. */
export interface FoundZone {
  readonly place: ZonePlace;
  /** Where the file really lies, symbolic links followed. */
  readonly realFile: string;
  /** One byte a character, so that any encoding passes through. */
  readonly text: string;
}

/** Changes to zone files run one after the other; the lock ends with the process that holds it. */
const LOCK_WAIT_SECONDS = 10;
const COMMAND_TIMEOUT_MS = 30_000;
/** Exit code of the exchange where the file is not the one that was read (EX_TEMPFAIL of sysexits.h). */
const CHANGED_MEANWHILE = 75;

/** The server's side of one publication. */
export class BindHost {
  readonly #host: Connection;
  readonly #config: DnsBindConfig;
  readonly #signal: AbortSignal;
  readonly #random: () => number;

  /** @param random 0…1, so that two controllers do not write to one candidate file */
  constructor(host: Connection, config: DnsBindConfig, signal: AbortSignal, random: () => number) {
    this.#host = host;
    this.#config = config;
    this.#signal = signal;
    this.#random = random;
  }

  /** The same host under another signal: the way back is not stopped by what stopped the way there. */
  under(signal: AbortSignal): BindHost {
    return new BindHost(this.#host, this.#config, signal, this.#random);
  }

  /**
   * Reads a zone file.
   * @throws DnsBindError `dns-bind/zone-missing`, `dns-bind/dynamic-zone`
   */
  async find(place: ZonePlace): Promise<FoundZone> {
    const [bytes, state] = await Promise.all([
      this.#host.files.read(place.zoneFile, this.#signal),
      this.#run(inspection(place, this.#fill(this.#config.statusCommand, place, place.zoneFile))),
    ]);
    if (bytes === undefined) throw this.#missing(place);
    const [realFile = place.zoneFile, ...status] = state.stdout.split('\n');
    refuseDynamic(this.#host.host, place, status.join('\n'));
    return { place, realFile, text: Buffer.from(bytes).toString('latin1') };
  }

  /**
   * Puts new content in the file's place if the check accepts it and the file is still as it was found: owner, mode
   * and SELinux context stay, the old file stays beside it as `<file>.holdfast-old`.
   * @returns false where somebody else has changed the file since
   * @throws DnsBindError `dns-bind/check-failed`, `dns-bind/host`
   */
  async exchange(found: FoundZone, text: string): Promise<boolean> {
    const { place, realFile } = found;
    const candidate = `${realFile}.holdfast-new-${Math.floor(this.#random() * 2 ** 32).toString(16)}`;
    const stat = await this.#host.files.stat(realFile, this.#signal);
    if (stat === undefined) return false;
    const { mode, owner, group } = stat;
    await this.#host.files.replace(
      candidate,
      Buffer.from(text, 'latin1'),
      { mode, owner, group },
      this.#signal,
    );
    const checked = await this.#run(this.#fill(this.#config.checkCommand, place, candidate));
    if (checked.code !== 0) {
      await this.#host.files.remove(candidate, this.#signal);
      throw this.#failed(
        'dns-bind/check-failed',
        'the new content of the zone file was not accepted',
        checked,
        {
          expected: 'that named-checkzone accepts it',
          hint: `The file ${place.zoneFile} was not touched: mend what is reported in it, then try again.`,
        },
      );
    }
    const before = digestBytes(Buffer.from(found.text, 'latin1')).slice('sha256:'.length);
    const swapped = await this.#run(swap(realFile, candidate, before));
    if (swapped.code === 0) return true;
    await this.#host.files.remove(candidate, this.#signal);
    if (swapped.code === CHANGED_MEANWHILE) return false;
    throw this.#failed('dns-bind/host', `the zone file ${realFile} could not be exchanged`, swapped, {
      expected: 'that the new file can be moved in its place',
      hint: 'Check disk, permissions and attributes of the folder of the zone file.',
    });
  }

  /** @throws DnsBindError `dns-bind/reload-failed` */
  async reload(place: ZonePlace): Promise<void> {
    const result = await this.#run(this.#fill(this.#config.reloadCommand, place, place.zoneFile));
    if (result.code === 0) return;
    throw this.#failed('dns-bind/reload-failed', `BIND did not reload the zone ${place.zone}`, result, {
      expected: 'exit code 0',
      hint: 'Check that named runs and that rndc reaches it on this host: `rndc status`.',
    });
  }

  #fill(template: string, place: ZonePlace, file: string): Command {
    const filled = template.replaceAll('{zone}', () => quote(place.zone));
    return script(filled.replaceAll('{file}', () => quote(file)));
  }

  #run(command: Command): Promise<CommandResult> {
    return this.#host.run(command, { timeoutMs: COMMAND_TIMEOUT_MS, signal: this.#signal, as: 'root' });
  }

  #missing(place: ZonePlace): DnsBindError {
    return new DnsBindError({
      code: 'dns-bind/zone-missing',
      message: `there is no zone file for ${place.zone}`,
      where: { host: this.#host.host },
      expected: place.zoneFile,
      got: 'no such file',
      hint: 'Let `holdfast plan` and `holdfast apply` create the zone, or correct `zoneFile` in the site file.',
    });
  }

  #failed(
    code: 'dns-bind/check-failed' | 'dns-bind/host' | 'dns-bind/reload-failed',
    message: string,
    result: CommandResult,
    about: { expected: string; hint: string },
  ): DnsBindError {
    const output = `${result.stdout}\n${result.stderr}`.trim();
    const lines = output.split('\n').filter((line) => line.trim() !== '');
    return new DnsBindError({
      code,
      message,
      where: { host: this.#host.host },
      got: `exit code ${result.code}${lines.length === 0 ? '' : `: ${lines.at(-1)}`}`,
      ...about,
      evidence: output,
    });
  }
}

/** Prints the real path, then `journal` where BIND keeps one, then what rndc says, which may fail. */
function inspection(place: ZonePlace, status: Command): Command {
  return sh`f=$(readlink -f -- ${place.zoneFile}) || f=${place.zoneFile}
printf '%s\n' "$f"
[ -e "$f.jnl" ] && echo journal
${status} 2>/dev/null
exit 0`;
}

/**
 * BIND itself writes the file of a dynamic zone, and an edit would be lost or break its journal. A journal alone is
 * no proof: `ixfr-from-differences` keeps one for static zones too, and then rndc says `dynamic: no`.
 */
function refuseDynamic(host: string, place: ZonePlace, status: string): void {
  const says = /^dynamic: (yes|no)$/m.exec(status)?.[1];
  const hasJournal = /^journal$/m.test(status);
  if (says === 'no' || (says === undefined && !hasJournal)) return;
  throw new DnsBindError({
    code: 'dns-bind/dynamic-zone',
    message: `the zone ${place.zone} is dynamic: BIND itself writes its file`,
    where: { host },
    expected: 'a static zone (no allow-update, no update-policy)',
    got: says === 'yes' ? '`dynamic: yes` from rndc zonestatus' : `a journal, ${place.zoneFile}.jnl`,
    hint: 'Use the driver dns-update for this endpoint; nothing was touched. An old journal of a zone that is static now goes away with `rndc sync -clean`.',
  });
}

/**
 * Under a lock on the folder that ends with the process: if the file is still the one that was read, keep a copy and
 * move the new one over it. Without flock(1) the check stays, the lock does not. Candidates of an earlier call that was
killed are swept out.
 */
function swap(file: string, candidate: string, sha256: string): Command {
  return sh`f=${file}; n=${candidate}
exec 9<"\${f%/*}/" || exit 1
if command -v flock >/dev/null 2>&1; then flock -w ${LOCK_WAIT_SECONDS} 9 || exit ${CHANGED_MEANWHILE}; fi
s=$(sha256sum <"$f") || exit 1
[ "\${s%% *}" = ${sha256} ] || exit ${CHANGED_MEANWHILE}
cp -p -- "$f" "$f.holdfast-old" || exit 1
chcon --reference="$f" -- "$n" 2>/dev/null || :
mv -f -- "$n" "$f" || exit 1
find "\${f%/*}/" -maxdepth 1 -name "\${f##*/}.holdfast-new-*" -mmin +60 -exec rm -f -- {} + 2>/dev/null
sync "\${f%/*}/" 2>/dev/null || sync`;
}
