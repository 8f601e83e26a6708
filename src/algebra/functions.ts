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
  abs: { value: Math.abs, slope: Math.sign },
  cos: { value: Math.cos, slope: (x) => -Math.sin(x) },
  sin: { value: Math.sin, slope: Math.cos },
  /** log I₀ */
  logbesseli0: { value: logBesselI0, slope: besselRatio },
  /** I₁ / I₀ */
  besselratio: { value: besselRatio, slope: besselRatioSlope },
};

/**
 * log I₀(x) for x >= 0: the power series Σ (x²/4)ᵏ / k!² up to 30, above it the asymptotic series of e⁻ˣ √(2πx) I₀(x).
 * Source: Abramowitz, Stegun (1964), 9.6.12 and 9.7.1.
 */
function logBesselI0(x: number): number {
  let [term, sum] = [1, 1];
  if (x <= 30) {
    for (let k = 1; term > 1e-17 * sum; k++) {
      term *= (x * x) / (4 * k * k);
      sum += term;
    }
    return Math.log(sum);
  }
  for (let k = 1; k <= 20 && term > 1e-17; k++) {
    term *= (2 * k - 1) ** 2 / (8 * x * k);
    sum += term;
  }
  return x - Math.log(2 * Math.PI * x) / 2 + Math.log(sum);
}

/**
 * I₁(x) / I₀(x) for x >= 0 by the continued fraction 1 / (2/x + 1 / (4/x + …)), from far enough down; for large x, where
 * that is as long as x, by the quotient of the asymptotic series.
 * Source: Abramowitz, Stegun (1964), 9.1.73 for modified functions, and 9.7.1.
 */
function besselRatio(x: number): number {
  if (x === 0) return 0;
  if (x > 1000)
    return 1 - (1 / 2 + (1 / 8 + (1 / 8 + (25 / 128 + (13 / 32 + 1073 / 1024 / x) / x) / x) / x) / x) / x;
  let ratio = 0;
  for (let n = Math.ceil(20 + x); n >= 1; n--) ratio = 1 / ((2 * n) / x + ratio);
  return ratio;
}

/** 1 − A / x − A², A the ratio; for large x, where that is lost in rounding, the slope of the series. */
function besselRatioSlope(x: number): number {
  if (x > 1000) return (1 / 2 + (1 / 4 + (3 / 8 + (25 / 32 + 65 / 32 / x) / x) / x) / x) / x ** 2;
  return 1 - besselRatio(x) / (x || 1) - besselRatio(x) ** 2;
}

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
