import type { Rule } from '../../../site/rule.ts';
import { mariadbNoPair } from './mariadb-no-pair.ts';
import { mariadbOnePassword } from './mariadb-one-password.ts';
import { mariadbOpenNetwork } from './mariadb-open-network.ts';
import { mariadbWitnessThird } from './mariadb-witness-third.ts';

/** The lint rules of the stack. */
export const mariadbRules: readonly Rule[] = [
  mariadbNoPair,
  mariadbOnePassword,
  mariadbOpenNetwork,
  mariadbWitnessThird,
];
