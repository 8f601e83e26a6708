/**
 * How a component fills rows that miss the same cells: each missing one is affine in the others, so that sums over the
 * filled rows follow from sums over the rows as they are. With d = x − centre, and d_m = β + B d_o for the missing cells,
 *
 *     Σ r d_m = n β + B Σ r d_o        Σ r d_m dᵀ = β Σ r dᵀ + B Σ r d_o dᵀ        (the last for observed d, then for all)
 *
 * and the spread of what is filled adds n C. Nothing is done for a row but the sums over what it has.
 */
import { sumsPerComponent } from '../../emit/javascript/kernel-shape.js';
import { conditionalGaussian } from '../../linear-algebra/conditional.js';
import type { Pairs } from '../../plan/types.js';
import type { Block, Spread } from '../reference/missing.js';

/** A missing cell: at + Σ coefficient (column − origin) over the columns that it follows. */
export interface FilledCell {
  readonly column: number;
  readonly at: number;
  readonly sources: readonly number[];
  readonly origins: Float64Array;
  readonly coefficients: Float64Array;
}

/** One component's way to fill rows of one pattern. */
export interface Filling {
  readonly cells: readonly FilledCell[];
  /** what the density gains: ½ log|2π C| */
  readonly logVolume: number;
  readonly spread: readonly Spread[];
}

/** The same as rows are filled one by one (`reference/missing.ts`), as a rule for all rows of the pattern. */
export function fillingOf(blocks: readonly Block[], missing: ReadonlySet<number>): Filling {
  const cells: FilledCell[] = [];
  const spread: Spread[] = [];
  let logVolume = 0;
  for (const { residual, own, covariance } of blocks) {
    const n = residual.rows;
    const [gone, observed]: [number[], number[]] = [[], []];
    for (let d = 0; d < n; d++) (own[d] !== undefined && missing.has(own[d]!) ? gone : observed).push(d);
    if (gone.length === 0) continue;
    const of = conditionalGaussian(covariance, n, observed, gone);
    if (of === undefined) throw new Error('a scale is not positive definite');
    const width = residual.columns.length;
    gone.forEach((d, m) => {
      const [sources, origins, coefficients]: [number[], number[], number[]] = [[], [], []];
      const follow = (column: number, origin: number, coefficient: number): void => {
        if (coefficient === 0) return;
        sources.push(column);
        origins.push(origin);
        coefficients.push(coefficient);
      };
      /** what a residual reads beside its own column */
      const followOthers = (row: number, factor: number): void => {
        for (let j = 0; j < width; j++)
          if (residual.columns[j] !== own[row])
            follow(residual.columns[j], 0, factor * residual.matrix[row * width + j]);
      };
      // x̂ = −offset − U c over the others, plus the regression on the residuals of what is observed
      followOthers(d, -1);
      observed.forEach((o, at) => {
        const factor = of.regression[m * observed.length + at];
        if (factor === 0) return;
        // from the column's mean, so that a large one costs no digits
        if (own[o] !== undefined) follow(own[o], -residual.offset[o], factor);
        followOthers(o, factor);
      });
      cells.push({
        column: own[d]!,
        at: -residual.offset[d],
        sources,
        origins: Float64Array.from(origins),
        coefficients: Float64Array.from(coefficients),
      });
    });
    logVolume += (gone.length * Math.log(2 * Math.PI) + of.logDeterminant) / 2;
    spread.push({ columns: gone.map((d) => own[d]!), covariance: of.covariance });
  }
  return { cells, logVolume, spread };
}

/** Writes a cell of rows [from, from + n) into `out`. */
export function fillCell(
  { at, sources, origins, coefficients }: FilledCell,
  columns: readonly Float64Array[],
  n: number,
  out: Float64Array,
): void {
  out.fill(at, 0, n);
  for (let s = 0; s < sources.length; s++) {
    const [x, origin, coefficient] = [columns[sources[s]], origins[s], coefficients[s]];
    for (let i = 0; i < n; i++) out[i] += coefficient * (x[i] - origin);
  }
}

/** Products of columns as sums have them. */
export interface SumLayout {
  readonly columns: number;
  /** those of the rows as they are: all, where a cell follows others */
  readonly from: Pairs;
  /** those that are wanted */
  readonly to: Pairs;
}

/**
 * Adds to `into` (from `intoAt`) the sums of filled rows, given those of the rows as they are in `sums` (from `at`), both around
 * the same centre, which begins at `centreAt`. What `sums` has for missing cells is not read.
 */
export function addFilled(
  { columns: c, from, to }: SumLayout,
  { cells, spread }: Filling,
  sums: Float64Array,
  at: number,
  centres: Float64Array,
  centreAt: number,
  into: Float64Array,
  intoAt: number,
  work: Float64Array,
): void {
  const n = sums[at];
  if (n === 0) return;
  // work: Σ r d dᵀ as a square, then Σ r d
  const first = c * c;
  for (let a = 0; a < c; a++) work[first + a] = sums[at + 1 + a];
  unpack(from, c, sums, at + 1 + c, work);
  for (const cell of cells) {
    const m = cell.column;
    let beta = cell.at - centres[centreAt + m];
    let sum = 0;
    cell.sources.forEach((s, e) => {
      beta += cell.coefficients[e] * (centres[centreAt + s] - cell.origins[e]);
      sum += cell.coefficients[e] * work[first + s];
    });
    work[first + m] = n * beta + sum;
    if (from === 'none') continue;
    // products with every column but itself; those with cells filled earlier are right already, with later ones not yet
    for (let b = 0; b < c; b++) {
      if (b === m) continue;
      let product = beta * work[first + b];
      for (let e = 0; e < cell.sources.length; e++)
        product += cell.coefficients[e] * work[cell.sources[e] * c + b];
      work[m * c + b] = work[b * c + m] = product;
    }
    let square = beta * work[first + m];
    for (let e = 0; e < cell.sources.length; e++)
      square += cell.coefficients[e] * work[cell.sources[e] * c + m];
    work[m * c + m] = square;
  }
  if (from !== 'none')
    for (const { columns, covariance } of spread)
      columns.forEach((a, i) => {
        columns.forEach((b, j) => (work[a * c + b] += n * covariance[i * columns.length + j]));
      });
  into[intoAt] += n;
  for (let a = 0; a < c; a++) into[intoAt + 1 + a] += work[first + a];
  pack(to, c, work, into, intoAt + 1 + c);
}

function unpack(pairs: Pairs, c: number, sums: Float64Array, at: number, work: Float64Array): void {
  if (pairs === 'squares') for (let a = 0; a < c; a++) work[a * c + a] = sums[at + a];
  if (pairs === 'all')
    for (let a = 0, p = at; a < c; a++)
      for (let b = a; b < c; b++, p++) work[a * c + b] = work[b * c + a] = sums[p];
}

function pack(pairs: Pairs, c: number, work: Float64Array, into: Float64Array, at: number): void {
  if (pairs === 'squares') for (let a = 0; a < c; a++) into[at + a] += work[a * c + a];
  if (pairs === 'all')
    for (let a = 0, p = at; a < c; a++) for (let b = a; b < c; b++, p++) into[p] += work[a * c + b];
}

/** Numbers of all components of a stratum. */
export const sumsLength = (components: number, columns: number, pairs: Pairs): number =>
  components * sumsPerComponent(columns, pairs);
