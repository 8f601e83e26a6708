/** The two kinds of number that expressions are evaluated in: float64, and dual numbers for exact derivatives. */
import type { Field } from './evaluate.js';
import { functions } from './functions.js';

export const float64: Field<number> = {
  of: (value) => value,
  real: (a) => a,
  add: (a, b) => a + b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  power: (a, exponent) => a ** exponent,
  apply: (name, a) => functions[name].value(a),
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
  apply: (name, a) => dual(functions[name].value(a.value), functions[name].slope(a.value) * a.derivative),
};
