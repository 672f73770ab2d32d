/** The zones as they are served: what is planned, what is answered, and serials that only grow. Pure but for the files. */
import { dirname, resolve } from 'node:path';
import type { Instant } from '../../base/clock.ts';
import { makeZone } from '../../dns/build-zone.ts';
import type { DnsRecord } from '../../dns/record.ts';
import { isNewerSerial, nextSerial, type Serial } from '../../dns/serial.ts';
import type { Zone } from '../../dns/zone.ts';
import type { Endpoint, Site } from '../../site/model.ts';
import { addressRecord } from '../answer.ts';
import { markOf } from '../epoch.ts';
import type { KeptAnswer, KeptState } from './kept-state.ts';
import type { DnsEmbeddedConfig } from './schema.ts';
import { readZoneFile } from './zone-file.ts';
import { planZones, type ZonePlan } from './zone-plan.ts';
import { digestOfRecords, type EndpointAnswer, fileSerial, recordsOfZone, soaOf } from './zone-records.ts';

/** A zone's plan with the records of its file. */
export interface PreparedZone {
  readonly plan: ZonePlan;
  readonly fileRecords: readonly DnsRecord[];
}

/** A state together with the zones that serve it. */
export interface Served {
  readonly state: KeptState;
  readonly zones: readonly Zone[];
}

/**
 * Plans the zones and reads their files.
 * @throws DnsEmbeddedError `dns-embedded/zone-conflict`, `dns-embedded/zone-file`
 */
export function prepareZones(site: Site, endpoints: readonly Endpoint<DnsEmbeddedConfig>[]): PreparedZone[] {
  return planZones(endpoints).map((plan) => {
    const { file } = plan.settings;
    const fileRecords = file === undefined ? [] : readZoneFile(resolve(dirname(site.file), file), plan.zone);
    return { plan, fileRecords };
  });
}

/**
 * The zones for a state, and the state with their serials. A zone that says the same as before keeps its serial; one
 * that does not gets the time in seconds, or one more than before where that is not newer: so it grows even where the
 * state folder was lost, and beyond what its zone file has.
 * @throws DnsError `dns/bad-zone`
 */
export function serveState(
  prepared: readonly PreparedZone[],
  before: KeptState,
  now: Instant,
  last: Served | undefined,
): Served {
  const zones: Record<string, { serial: Serial; digest: string }> = {};
  const built = prepared.map(({ plan, fileRecords }) => {
    const records = recordsOfZone(plan, fileRecords, (endpoint) => answerOf(endpoint, before));
    const digest = digestOfRecords([...records, soaOf(plan, fileRecords, 0)]);
    const known = before.zones[plan.zone];
    const unchanged = known !== undefined && known.digest === digest;
    const serial = unchanged ? known.serial : newSerial(known?.serial, fileSerial(fileRecords), now);
    zones[plan.zone] = { serial, digest };
    const same = unchanged ? last?.zones.find((zone) => isOf(zone, plan)) : undefined;
    return same ?? makeZone(plan.zone, [soaOf(plan, fileRecords, serial), ...records]);
  });
  return { state: { ...before, zones }, zones: built };
}

/**
 * What an endpoint answers: what was kept, as far as the site still has those members; before the first publication
 * what the policy prefers, with epoch 0.
 */
export function answerOf(endpoint: Endpoint<DnsEmbeddedConfig>, state: KeptState): EndpointAnswer {
  const kept = state.answers[endpoint.name];
  const members = endpoint.members.filter((member) => kept?.members.includes(member.name) === true);
  if (kept !== undefined && members.length > 0) return withMark(endpoint, members, kept);
  const preferred = endpoint.policy === 'failover' ? endpoint.members.slice(0, 1) : endpoint.members;
  const first = { ttlMs: endpoint.ttlMs, epoch: kept?.epoch ?? 0, by: kept?.by ?? 'nobody' };
  return withMark(endpoint, preferred, first);
}

function withMark(
  endpoint: Endpoint<DnsEmbeddedConfig>,
  members: EndpointAnswer['members'],
  { ttlMs, epoch, by }: Omit<KeptAnswer, 'members'>,
): EndpointAnswer {
  const records = members.map((member) => addressRecord(endpoint, member));
  const answer = {
    members: members.map((one) => one.name),
    ttlMs,
    epoch,
    because: { code: 'kept', params: {} },
  };
  return { members, ttlMs, mark: markOf(answer, records, by) };
}

function newSerial(kept: Serial | undefined, inFile: Serial | undefined, now: Instant): Serial {
  const floor = [kept, inFile].reduce(
    (newest, one) =>
      newest === undefined || (one !== undefined && isNewerSerial(one, newest)) ? one : newest,
    undefined,
  );
  const seconds = Math.floor(now / 1_000) >>> 0;
  if (floor === undefined || isNewerSerial(seconds, floor)) return seconds || 1;
  return nextSerial(floor, { style: 'count' });
}

function isOf(zone: Zone, plan: ZonePlan): boolean {
  return zone.origin.toString() === `${plan.zone}.`;
}
