/** Every rule about the site file alone; one line and one file each. Drivers and stacks bring their own. */
import { type Registry, registry } from '../../base/registry.ts';
import type { Rule } from '../rule.ts';
import { detectionOverTarget } from './detection-over-target.ts';
import { dnsServerIsMember } from './dns-server-is-member.ts';
import { evenQuorum } from './even-quorum.ts';
import { flapping } from './flapping.ts';
import { hastyFailback } from './hasty-failback.ts';
import { hostKeyUnchecked } from './host-key-unchecked.ts';
import { hostsFileOverride } from './hosts-file-override.ts';
import { jumpLoop } from './jump-loop.ts';
import { localTwice } from './local-twice.ts';
import { memberAddress } from './member-address.ts';
import { nameServerIsMember } from './name-server-is-member.ts';
import { nameToStranger } from './name-to-stranger.ts';
import { noProbes } from './no-probes.ts';
import { noWayIn } from './no-way-in.ts';
import { plainTextSecret } from './plain-text-secret.ts';
import { publicResolver } from './public-resolver.ts';
import { reverseMismatch } from './reverse-mismatch.ts';
import { sameAddress } from './same-address.ts';
import { sameMachine } from './same-machine.ts';
import { sameName } from './same-name.ts';
import { sameRouterId } from './same-router-id.ts';
import { sanCrossed } from './san-crossed.ts';
import { searchList } from './search-list.ts';
import { singleMember } from './single-member.ts';
import { singleResolver } from './single-resolver.ts';
import { timeoutOverInterval } from './timeout-over-interval.ts';
import { ttlOverTarget } from './ttl-over-target.ts';
import { vendorPassword } from './vendor-password.ts';
import { vipIsHost } from './vip-is-host.ts';
import { weights } from './weights.ts';
import { zoneLoopback } from './zone-loopback.ts';
import { zoneNameServer } from './zone-name-server.ts';
import { zoneNegativeTtl } from './zone-negative-ttl.ts';
import { zoneSerial } from './zone-serial.ts';
import { zoneToStranger } from './zone-to-stranger.ts';
import { zoneTtl } from './zone-ttl.ts';

export const rules: Registry<Rule> = registry<Rule>(
  'rule',
  [
    nameToStranger,
    evenQuorum,
    ttlOverTarget,
    detectionOverTarget,
    sameAddress,
    sameRouterId,
    plainTextSecret,
    singleMember,
    sameMachine,
    flapping,
    hastyFailback,
    jumpLoop,
    hostKeyUnchecked,
    localTwice,
    vipIsHost,
    weights,
    timeoutOverInterval,
    dnsServerIsMember,
    noWayIn,
    sameName,
    noProbes,
    memberAddress,
    sanCrossed,
    hostsFileOverride,
    reverseMismatch,
    zoneTtl,
    zoneLoopback,
    zoneSerial,
    zoneNameServer,
    zoneNegativeTtl,
    zoneToStranger,
    publicResolver,
    singleResolver,
    searchList,
    nameServerIsMember,
    vendorPassword,
  ],
  (rule) => rule.name,
);
