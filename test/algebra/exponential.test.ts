import { expect, it } from 'vitest';
import { makeExponential } from '../../src/algebra/exponential.js';
import { stream } from '../../src/random.js';

const exp = makeExponential();

it('is the exponential to two units in the last place', () => {
  const random = stream('exponential', 'numbers');
  const numbers = Array.from(
    { length: 100_000 },
    () => (random.uniform() - 0.5) * 10 ** (4 * random.uniform() - 1),
  );
  const off = numbers.map((x) => (Math.exp(x) > 2 ** -1022 ? Math.abs(exp(x) / Math.exp(x) - 1) : 0));
  expect(Math.max(...off)).toBeLessThanOrEqual(2 * 2 ** -52);
});

it.each([0, -0, NaN, Infinity, -Infinity, 709, 709.7, 710, -708, -745, -746, 5e-324, 1e-300])(
  'of %d',
  (x) => {
    expect(exp(x)).toBe(Math.exp(x));
  },
);
