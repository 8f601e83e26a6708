/** Functions of one number against values that mpmath computed with 40 digits. */
import { describe, expect, it } from 'vitest';
import { functions } from '../../src/algebra/functions.js';

describe('I₁ / I₀', () => {
  // x, mpmath besseli(1, x) / besseli(0, x), and its slope 1 − A / x − A²
  it.each([
    [1000.5, 0.9995001248749608, 4.997503751571117e-7],
    [5000, 0.9998999949989997, 2.000200060025013e-8],
  ])('at %d', (x, value, slope) => {
    const { besselratio } = functions;
    expect(Math.abs(besselratio.value(x) / value - 1)).toBeLessThan(1e-15);
    expect(Math.abs(besselratio.slope(x) / slope - 1)).toBeLessThan(1e-12);
  });

  it('is found at once for any x, and comes to 1', () => {
    expect(functions.besselratio.value(1e300)).toBe(1);
    expect(functions.besselratio.slope(1e12) / 5e-25).toBeCloseTo(1, 11);
  });
});
