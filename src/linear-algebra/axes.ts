/**
 * Orthogonal axes of symmetric matrices by plane rotations. Sources: Golub, Van Loan: Matrix Computations (4th ed.), 8.5
 * (Jacobi); Flury, Gautschi (1986) and Browne, McNicholas (2014) for axes that several matrices share.
 */

export interface WeightedMatrix {
  /** [n]: the weight of each axis */
  readonly weights: ArrayLike<number>;
  /** [n, n], symmetric */
  readonly matrix: ArrayLike<number>;
}

const SWEEPS = 200;
const SMALL = 1e-15;

/**
 * The orthogonal Q, [n, n] with axes as columns, that minimises Σ_k tr(diag(w_k) Qᵀ S_k Q). For one matrix these are its
 * eigenvectors, the largest eigenvalue where the weight is smallest. For several, each plane of two axes is turned to its
 * own minimum, again and again, beginning at `start`: the sum never rises.
 */
export function axes(
  list: readonly WeightedMatrix[],
  n: number,
  start: ArrayLike<number> | undefined,
): Float64Array {
  if (list.length === 1) return eigenAxes(list[0], n);
  const q = start === undefined ? identity(n) : Float64Array.from(start);
  const turned = list.map(({ matrix }) => congruence(matrix, q, n));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let largest = 0;
    for (let a = 0; a < n; a++)
      for (let b = a + 1; b < n; b++) {
        let x = 0;
        let y = 0;
        list.forEach(({ weights }, k) => {
          const m = turned[k];
          const gap = weights[a] - weights[b];
          x += (gap * (m[a * n + a] - m[b * n + b])) / 2;
          y += gap * m[a * n + b];
        });
        // x cos 2t + y sin 2t is smallest where (cos 2t, sin 2t) points against (x, y)
        const size = Math.hypot(x, y);
        if (!(size > 0)) continue;
        const angle = Math.atan2(-y, -x) / 2;
        const t = angle > Math.PI / 2 ? angle - Math.PI : angle;
        if (Math.abs(t) < SMALL) continue;
        largest = Math.max(largest, Math.abs(t));
        rotateColumns(q, a, b, t, n);
        for (const m of turned) rotateBoth(m, a, b, t, n);
      }
    if (largest < 1e-12) break;
  }
  return q;
}

/** Eigenvectors of one matrix, ordered against the weights. */
function eigenAxes({ weights, matrix }: WeightedMatrix, n: number): Float64Array {
  const q = identity(n);
  const m = Float64Array.from(matrix);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let off = 0;
    for (let a = 0; a < n; a++)
      for (let b = a + 1; b < n; b++) {
        const h = m[a * n + b];
        const scale = Math.sqrt(Math.abs(m[a * n + a] * m[b * n + b]));
        if (Math.abs(h) <= SMALL * scale || h === 0) continue;
        off = Math.max(off, Math.abs(h) / (scale || 1));
        const t = Math.atan2(2 * h, m[a * n + a] - m[b * n + b]) / 2;
        rotateColumns(q, a, b, t, n);
        rotateBoth(m, a, b, t, n);
      }
    if (off < 1e-15) break;
  }
  const byValue = Array.from({ length: n }, (_, i) => i).sort((i, j) => m[j * n + j] - m[i * n + i] || i - j);
  const byWeight = Array.from({ length: n }, (_, i) => i).sort((i, j) => weights[i] - weights[j] || i - j);
  const ordered = new Float64Array(n * n);
  byWeight.forEach((to, rank) => {
    for (let row = 0; row < n; row++) ordered[row * n + to] = q[row * n + byValue[rank]];
  });
  return ordered;
}

function identity(n: number): Float64Array {
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  return q;
}

/** Qᵀ S Q. */
function congruence(s: ArrayLike<number>, q: Float64Array, n: number): Float64Array {
  const sq = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) for (let t = 0; t < n; t++) sq[i * n + j] += s[i * n + t] * q[t * n + j];
  const m = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) for (let t = 0; t < n; t++) m[i * n + j] += q[t * n + i] * sq[t * n + j];
  return m;
}

/** Q ← Q R, R the rotation by t in the plane of axes a and b. */
function rotateColumns(q: Float64Array, a: number, b: number, t: number, n: number): void {
  const [c, s] = [Math.cos(t), Math.sin(t)];
  for (let i = 0; i < n; i++) {
    const [x, y] = [q[i * n + a], q[i * n + b]];
    q[i * n + a] = c * x + s * y;
    q[i * n + b] = c * y - s * x;
  }
}

/** M ← Rᵀ M R. */
function rotateBoth(m: Float64Array, a: number, b: number, t: number, n: number): void {
  rotateColumns(m, a, b, t, n);
  const [c, s] = [Math.cos(t), Math.sin(t)];
  for (let j = 0; j < n; j++) {
    const [x, y] = [m[a * n + j], m[b * n + j]];
    m[a * n + j] = c * x + s * y;
    m[b * n + j] = c * y - s * x;
  }
}
