/** The built program from R mclust's starts to R mclust's numbers: ../shared/reference. */
import { describe, expect, it } from 'vitest';
import { isTensorFlowInstalled } from '../src/engine/tensorflow/load.js';
import { python, whyNot } from './outside.js';

const reason = whyNot('reference/check.py');
const installed = isTensorFlowInstalled();
const saying = (why: string | undefined): string => (why === undefined ? '' : ` (skipped: ${why})`);
const timeout = 300_000;

describe.skipIf(reason !== undefined)(`mclust${saying(reason)}`, () => {
  it('all families, reference engine', { timeout }, async () => {
    const { code, output } = await python('reference/check.py', '--engine', 'reference', '--quiet');
    expect(output).toContain('62 passed, 0 failed');
    expect(code).toBe(0);
  });

  const why = installed.ok ? undefined : installed.reason;
  // the agreement of the engines is tested by itself: one family of each kind is enough here
  it.skipIf(!installed.ok)(`four families, TensorFlow${saying(why)}`, { timeout }, async () => {
    const families = ['--families', 'E,V,EEI,VVV'];
    const { code, output } = await python(
      'reference/check.py',
      '--engine',
      'tensorflow',
      '--quiet',
      ...families,
    );
    expect(output).toContain('14 passed, 0 failed');
    expect(code).toBe(0);
  });
});
