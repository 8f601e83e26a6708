/** float32 on columns far from zero: years with a spread of some, sums of money with a small one. */
import { describe, expect, it } from 'vitest';
import { referenceEngine } from '../../../src/engine/reference/engine.js';
import { openTfjs } from '../../../src/engine/tfjs/engine.js';
import { difference } from '../../emit/emitted.js';
import { examples } from '../../models.js';
import { drawnParameters, prepared } from '../programs.js';
import { whyNoWebGpu } from '../webgpu.js';

const noWebGpu = await whyNoWebGpu();

/** Locations alone follow the data: the emitted module, and node by node. */
const FAR = [
  'old-faithful',
  'tied-diagonal',
  'k-means',
  'k-medians',
  'student-t',
  'robust-vectors',
  'laplace',
  'repeated-measures',
  'two-levels',
  'group-means',
  'mixture-of-mixtures',
];

describe.each([
  { name: 'tfjs', backend: 'cpu' as const, device: 'cpu' as const, skip: false },
  {
    name: `webgpu${noWebGpu === undefined ? '' : ` (skipped: ${noWebGpu})`}`,
    backend: 'webgpu' as const,
    device: 'gpu' as const,
    skip: noWebGpu !== undefined,
  },
])('$name', ({ backend, device, skip }) => {
  it.skipIf(skip).each(FAR)('%s at 1e6', async (name) => {
    const run = await prepared(examples.find((e) => e.name === name)!);
    const columns = run.data.columns.map((c) => c.map((x) => x + 1e6));
    const { program, data } = { ...run, data: { ...run.data, columns } };
    const parameters = await drawnParameters({ ...run, program, data }, 4);
    const truth = await referenceEngine.open(program, data);
    const { engine } = await openTfjs({ threads: 1, device, backend });
    const session = await engine!.open(program, data);
    const [ours, theirs] = [await session.expectation(parameters), await truth.expectation(parameters)];
    const [rows, trueRows] = [await session.posterior(parameters), await truth.posterior(parameters)];
    session.dispose();
    expect(Math.abs(ours.logLikelihood / theirs.logLikelihood - 1)).toBeLessThan(1e-5);
    expect(difference(rows.responsibilities, trueRows.responsibilities)).toBeLessThan(1e-4);
    expect(difference(rows.logDensity, trueRows.logDensity)).toBeLessThan(1e-4);
    expect(difference(ours.moments.weight, theirs.moments.weight)).toBeLessThan(1e-4);
    expect(difference(ours.moments.scatter, theirs.moments.scatter)).toBeLessThan(1e-3);
    // means to a small part of what the columns vary
    data.columns.forEach((column, c) => {
      const spread = column.reduce((m, x) => Math.max(m, Math.abs(x - column[0])), 0);
      for (let k = 0; k < program.components; k++)
        if (theirs.moments.weight[k] > 0) {
          const at = k * data.columns.length + c;
          expect(Math.abs(ours.moments.mean[at] - theirs.moments.mean[at])).toBeLessThan(1e-4 * spread);
        }
    });
  });
});
