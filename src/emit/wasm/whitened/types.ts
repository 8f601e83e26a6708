/**
 * The data stage of a soft mixture of many columns as a WebAssembly kernel that leaves out what weighs nothing. Each logit is
 * a top less a sum of squares,
 *
 *     logit[k] = c[k] − ‖R[k] (u − m[k])‖²          R[k] lower triangular, in units of log 2
 *
 * so that it only falls while the squares are added, four rows of R at a time, and a component is left as soon as it is
 * 2^-65 beside the best of the row (45 nats): what it would add is less than the rounding of what is there. Most rows of
 * well separated components pay for one of them. The sums take responsibilities above 1e-20.
 *
 * Rows are kept row by row, and two columns to a vector. Rows wait in a *bucket* of their component, as √r d, until it is
 * full; then Σ r d dᵀ is one product of a matrix with itself. A *lane* is a fixed share of the rows with buckets and sums of
 * its own. All but the labels and owners is float64.
 */
import { layout } from '../layout.js';
import type { Layout } from '../layout.js';

export interface WhitenedShape {
  /** C */
  readonly columns: number;
  /** K */
  readonly components: number;
  readonly weighted: boolean;
  readonly labelled: boolean;
  /** N */
  readonly rows: number;
  readonly lanes: number;
  /** the host multiplies and adds with one rounding */
  readonly fused: boolean;
}

/** Columns and rows of R are taken four at a time. */
export const BLOCK = 4;
/** Rows of a bucket. */
export const BUCKET = 32;
/** Rows of each lane for which posteriors are answered at a time. */
export const ANSWERED = 128;

export const blocksOf = ({ columns }: WhitenedShape): number => Math.ceil(columns / BLOCK);
export const paddedColumns = (s: WhitenedShape): number => BLOCK * blocksOf(s);
const blockPairs = (s: WhitenedShape): number => (blocksOf(s) * (blocksOf(s) + 1)) / 2;

/**
 * c, 0, m [C padded], then R: for each block of four rows and each column up to the block's last one, four numbers of that
 * column.
 */
export const numbersPerComponent = (s: WhitenedShape): number =>
  2 + paddedColumns(s) + BLOCK * BLOCK * blockPairs(s);

/** n, 0, Σ r d [C padded], then Σ r d dᵀ: for each block of four columns, and each not before it, 4 x 4 numbers. */
export const sumsPerComponent = (s: WhitenedShape): number =>
  2 + paddedColumns(s) + BLOCK * BLOCK * blockPairs(s);

/** those of the components, then Σ w top, Σ w log₂ Σ 2^(logit − top), the pairs of rows and components not left, 0 */
export const sumsPerLane = (s: WhitenedShape): number => s.components * sumsPerComponent(s) + 4;

/** Where R's block of rows b begins in a component's numbers. */
export const firstOfRows = (s: WhitenedShape, b: number): number =>
  2 + paddedColumns(s) + (BLOCK * BLOCK * b * (b + 1)) / 2;

/** Where the products of column blocks a <= b stand in a component's sums. */
export const placeOfProducts = (s: WhitenedShape, a: number, b: number): number =>
  2 + paddedColumns(s) + BLOCK * BLOCK * (a * blocksOf(s) - (a * (a - 1)) / 2 + (b - a));

/** Bytes of a lane's own work: d of those not left, their numbers and logits, fill of the buckets, the buckets. */
export function workPlaces(s: WhitenedShape) {
  const line = (bytes: number): number => 64 * Math.ceil(bytes / 64);
  const row = 8 * paddedColumns(s);
  const differences = 0;
  const kept = differences + line(s.components * row);
  const logits = kept + line(4 * s.components);
  const filled = logits + line(8 * s.components + 16);
  const buckets = filled + line(4 * s.components);
  return { differences, kept, logits, filled, buckets, bytes: buckets + s.components * BUCKET * row };
}

export type WhitenedLayout = Layout<
  | 'rows'
  | 'weights'
  | 'labels'
  | 'owners'
  | 'parameters'
  | 'work'
  | 'sums'
  | 'first'
  | 'responsibilities'
  | 'logDensities'
>;

export function whitenedLayout(shape: WhitenedShape): WhitenedLayout {
  const { rows, lanes, components } = shape;
  return layout({
    /** [N, C padded] u, padded with 0 */
    rows: 8 * rows * paddedColumns(shape),
    /** [N] */
    weights: shape.weighted ? 8 * rows : 0,
    /** [N] int32: 0, or the component from 1 */
    labels: shape.labelled ? 4 * rows : 0,
    /** [N] int32: the component that was best when the row was last looked at, which is looked at first */
    owners: 4 * rows,
    /** [K, numbersPerComponent] */
    parameters: 8 * components * numbersPerComponent(shape),
    /** [lanes], each as `workPlaces` says */
    work: lanes * workPlaces(shape).bytes,
    /** [lanes, sumsPerLane] */
    sums: 8 * lanes * sumsPerLane(shape),
    /** int32: the row that `posterior` begins at */
    first: 4,
    /** [lanes, ANSWERED, K] */
    responsibilities: 8 * lanes * ANSWERED * components,
    /** [lanes, ANSWERED] */
    logDensities: 8 * lanes * ANSWERED,
  });
}
