/**
 * Linear equations C θ = d in numbers: their rank, whether they can hold, and an orthonormal basis of the directions that
 * they leave free. By Gram–Schmidt with a second pass (Golub, Van Loan 5.2.8).
 */

export interface Equations {
  readonly rank: number;
  /** rows that follow from others */
  readonly redundant: number;
  /** false where some of them contradict each other */
  readonly canHold: boolean;
  /** orthonormal rows R with R θ = e the same equations: [rank, P] and [rank] */
  readonly rows: readonly Float64Array[];
  readonly values: readonly number[];
  /** orthonormal columns of what is free: [P − rank] vectors of [P] */
  readonly basis: readonly Float64Array[];
}

const TINY = 1e-10;

/** Rows C [R][P] and values d [R]. */
export function equationsFrom(
  rows: readonly Float64Array[],
  values: readonly number[],
  size: number,
): Equations {
  const kept: Float64Array[] = [];
  const right: number[] = [];
  let canHold = true;
  let redundant = 0;
  rows.forEach((row, n) => {
    const length = Math.hypot(...row);
    const v = Float64Array.from(row, (x) => x / (length || 1));
    let value = values[n] / (length || 1);
    for (let pass = 0; pass < 2; pass++)
      kept.forEach((r, k) => {
        const along = dot(v, r);
        for (let i = 0; i < v.length; i++) v[i] = v[i] - along * r[i];
        value -= along * right[k];
      });
    const left = Math.hypot(...v);
    if (left <= TINY) {
      redundant++;
      if (Math.abs(value) > TINY * Math.max(1, Math.abs(values[n] / (length || 1)))) canHold = false;
      return;
    }
    kept.push(v.map((x) => x / left));
    right.push(value / left);
  });
  const basis: Float64Array[] = [];
  for (let i = 0; i < size && basis.length < size - kept.length; i++) {
    const v = new Float64Array(size);
    v[i] = 1;
    for (let pass = 0; pass < 2; pass++)
      for (const r of [...kept, ...basis]) {
        const along = dot(v, r);
        for (let j = 0; j < v.length; j++) v[j] = v[j] - along * r[j];
      }
    const left = Math.hypot(...v);
    if (left > 1e-6) basis.push(v.map((x) => x / left));
  }
  return { rank: kept.length, redundant, canHold, rows: kept, values: right, basis };
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((s, x, i) => s + x * b[i], 0);

/** The nearest point that satisfies the equations. */
export function projected(theta: Float64Array, { rows, values }: Equations): Float64Array {
  const at = Float64Array.from(theta);
  rows.forEach((r, n) => {
    const gap = values[n] - dot(r, at);
    for (let i = 0; i < at.length; i++) at[i] = at[i] + gap * r[i];
  });
  return at;
}
