import { defineReasons, type Reason } from '../../base/reason.ts';
import { canonicalAddress } from '../address.ts';
import type { Member, Site } from '../model.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'members-share-address': {
    en: "members '{member}' and '{other}' of '{endpoint}' answer at the same address {address}",
    zh: '“{endpoint}”的成员“{member}”与“{other}”使用同一地址 {address}',
  },
  'members-share-machine': {
    en: "members '{member}' and '{other}' of '{endpoint}' stand on one machine, '{machine}'",
    zh: '“{endpoint}”的成员“{member}”与“{other}”位于同一台物理机“{machine}”',
  },
  'move-member': {
    en: 'Give the standby a machine of its own; what kills one must not kill the other.',
    zh: '请为备用节点使用独立的机器：使其一故障的原因不应同时影响另一个。',
  },
});

/** Preferred and standby die together. */
export const sameMachine: Rule = {
  id: 'HF018',
  name: 'same-machine',
  severity: 'error',
  title: { en: 'Two members on one machine', zh: '两个成员位于同一台机器' },
  explanation: {
    en: 'A pair on one address or one physical machine fails as one. Virtual machines are told apart by the label `machine`: give it the name of the hypervisor, and Holdfast notices when both land on it.',
    zh: '位于同一地址或同一物理机的一对成员会同时故障。虚拟机用标签 `machine` 区分：填写宿主机名称后，Holdfast 能发现两者落在同一台宿主机上的情况。',
  },
  reasons,
  *check(site) {
    for (const { name, members } of site.endpoints.values()) {
      for (const [index, member] of members.entries()) {
        const because = members
          .slice(0, index)
          .map((other) => shared(site, name, other, member))
          .find((found) => found);
        if (because === undefined) continue;
        yield { path: ['endpoints', name, 'members', index], because, hint: reasons.of('move-member') };
      }
    }
  },
};

function shared(site: Site, endpoint: string, other: Member, member: Member): Reason | undefined {
  const params = { endpoint, member: member.name, other: other.name };
  if (canonicalAddress(other.address) === canonicalAddress(member.address)) {
    return reasons.of('members-share-address', { ...params, address: member.address });
  }
  const machine = site.hosts.get(member.host)?.labels.machine;
  if (machine === undefined || machine !== site.hosts.get(other.host)?.labels.machine) return undefined;
  return reasons.of('members-share-machine', { ...params, machine });
}
