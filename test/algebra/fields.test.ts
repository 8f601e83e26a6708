import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evaluate } from '../../src/algebra/evaluate.js';
import { duals, float64 } from '../../src/algebra/fields.js';
import { environmentIn, scalarExpr, summed } from './expressions.js';

it('dual numbers carry the derivative that central differences approximate', () => {
  fc.assert(
    fc.property(scalarExpr, fc.constantFrom('mu', 's2', 'v'), (e, name) => {
      const whole = summed(e);
      const direction = [0.7, -0.3, 0.2, 0.5];
      const at = (step: number): number =>
        evaluate(
          whole,
          environmentIn(float64, (n, value) =>
            n === name
              ? { shape: value.shape, data: value.data.map((y, m) => y + step * direction[m]) }
              : value,
          ),
        ).data[0];
      const exact = evaluate(
        whole,
        environmentIn(duals, (n, value) => ({
          shape: value.shape,
          data: value.data.map((y, m) => ({ value: y, derivative: n === name ? direction[m] : 0 })),
        })),
      ).data[0].derivative;
      const h = 1e-5;
      const approximate = (at(h) - at(-h)) / (2 * h);
      expect(Math.abs(exact - approximate)).toBeLessThanOrEqual(1e-6 * (1 + Math.abs(exact)));
    }),
    { numRuns: 200, seed: 3 },
  );
});
