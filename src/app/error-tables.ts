/** What every error code below the command line means. Data only, so that a message costs no start-up time. */
import { baseErrors } from '../base/error-codes.ts';
import type { ErrorTable } from '../base/error-table.ts';
import { dnsErrors } from '../dns/error-codes.ts';
import { drillErrors } from '../drill/error.ts';
import { dnsBindErrors } from '../drivers/dns-bind/error.ts';
import { dnsEmbeddedErrors } from '../drivers/dns-embedded/error.ts';
import { dnsUpdateErrors } from '../drivers/dns-update/error.ts';
import { driverErrors } from '../drivers/error-codes.ts';
import { proxyErrors } from '../drivers/proxy-error.ts';
import { keepalivedErrors } from '../drivers/vrrp-error.ts';
import { engineErrors } from '../engine/error-codes.ts';
import { stepErrors } from '../engine/steps/parts/error-codes.ts';
import { hostErrors } from '../hosts/error-codes.ts';
import { secretErrors } from '../site/error-codes.ts';
import { artifactsErrors } from '../stacks/artifacts/error.ts';
import { baselineErrors } from '../stacks/baseline/error.ts';
import { dce5Errors } from '../stacks/dce5/error.ts';
import { mariadbErrors } from '../stacks/mariadb/error.ts';
import { storeErrors } from '../store/error-codes.ts';
import { watchErrors } from '../watch/error-codes.ts';
import { siteErrors } from './error-codes.ts';

/** One table an area; whoever adds an area adds its line here, and a test says so where it is missing. */
export const errorTables: readonly ErrorTable[] = [
  siteErrors,
  secretErrors,
  hostErrors,
  stepErrors,
  engineErrors,
  storeErrors,
  driverErrors,
  dnsEmbeddedErrors,
  dnsUpdateErrors,
  dnsBindErrors,
  keepalivedErrors,
  proxyErrors,
  dnsErrors,
  artifactsErrors,
  baselineErrors,
  dce5Errors,
  mariadbErrors,
  watchErrors,
  drillErrors,
  baseErrors,
];
