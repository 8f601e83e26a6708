/** 2^x and log₂ x in lanes of two float64 numbers, for the numbers that a softmax meets: none is infinite or no number. */
import { f64x2, i64x2, v128 } from './instructions.js';
import type { multiplyAdd } from './instructions.js';
import type { Scope } from './scope.js';
import type { Local, Value } from './types.js';

type V128 = Value<'v128'>;

/** Multiply-adds, of one rounding or two. */
export type MultiplyAdd = ReturnType<typeof multiplyAdd>;

/** Σ c_n x^n by Horner's rule. */
const polynomial = ({ madd }: MultiplyAdd, x: V128, coefficients: readonly number[]): V128 =>
  coefficients
    .slice(0, -1)
    .reduceRight<V128>((sum, c) => madd(sum, x, f64x2.constant(c)), f64x2.constant(coefficients.at(-1)!));

/**
 * 2^f on [−½, ½] as 1 + f q(f), q interpolating at Chebyshev points so that the relative error is even: 4.8e-18 at most,
 * beneath the rounding of its evaluation.
 */
const EXP2 = [
  1, 0.6931471805599453, 0.24022650695910136, 0.055504108664821084, 0.009618129107591496,
  0.0013333558146558133, 0.00015403530460764842, 1.5252733684247801e-5, 1.321543338897091e-6,
  1.0178125486258942e-7, 7.074112203581162e-9, 4.445257140458853e-10,
];
const BIAS = 1023;
/** Adding it rounds to an integer, which then stands in the lowest bits, with the bias of the exponent. */
const ROUND = 1.5 * 2 ** 52 + BIAS;

/**
 * 2^x for x <= 1023, within an ulp; exactly 1 at 0, exactly 0 below −1022.5. x = n + f with n the nearest integer (the range
 * reduction of Cody and Waite 1980, which base 2 leaves without rounding).
 */
export function exp2(s: Scope, fused: MultiplyAdd, x: V128): Local<'v128'> {
  const kept = s.let(f64x2.pmax(x, -BIAS));
  const shifted = s.let(f64x2.add(kept, ROUND));
  const f = s.let(f64x2.sub(kept, f64x2.sub(shifted, ROUND)));
  return s.let(f64x2.mul(polynomial(fused, f, EXP2), i64x2.shl(shifted, 52)));
}

/** The bits of doubles as integers: their order is that of the positive numbers. */
const MANTISSA = v128Bits(0x000fffff, 0xffffffff);
const ONE = v128Bits(0x3ff00000, 0);
const ROOT_HALF = v128Bits(0x3fe6a09e, 0x667f3bcd);
const TWO_TO_52 = v128Bits(0x43300000, 0);

function v128Bits(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

/** atanh as an odd polynomial: 2 s + s Σ c_n s^2n is log((1 + s) / (1 − s)) for |s| <= 0.172 (fdlibm, e_log.c; 2^-58.45). */
const LOGARITHM = [
  2, 0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784, 0.1818357216161805,
  0.15313837699209373, 0.14798198605116586,
];

/** log₂ x of positive normal numbers, within an ulp or two of the larger of log₂ x and ½. */
export function log2(s: Scope, fused: MultiplyAdd, x: V128): Local<'v128'> {
  // x = 2^e m with m between √½ and √2: the bits of x moved so that those of √½ become those of 1
  const moved = s.let(i64x2.add(x, i64x2.bits(ONE - ROOT_HALF)));
  const m = s.let(i64x2.add(v128.and(moved, i64x2.bits(MANTISSA)), i64x2.bits(ROOT_HALF)));
  const e = f64x2.sub(smallInteger(i64x2.shrU(moved, 52)), BIAS);
  const r = s.let(f64x2.div(f64x2.sub(m, 1), f64x2.add(m, 1)));
  const square = s.let(f64x2.mul(r, r));
  const log = s.let(f64x2.mul(r, polynomial(fused, square, LOGARITHM)));
  return s.let(fused.madd(log, f64x2.constant(Math.LOG2E), e));
}

/** Integers from 0 to 2^52 as doubles. */
export const smallInteger = (x: V128): V128 =>
  f64x2.sub(v128.or(x, i64x2.bits(TWO_TO_52)), f64x2.constant(2 ** 52));

/** A positive normal number x = 2^(exponent − 1023) mantissa: the exponent as an integer, the mantissa from 1 to 2. */
export const exponentOf = (x: V128): V128 => i64x2.shrU(x, 52);
export const mantissaOf = (x: V128): V128 => v128.or(v128.and(x, i64x2.bits(MANTISSA)), i64x2.bits(ONE));
