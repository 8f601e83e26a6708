/** Functions that tfjs has no operations for, made of those it has: float32, without a way back to the processor. */
import type * as tfjs from '@tensorflow/tfjs-core';
import type { Tf } from './module.js';

type Tensor = tfjs.Tensor2D;

/**
 * log Γ(x) for x > 0: Stirling's series at x + 8 below 8, log Γ(x) = log Γ(x + 8) − log x (x + 1) … (x + 7).
 * Source: Abramowitz, Stegun (1964), 6.1.15 and 6.1.41.
 */
export function lgamma(tf: Tf, x: Tensor): Tensor {
  const one = tf.onesLike(x);
  const isSmall = tf.less(x, SHIFT);
  const small = tf.where(isSmall, x, one);
  const y: Tensor = tf.where(isSmall, tf.add<Tensor>(x, SHIFT), x);
  let factors: Tensor = small;
  for (let n = 1; n < SHIFT; n++) factors = tf.mul(factors, tf.add<Tensor>(small, n));
  const q = tf.reciprocal(y);
  const rest = tf.mul<Tensor>(q, tf.sub<Tensor>(1 / 12, tf.div<Tensor>(tf.square(q), 360)));
  // (y − 1/2) (log y − 1) − 1/2 loses less than y log y − y
  const main = tf.mul<Tensor>(tf.sub<Tensor>(y, 0.5), tf.sub<Tensor>(tf.log(y), 1));
  const stirling = tf.add<Tensor>(tf.add<Tensor>(main, Math.log(2 * Math.PI) / 2 - 0.5), rest);
  return tf.where(isSmall, tf.sub<Tensor>(stirling, tf.log(factors)), stirling);
}
const SHIFT = 8;

/**
 * log I₀(x) for x >= 0, to 2e-7.
 * Source: Abramowitz, Stegun (1964), 9.8.1 and 9.8.2.
 */
export function logBesselI0(tf: Tf, x: Tensor): Tensor {
  const isSmall = tf.less(x, BORDER);
  const border = tf.fill<tfjs.Rank.R2>(x.shape, BORDER);
  const t = tf.div<Tensor>(tf.minimum<Tensor>(x, border), BORDER);
  const large = tf.maximum<Tensor>(x, border);
  const scaled = tf.log(polynomial(tf, tf.div<Tensor>(border, large), ABOVE));
  const above = tf.add<Tensor>(tf.sub<Tensor>(large, tf.mul<Tensor>(tf.log(large), 0.5)), scaled);
  return tf.where(isSmall, tf.log(polynomial(tf, tf.square(t), BELOW)), above);
}
const BORDER = 3.75;
const BELOW = [1, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.0360768, 0.0045813];
const ABOVE = [
  0.39894228, 0.01328592, 0.00225319, -0.00157565, 0.00916281, -0.02057706, 0.02635537, -0.01647633,
  0.00392377,
];

/** c[0] + c[1] x + c[2] x² + … */
const polynomial = (tf: Tf, x: Tensor, coefficients: readonly number[]): Tensor =>
  coefficients.reduceRight<Tensor>((sum, c) => tf.add<Tensor>(tf.mul<Tensor>(sum, x), c), tf.zerosLike(x));
