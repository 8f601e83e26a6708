/**
 * How a component fills rows that miss the same cells: each missing one is affine in the others, so that sums over the
 * filled rows follow from sums over the rows as they are. With d = x − centre, and d_m = β + B d_o for the missing cells,
 *
 *     Σ r d_m = n β + B Σ r d_o        Σ r d_m dᵀ = β Σ r dᵀ + B Σ r d_o dᵀ        (the last for observed d, then for all)
 *
 * and the spread of what is filled adds n C. Nothing is done for a row but the sums over what it has.
 */
import { sumsPerComponent } from '../../emit/javascript/kernel-shape.js';
import type { Pairs } from '../../plan/types.js';
import { conditional } from '../reference/missing.js';
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
  for (const block of blocks) {
    const { residual, own } = block;
    const gone = own.flatMap((c, d) => (c !== undefined && missing.has(c) ? [d] : []));
    if (gone.length === 0) continue;
    const width = residual.columns.length;
    const of = conditional(block, gone);
    gone.forEach((d, m) => {
      // x̂ = −offset − U c over the covariates, plus the regression on the residuals of what is observed
      const by = new Map<number, number>();
      const origin = new Map<number, number>();
      const addRow = (row: number, factor: number): void => {
        for (let j = 0; j < width; j++) {
          const u = residual.matrix[row * width + j];
          const column = residual.columns[j];
          if (u !== 0 && column !== own[d]) by.set(column, (by.get(column) ?? 0) + factor * u);
        }
      };
      addRow(d, -1);
      of.observed.forEach((o, at) => {
        const factor = of.regression[m * of.observed.length + at];
        if (factor === 0) return;
        addRow(o, factor);
        // near the column's mean, so that a large one costs no digits
        origin.set(own[o]!, -residual.offset[o]);
      });
      const sources = [...by.keys()];
      cells.push({
        column: own[d]!,
        at: -residual.offset[d],
        sources,
        origins: Float64Array.from(sources, (c) => origin.get(c) ?? 0),
        coefficients: Float64Array.from(sources, (c) => by.get(c)!),
      });
    });
    logVolume += of.logVolume;
    spread.push({ columns: of.missing.map((d) => own[d]!), covariance: of.covariance });
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
