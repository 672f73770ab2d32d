import { describe, expect, it } from 'vitest';
import { digestBytes } from '../../../base/digest.ts';
import { judge } from './loaded-config.ts';
import { parseUnitState } from './systemd.ts';

const SUM = 'a'.repeat(64);
/** Up for 1000 s, now at 50000 s; so the unit with 900 s started at 49900 s. */
const state = parseUnitState(
  'ActiveState=active\nSubState=running\nExecMainStartTimestampMonotonic=900000000\n',
);
const output = (o: { changed: string; stamp?: string; sum?: string }): string =>
  `${o.sum ?? `${SUM}  -`}\nchanged ${o.changed}\nnow 50000.000000000\nup 1000.00\n${o.stamp === undefined ? '' : `stamp ${o.stamp}\n`}`;

describe('whether a unit has read its configuration', () => {
  it('is true without a stamp where the file changed before the unit started', () => {
    expect(judge(output({ changed: '49899.900000000' }), state, 1).isLoaded).toBe(true);
  });

  it('is false without a stamp where the file changed after that, or in the same moment', () => {
    expect(judge(output({ changed: '49950.000000000' }), state, 1).isLoaded).toBe(false);
    expect(judge(output({ changed: '49899.990000000' }), state, 1).isLoaded).toBe(false);
  });

  it('is what the stamp of this start says, whatever the clock says', () => {
    const digest = digestBytes(SUM);
    expect(
      judge(output({ changed: '49999.000000000', stamp: `900000000 ${digest}` }), state, 1).isLoaded,
    ).toBe(true);
    expect(
      judge(output({ changed: '40000.000000000', stamp: `900000000 sha256:other` }), state, 1).isLoaded,
    ).toBe(false);
  });

  it('does not heed the stamp of an earlier start', () => {
    const stamp = `800000000 ${digestBytes(SUM)}`;
    expect(judge(output({ changed: '49950.000000000', stamp }), state, 1).isLoaded).toBe(false);
  });

  it('is false where the host’s tools gave no time', () => {
    expect(judge(output({ changed: 'x' }), state, 1).isLoaded).toBe(false);
    expect(judge(`${SUM}  -\nchanged 1.0\n`, state, 1).isLoaded).toBe(false);
    expect(judge(output({ changed: '49000.0' }), { ...state, startedUs: 0 }, 1).isLoaded).toBe(false);
  });

  it('goes by the folder for a file that is absent', () => {
    expect(judge(output({ sum: 'absent', changed: '49000.0' }), state, 1).isLoaded).toBe(true);
    expect(judge(output({ sum: 'absent', changed: '49990.0' }), state, 1).isLoaded).toBe(false);
  });
});
