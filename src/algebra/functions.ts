/** The functions of one number that expressions may hold: value and slope in float64. One entry here is all one needs. */
import digamma from '@stdlib/math-base-special-digamma';
import gammaln from '@stdlib/math-base-special-gammaln';
import trigamma from '@stdlib/math-base-special-trigamma';
import type { FunctionName } from './types.js';

interface ScalarFunction {
  readonly value: (x: number) => number;
  readonly slope: (x: number) => number;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

export const functions: Readonly<Record<FunctionName, ScalarFunction>> = {
  log: { value: Math.log, slope: (x) => 1 / x },
  exp: { value: Math.exp, slope: Math.exp },
  logistic: { value: logistic, slope: (x) => logistic(x) * logistic(-x) },
  /** log(1 + eˣ), large x taken out first */
  softplus: {
    value: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    slope: logistic,
  },
  /** log Γ */
  lgamma: { value: (x) => gammaln(x), slope: (x) => digamma(x) },
  digamma: { value: (x) => digamma(x), slope: (x) => trigamma(x) },
  trigamma: { value: (x) => trigamma(x), slope: tetragamma },
};

/**
 * ψ''(x) for x > 0: the asymptotic series at x + n >= 12 and ψ''(x) = ψ''(x + 1) − 2 / x³.
 * Source: Abramowitz, Stegun (1964), 6.4.6 and 6.4.13.
 */
function tetragamma(x: number): number {
  let [at, rest] = [x, 0];
  for (; at < 12; at++) rest -= 2 / at ** 3;
  const q = 1 / at ** 2;
  return rest - q * (1 + 1 / at + q * (1 / 2 - q * (1 / 6 - q * (1 / 6 - q * (3 / 10 - (q * 5) / 6)))));
}
