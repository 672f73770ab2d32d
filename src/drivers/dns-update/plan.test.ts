import { describe, expect, onTestFinished, test } from 'vitest';
import { localHost, makeContext, makeEndpoint, makeSite, ZONE } from '../../../test/driver-world.ts';
import { RUNBOOK_ZONE } from '../../../test/driver-worlds.ts';
import { noFacts } from '../../../test/facts.ts';
import { namedMissing, startNamed } from '../../../test/named.ts';
import type { Check, StepContext } from '../../engine/step.ts';
import { type ProbeStepArgs, probeStep } from '../../engine/steps/probe.ts';
import { probeKinds } from '../../probes/registry.ts';
import { dnsUpdate } from './index.ts';
import { dnsUpdateConfig } from './schema.ts';

const title = `planning for a real BIND${namedMissing === undefined ? '' : ` (skipped: ${namedMissing})`}`;

describe.skipIf(namedMissing !== undefined)(title, () => {
  test('makes sure that the server is in charge of each zone, and changes nothing', async () => {
    const named = await startNamed({ zones: [{ zone: ZONE, text: RUNBOOK_ZONE }] });
    onTestFinished(() => named[Symbol.asyncDispose]());
    const config = dnsUpdateConfig.parse({
      server: 'dns1',
      port: named.port,
      zone: ZONE,
      reverse: ['2.0.192.in-addr.arpa'],
      key: { name: 'k', secret: 'env:KEY' },
    });
    const endpoint = makeEndpoint('dns-update', config);
    const site = makeSite([endpoint], [localHost('dns1', named.address)]);
    const kind = probeStep(probeKinds);
    const context = makeContext({ site, stateDir: named.folder }) as unknown as StepContext;

    const steps = dnsUpdate.plan(site, endpoint, noFacts);

    const checks: Check['state'][] = [];
    for (const step of steps) {
      const args = kind.args.parse(step.args) as ProbeStepArgs;
      checks.push((await kind.check(context, args)).state);
    }
    expect(steps.map((step) => step.id)).toEqual([`tinder/zone-${ZONE}`, 'tinder/zone-2.0.192.in-addr.arpa']);
    expect(checks).toEqual(['done', 'todo']);
  });
});
