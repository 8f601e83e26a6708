/** The two kinds of number that expressions are evaluated in: float64, and dual numbers for exact derivatives. */
import digamma from '@stdlib/math-base-special-digamma';
import gammaln from '@stdlib/math-base-special-gammaln';
import type { Field } from './evaluate.js';

export const float64: Field<number> = {
  of: (value) => value,
  real: (a) => a,
  add: (a, b) => a + b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  power: (a, exponent) => a ** exponent,
  log: Math.log,
  exp: Math.exp,
  lgamma: (a) => gammaln(a),
};

/** value + derivative·ε with ε² = 0: arithmetic on it carries the derivative along exactly. */
export interface Dual {
  readonly value: number;
  readonly derivative: number;
}

const dual = (value: number, derivative: number): Dual => ({ value, derivative });

export const duals: Field<Dual> = {
  of: (value) => dual(value, 0),
  real: (a) => a.value,
  add: (a, b) => dual(a.value + b.value, a.derivative + b.derivative),
  multiply: (a, b) => dual(a.value * b.value, a.derivative * b.value + a.value * b.derivative),
  divide: (a, b) =>
    dual(a.value / b.value, (a.derivative * b.value - a.value * b.derivative) / (b.value * b.value)),
  power: (a, exponent) => dual(a.value ** exponent, exponent * a.value ** (exponent - 1) * a.derivative),
  log: (a) => dual(Math.log(a.value), a.derivative / a.value),
  exp: (a) => dual(Math.exp(a.value), Math.exp(a.value) * a.derivative),
  lgamma: (a) => dual(gammaln(a.value), digamma(a.value) * a.derivative),
};
