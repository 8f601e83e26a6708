import { expect, it } from 'vitest';
import { functions } from '../../src/algebra/functions.js';
import * as own from '../../src/algebra/gamma-functions.js';
import { stream } from '../../src/random.js';

it.each(['lgamma', 'digamma', 'trigamma'] as const)('%s', (name) => {
  const random = stream('gamma', name);
  const numbers = [
    ...[0.5, 1, 1.5, 2, 3, 11, 12, 13, 1e10, 1e300, -0.5, -3.7],
    ...Array.from({ length: 20_000 }, () => 10 ** (12 * random.uniform() - 6)),
    ...Array.from({ length: 20_000 }, () => 30 * random.uniform()),
  ];
  for (const x of numbers) {
    const expected = functions[name].value(x);
    expect(Math.abs(own[name](x) - expected), String(x)).toBeLessThanOrEqual(
      2e-14 * Math.max(1, Math.abs(expected)),
    );
  }
  expect(own[name](NaN)).toBeNaN();
  expect(own[name](Infinity)).toBe(functions[name].value(Infinity));
});
