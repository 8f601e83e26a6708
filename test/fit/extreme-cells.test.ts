/** Cells that are finite and far from all others: every engine gives one answer, or refuses in one way. */
import { describe, expect, it } from 'vitest';
import { isTensorFlowInstalled } from '../../src/engine/tensorflow/load.js';
import { FitError, compile } from '../../src/index.js';
import type { FitArguments } from '../../src/index.js';
import { at, expectClose, expectParameters, report, univariate } from './fits.js';

const installed = isTensorFlowInstalled();
const why = installed.ok ? '' : ` (skipped: ${installed.reason})`;
const inFloat64 = [
  { engine: 'javascript' as const, name: 'javascript', skip: false },
  { engine: 'wasm' as const, name: 'wasm', skip: false },
  { engine: 'tensorflow' as const, name: `tensorflow${why}`, skip: !installed.ok },
];

const ordinary = [1, 2, 3, 2.5, 1.5, 6, 7, 8, 6.5];
const start = at({ pi: [0.5, 0.5], mu: [2, 7], s2: [1, 1] });
const plane = univariate
  .replaceAll('real\n', 'real[2]\n')
  .replace('s2[k] : variance', 'S[k] : covariance[2]')
  .replace('x[i] : real ~', 'x[i] : real[2] from a, b ~')
  .replace('s2[z[i]]', 'S[z[i]]');

/** Code and words of the one problem; undefined where there is a fit. */
async function problemOf(source: string, table: Readonly<Record<string, number[]>>, options: FitArguments) {
  const error = await compile(source)
    .fit(table, options)
    .then(
      () => undefined,
      (e: unknown) => e,
    );
  if (error === undefined) return undefined;
  expect(error).toBeInstanceOf(FitError);
  const [{ code, message }] = (error as FitError).diagnostics;
  return { code, message };
}

for (const { engine, name, skip } of inFloat64)
  describe.skipIf(skip)(name, () => {
    it.each([1e4, 1e6, 1e9, 1e12])('beside %d, what the reference engine says', async (far) => {
      // a third component, wide, has the far cell, so that nothing collapses but all is on its scale
      const source = univariate.replace('K = 2', 'K = 3');
      const three = at({ pi: [0.4, 0.4, 0.2], mu: [2, 7, 2 * far], s2: [1, 1, far * far] });
      const options = { start: three, maxIterations: 1, tolerance: 0 };
      const floored = `${source}constrain s2[k] >= 0.5\n`;
      const wide = { x: [...ordinary, far, 3 * far] };
      const problem = await problemOf(floored, wide, { ...options, engine: 'reference' });
      expect(await problemOf(floored, wide, { ...options, engine })).toEqual(problem);
      if (problem !== undefined) return;
      const expected = await compile(floored).fit(wide, { ...options, engine: 'reference' });
      const found = await compile(floored).fit(wide, { ...options, engine });
      expectClose(found.logLikelihood, expected.logLikelihood, 1e-7);
      expectParameters(found.parameters, expected.parameters, 1e-6);
      expect(report(found).iterations).toBe(report(expected).iterations);
    });

    it.each([1e20, 1e100, 1e140])('a cell of %d: the same collapse', async (far) => {
      for (const options of [{ start }, {}]) {
        const expected = await problemOf(
          univariate,
          { x: [...ordinary, far] },
          { ...options, engine: 'reference' },
        );
        expect(expected?.code).toBe('GMM0501');
        expect(expected?.message).toContain('its variance in column x has fallen to zero');
        const found = await problemOf(univariate, { x: [...ordinary, far] }, { ...options, engine });
        expect(found).toEqual(expected);
      }
    });

    it('of a vector, too', async () => {
      const table = { a: [...ordinary, 1e100], b: [3, 1, 2, 4, 3, 1, 2, 5, 3, 2] };
      const expected = await problemOf(plane, table, { engine: 'reference' });
      expect(expected?.code).toBe('GMM0501');
      expect(await problemOf(plane, table, { engine })).toEqual(expected);
    });

    it('a constant column, and one that is constant but for one cell', async () => {
      for (const x of [ordinary.map(() => 5), [...ordinary.map(() => 5), 6]]) {
        const expected = await problemOf(univariate, { x }, { engine: 'reference' });
        expect(expected?.message).toContain('its variance in column x has fallen to zero');
        expect(await problemOf(univariate, { x }, { engine })).toEqual(expected);
      }
    });

    it('a subnormal number among others is a number near 0', async () => {
      const x = [...ordinary, 5e-324];
      const expected = await compile(univariate).fit({ x }, { engine: 'reference', start });
      const found = await compile(univariate).fit({ x }, { engine, start });
      expectClose(found.logLikelihood, expected.logLikelihood, 1e-9);
      expectParameters(found.parameters, expected.parameters, 1e-4);
    });
  });

describe.each(['reference', 'javascript', 'tensorflow', 'wasm', 'tfjs'] as const)('%s refuses', (engine) => {
  const skip = engine === 'tensorflow' && !installed.ok;
  it.skipIf(skip).each([1e149, 1e150, -1e300, Number.MAX_VALUE])('a cell of %d', async (far) => {
    const precision = engine === 'tfjs' ? ('float32' as const) : ('float64' as const);
    const problem = await problemOf(univariate, { x: [...ordinary, far] }, { engine, precision });
    expect(problem?.code).toBe('GMM0516');
    expect(problem?.message).toContain(`row 10 of column \`x\` is ${String(far)}`);
  });

  it.skipIf(skip)('a column of subnormal numbers, and of differences without a square', async () => {
    const precision = engine === 'tfjs' ? ('float32' as const) : ('float64' as const);
    for (const unit of [5e-324, 1e-200]) {
      const problem = await problemOf(
        univariate,
        { x: ordinary.map((v) => v * unit) },
        { engine, precision },
      );
      expect(problem?.code).toBe('GMM0516');
    }
  });
});

describe('float32', () => {
  it('has room for less', async () => {
    const options = { engine: 'tfjs', precision: 'float32' } as const;
    const problem = await problemOf(univariate, { x: [...ordinary, 1e19] }, options);
    expect(problem?.message).toContain('no room in float32 (numbers up to 1e+18 have)');
  });
});
