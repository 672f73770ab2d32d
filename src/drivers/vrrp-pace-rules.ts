/** Rules about how fast, and in which version, VRRP is spoken: for every driver that speaks it. */
import { formatDuration } from '../base/duration.ts';
import { defineReasons } from '../base/reason.ts';
import type { Endpoint } from '../site/model.ts';
import type { Rule, RuleHit } from '../site/rule.ts';
import { LONGEST_PREEMPT_DELAY_MS } from './vrrp-conf.ts';
import { movingEndpoints } from './vrrp-endpoints.ts';
import { pace, type VrrpSettings } from './vrrp-schema.ts';

const reasons = defineReasons({
  'keepalived/slow-advertising': {
    en: "'{endpoint}' advertises every {interval}: a dead owner is replaced after up to {outage}, and {target} is accepted",
    zh: '“{endpoint}”每 {interval} 通告一次：拥有者失效后最长 {outage} 才被接替，而可接受的中断为 {target}',
  },
  'keepalived/advertise-faster': {
    en: 'Take VRRPv3 with its default of 100ms, or accept a longer `failoverTarget`.',
    zh: '请使用 VRRPv3 及其默认的 100ms，或放宽 `failoverTarget`。',
  },
  'keepalived/password-in-three': {
    en: "'{endpoint}' has a password, and VRRPv3 has none: it would be ignored",
    zh: '“{endpoint}”设置了密码，但 VRRPv3 没有认证：密码会被忽略',
  },
  'keepalived/drop-password': {
    en: 'Leave `password` out (a firewall that lets only the members in protects better), or set `version: 2`.',
    zh: '请删除 `password`（仅放行成员的防火墙更有效），或设置 `version: 2`。',
  },
  'keepalived/fraction-in-two': {
    en: "'{endpoint}' advertises every {interval}, and VRRPv2 counts whole seconds",
    zh: '“{endpoint}”的通告间隔为 {interval}，而 VRRPv2 只支持整秒',
  },
  'keepalived/whole-seconds': {
    en: 'Take whole seconds, or VRRPv3 without a password.',
    zh: '请使用整秒，或改用不带密码的 VRRPv3。',
  },
  'keepalived/long-preempt-delay': {
    en: "'{endpoint}' is to fail back after {after}, and keepalived waits {longest} at most",
    zh: '“{endpoint}”应在 {after} 后回切，而 keepalived 最长只等待 {longest}',
  },
  'keepalived/shorter-failback': {
    en: 'Take a shorter `failback.after`, or `failback: manual`.',
    zh: '请缩短 `failback.after`，或使用 `failback: manual`。',
  },
});

type Hit = Omit<RuleHit, 'path'> & { readonly key: readonly string[] };

const slowAdvertising = rule({
  id: 'HF202',
  name: 'slow-advertising',
  severity: 'warning',
  title: { en: 'VRRP is slower than the outage that is accepted', zh: 'VRRP 通告慢于可接受的中断时间' },
  explanation: {
    en: 'A backup takes over when it has heard nothing for three intervals and a little more (RFC 9568 §6.1). With an interval of a second, as runbooks have it, that is up to four seconds in which nobody answers.',
    zh: '备用主机在约三个多通告间隔内未收到通告后才接管（RFC 9568 第 6.1 节）。若如运维手册那样设为一秒，则最长四秒无人应答。',
  },
  look(endpoint) {
    const outageMs = pace(endpoint.driver.config).advertMs * 4;
    if (outageMs <= endpoint.failoverTargetMs) return undefined;
    const params = {
      endpoint: endpoint.name,
      interval: formatDuration(pace(endpoint.driver.config).advertMs),
      outage: formatDuration(outageMs),
      target: formatDuration(endpoint.failoverTargetMs),
    };
    const because = reasons.of('keepalived/slow-advertising', params);
    return { key: ['driver', 'advertInterval'], because, hint: reasons.of('keepalived/advertise-faster') };
  },
});

const passwordInThree = rule({
  id: 'HF203',
  name: 'password-in-version-three',
  severity: 'error',
  title: { en: 'VRRPv3 with a password', zh: 'VRRPv3 设置了密码' },
  explanation: {
    en: 'VRRPv3 took authentication out, because it protected nobody (RFC 9568 §9): the password travelled in plain text in every packet. keepalived ignores it, and who wrote it believes otherwise.',
    zh: 'VRRPv3 取消了认证，因为它起不到保护作用（RFC 9568 第 9 节）：密码以明文出现在每个报文中。keepalived 会忽略它，而配置者却以为受到了保护。',
  },
  look({ name, driver }) {
    if (driver.config.password === undefined || driver.config.version !== 3) return undefined;
    const because = reasons.of('keepalived/password-in-three', { endpoint: name });
    return { key: ['driver', 'password'], because, hint: reasons.of('keepalived/drop-password') };
  },
});

const fractionInTwo = rule({
  id: 'HF204',
  name: 'fraction-in-version-two',
  severity: 'error',
  title: { en: 'VRRPv2 faster than once a second', zh: 'VRRPv2 间隔不是整秒' },
  explanation: {
    en: 'A packet of VRRPv2 has its interval in whole seconds (RFC 3768 §5.3.7). keepalived rounds, and hosts that round differently drop each other’s packets: both then own the address.',
    zh: 'VRRPv2 报文中的间隔以整秒表示（RFC 3768 第 5.3.7 节）。keepalived 会取整；取整不一致的主机会互相丢弃报文，于是双方都持有地址。',
  },
  look({ name, driver }) {
    const { version, advertMs } = pace(driver.config);
    if (version !== 2 || advertMs % 1_000 === 0) return undefined;
    const because = reasons.of('keepalived/fraction-in-two', {
      endpoint: name,
      interval: formatDuration(advertMs),
    });
    return { key: ['driver', 'advertInterval'], because, hint: reasons.of('keepalived/whole-seconds') };
  },
});

const longPreemptDelay = rule({
  id: 'HF205',
  name: 'long-preempt-delay',
  severity: 'warning',
  title: { en: 'A failback later than keepalived can wait', zh: '回切时间超出 keepalived 上限' },
  explanation: {
    en: 'The hosts take the way back by themselves, and keepalived’s preempt_delay ends at 1000 seconds: the address goes back earlier than you want, perhaps before the original holds everything again.',
    zh: '回切由主机自行完成，而 keepalived 的 preempt_delay 上限为 1000 秒：地址会早于预期回切，此时原主节点可能尚未补齐数据。',
  },
  look({ name, failback }) {
    if (failback.mode === 'manual' || failback.afterMs <= LONGEST_PREEMPT_DELAY_MS) return undefined;
    const longest = formatDuration(LONGEST_PREEMPT_DELAY_MS);
    const params = { endpoint: name, after: formatDuration(failback.afterMs), longest };
    const because = reasons.of('keepalived/long-preempt-delay', params);
    return { key: ['failback'], because, hint: reasons.of('keepalived/shorter-failback') };
  },
});

/** All of them. */
export const paceRules: readonly Rule[] = [slowAdvertising, passwordInThree, fractionInTwo, longPreemptDelay];

/** A rule that looks at each endpoint by itself. */
function rule(
  o: Omit<Rule, 'reasons' | 'check'> & { look(endpoint: Endpoint<VrrpSettings>): Hit | undefined },
): Rule {
  const { look, ...rest } = o;
  return {
    ...rest,
    reasons,
    *check(site) {
      for (const endpoint of movingEndpoints(site)) {
        const hit = look(endpoint);
        if (hit === undefined) continue;
        const { key, ...said } = hit;
        yield { path: ['endpoints', endpoint.name, ...key], ...said };
      }
    },
  };
}
