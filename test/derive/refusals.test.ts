/** What no rule solves is refused by name: the term, and why. */
import { describe, expect, it } from 'vitest';
import { compileSource } from '../../src/compile.js';

const refusals = (lines: string): string => {
  const source = `model M\nplate i over rows\nparam b : positive\ndata t[i] : real\n${lines}\n`;
  const { diagnostics } = compileSource(source);
  return diagnostics.map((d) => [d.code, d.message, ...d.helps].join(' ')).join('\n');
};

describe('absolute deviations', () => {
  it('of which two parameters move the bends: by turns they may stand still below the maximum', () => {
    expect(refusals('param w : real\nparam c : real\ndata y[i] : real ~ Laplace(w * t[i] + c, b)')).toContain(
      'GMM0302',
    );
    expect(refusals('param w : real\nparam c : real\ndata y[i] : real ~ Laplace(w * t[i] + c, b)')).toContain(
      'weighted median: w and c stand in one absolute value, |y[i] − (w t[i] + c)|',
    );
  });

  it('of different points, and beside other terms', () => {
    const two = 'param m : real\ndata y[i] : real ~ Laplace(m, b)\ndata x[i] : real ~ Laplace(m, b)';
    expect(refusals(two)).toContain('the deviations from m are of different points');
    const prior = 'param m : real ~ Normal(0, variance: 4)\ndata y[i] : real ~ Laplace(m, b)';
    expect(refusals(prior)).toContain('m stands in m², which is no absolute value');
  });

  it('from what is no real number', () => {
    expect(refusals('param m : positive\ndata y[i] : real ~ Laplace(m, b)')).toContain('GMM0302');
  });
});

it('a bound of the data', () => {
  expect(refusals('param h : real\ndata y[i] : real ~ Uniform(0, h + b)')).toContain(
    '`h` bounds the data in log([y[i] ≤ h + b])',
  );
});
