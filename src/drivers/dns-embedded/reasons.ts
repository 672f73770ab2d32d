import { defineReasons } from '../../base/reason.ts';

/** dns-embedded plans nothing, so it has nothing to say beside its rules. */
export const dnsEmbeddedReasons = defineReasons({});
