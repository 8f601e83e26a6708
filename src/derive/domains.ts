/** Values of a parameter within its domain: what is feasible, and feasible values near by. */
import { alike } from './instance.js';
import type { Randomness } from './instance.js';
import type { entriesOf } from './copies.js';

/** The shape of one value, and of a simplex which entries are held or tied. */
export interface MovingValue {
  readonly shape: readonly number[];
  readonly entries: ReturnType<typeof entriesOf>;
}

/** A feasible point near by. */
export function perturbed(
  domain: string,
  values: readonly number[],
  { shape, entries }: MovingValue,
  size: number,
  random: Randomness,
): readonly number[] {
  if (domain === 'positive') return values.map((x) => x * Math.exp(size * random.normal()));
  if (domain === 'unit') return values.map((x) => 1 / (1 + ((1 - x) / x) * Math.exp(size * random.normal())));
  if (domain === 'simplex') {
    const { held, ties } = entries;
    const free = values.map((_, at) => !held.includes(at + 1));
    const mass = values.reduce((s, x, at) => s + (free[at] ? x : 0), 0);
    const moves = alike(
      values.map(() => random.normal()),
      ties,
    );
    const moved = values.map((x, at) => (free[at] ? x * Math.exp(size * moves[at]) : x));
    const total = moved.reduce((s, x, at) => s + (free[at] ? x : 0), 0);
    return moved.map((x, at) => (free[at] ? (x * mass) / total : x));
  }
  if (domain === 'shape') {
    const logs = values.map((x) => Math.log(x) + size * random.normal());
    const mean = logs.reduce((a, b) => a + b, 0) / logs.length;
    return logs.map((x) => Math.exp(x - mean));
  }
  if (domain === 'orthogonal') return rotated(values, shape[0], size, random);
  if (domain === 'covariance') {
    // (I + A) Σ (I + A)ᵀ stays positive definite
    const n = shape[0];
    const a = Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0) + size * random.normal());
    return multiplyThree(a, values, n);
  }
  return values.map((x) => x + size * random.normal());
}

/** Q turned a little in every plane of two axes. */
function rotated(values: readonly number[], n: number, size: number, random: Randomness): readonly number[] {
  const q = [...values];
  for (let a = 0; a < n; a++)
    for (let b = a + 1; b < n; b++) {
      const angle = size * random.normal();
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let i = 0; i < n; i++) {
        const [x, y] = [q[i * n + a], q[i * n + b]];
        q[i * n + a] = c * x + s * y;
        q[i * n + b] = c * y - s * x;
      }
    }
  return q;
}

function multiplyThree(a: readonly number[], m: readonly number[], n: number): readonly number[] {
  const am = Array.from({ length: n * n }, (_, at) => {
    let s = 0;
    for (let t = 0; t < n; t++) s += a[Math.floor(at / n) * n + t] * m[t * n + (at % n)];
    return s;
  });
  return Array.from({ length: n * n }, (_, at) => {
    let s = 0;
    for (let t = 0; t < n; t++) s += am[Math.floor(at / n) * n + t] * a[(at % n) * n + t];
    return s;
  });
}

export const isOrthogonal = (q: readonly number[], n: number): boolean =>
  multiplyThree(
    q,
    Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0)),
    n,
  ).every((x, at) => Math.abs(x - (at % (n + 1) === 0 ? 1 : 0)) < 1e-9);

export function isPositiveDefinite(m: readonly number[], n: number): boolean {
  const isSymmetric = m.every(
    (x, at) => Math.abs(x - m[(at % n) * n + Math.floor(at / n)]) <= 1e-9 * (1 + Math.abs(x)),
  );
  return isSymmetric && pivots(m, n).every((x) => x > 0);
}

/** The pivots of Gaussian elimination: all positive for a positive definite matrix. */
export function pivots(m: readonly number[], n: number): readonly number[] {
  const a = [...m];
  for (let c = 0; c < n; c++)
    for (let i = c + 1; i < n; i++) {
      const factor = a[i * n + c] / a[c * n + c];
      for (let j = c; j < n; j++) a[i * n + j] -= factor * a[c * n + j];
    }
  return Array.from({ length: n }, (_, i) => a[i * n + i]);
}
