import { defineReasons } from '../../base/reason.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'fall-of-one': {
    en: "one lost probe is enough to declare a member of '{endpoint}' down",
    zh: '一次探测丢失就会判定“{endpoint}”的成员故障',
  },
  'rise-of-one': {
    en: "one good probe is enough to declare a member of '{endpoint}' up again",
    zh: '一次探测成功就会判定“{endpoint}”的成员恢复',
  },
  'raise-fall': {
    en: 'Set `fall` to 2 or more; to be as fast, halve `interval` instead.',
    zh: '请将 `fall` 设为 2 或以上；若要保持同样快，请将 `interval` 减半。',
  },
  'raise-rise': { en: 'Set `rise` to 2 or more.', zh: '请将 `rise` 设为 2 或以上。' },
});

/** A single packet decides. */
export const flapping: Rule = {
  id: 'HF019',
  name: 'flapping',
  severity: 'warning',
  title: { en: 'A single probe decides', zh: '单次探测即作出判定' },
  explanation: {
    en: 'Packets are lost, services restart, garbage collectors pause. With rise or fall of 1 each of these moves all clients, and a member at its limit swings between up and down.',
    zh: '丢包、服务重启、垃圾回收停顿都会发生。rise 或 fall 为 1 时，每次都会使全部客户端迁移，处于极限的成员会在正常与故障之间来回摆动。',
  },
  reasons,
  *check(site) {
    for (const { name, rise, fall } of site.endpoints.values()) {
      if (fall === 1) {
        const because = reasons.of('fall-of-one', { endpoint: name });
        yield { path: ['endpoints', name, 'fall'], because, hint: reasons.of('raise-fall') };
      }
      if (rise === 1) {
        const because = reasons.of('rise-of-one', { endpoint: name });
        yield { path: ['endpoints', name, 'rise'], because, hint: reasons.of('raise-rise') };
      }
    }
  },
};
