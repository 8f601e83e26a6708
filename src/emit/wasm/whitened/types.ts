/**
 * The data stage of a soft mixture of many columns as a WebAssembly kernel that leaves out what weighs nothing. Each logit is
 * a top less a sum of squares,
 *
 *     logit[k] = c[k] − ‖R[k] (u − m[k])‖²          R[k] lower triangular, in units of log 2
 *
 * so that it only falls while the squares are added, four rows of R at a time, and a component is left as soon as it is
 * 2^-65 beside the best of the row (45 nats): what it would add is less than the rounding of what is there. Most rows of
 * well separated components pay for one of them.
 *
 * Rows are taken in *groups* of four that had the same owner in the step before, as columns, two rows to a vector: each number
 * of R serves all of them, and a component is left where it matters in none. The owner comes first. Beside it a linear form
 * bounds each other component from above, so that most of them are not looked at; it is taken for four of them at a time.
 *
 * A row that has something of a component waits in its *bucket*, as √r d, two columns to a vector, until that is full; then
 * Σ r d dᵀ is one product of a matrix with itself. A *lane* is a fixed share of the rows with buckets and sums of its own.
 * All but the labels, owners and orders is float64.
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
/** Vectors of two rows that a group has. */
export const VECTORS = 2;
export const GROUP = 2 * VECTORS;
/** Bytes of a number of each row of a group. */
export const LINE = 8 * GROUP;
/** Bytes of the rows that are put in order at a time: they stay in the cache. */
const ORDERED_BYTES = 2 ** 19;
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

/**
 * Whether other components are looked at beside an owner only where a bound does not tell them negligible. For more of them
 * to find the bounds of each two would take longer than the factors of all.
 */
export const isBounded = ({ columns, components }: WhitenedShape): boolean =>
  components > 1 && components <= columns;

/** Bounds beside an owner: for each four components c [4], t [4], and for each column w [4]. */
export const boundsPerOwner = (s: WhitenedShape): number =>
  BLOCK * Math.ceil(s.components / BLOCK) * (2 + paddedColumns(s));

/** Where the bound of component k beside an owner begins: c, and t and w BLOCK numbers apart. */
export const firstOfBounds = (s: WhitenedShape, owner: number, k: number): number =>
  owner * boundsPerOwner(s) + Math.floor(k / BLOCK) * BLOCK * (2 + paddedColumns(s)) + (k % BLOCK);

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

/** Rows of a lane; the last lanes have fewer, or none. */
export const rowsPerLane = ({ rows, lanes }: WhitenedShape): number => Math.ceil(rows / lanes);

/** Rows that are put in order at a time at most. */
export const rowsAtATime = (s: WhitenedShape): number =>
  Math.max(ANSWERED, Math.min(rowsPerLane(s), Math.floor(ORDERED_BYTES / (8 * paddedColumns(s)))));

/** Bytes of a lane's own work. */
export function workPlaces(s: WhitenedShape) {
  const line = (bytes: number): number => 64 * Math.ceil(bytes / 64);
  const { components: k } = s;
  const c = paddedColumns(s);
  /** [C padded, GROUP] u of a group */
  const columns = 0;
  /** [C padded, GROUP] d of one component */
  const differences = columns + c * LINE;
  /** [GROUP] */
  const labels = differences + c * LINE;
  const weights = labels + LINE;
  const tops = weights + LINE;
  const totals = tops + LINE;
  /** [K, GROUP] of those that matter, and their numbers in the places of those to be looked at: [K + BLOCK] int32 */
  const logits = totals + LINE;
  const kept = logits + k * LINE;
  /** [K] int32: rows of an owner, then where its next one goes */
  const places = kept + line(4 * (k + BLOCK));
  /** int32: rows by owner, then the last again up to a whole group */
  const order = places + line(4 * k);
  /** [K] int32: rows in each bucket */
  const filled = order + line(4 * (rowsAtATime(s) + GROUP));
  /** [K, BUCKET, C padded] */
  const buckets = filled + line(4 * k);
  const bytes = buckets + line(8 * k * BUCKET * c);
  return {
    columns,
    differences,
    labels,
    weights,
    tops,
    totals,
    logits,
    kept,
    places,
    order,
    filled,
    buckets,
    bytes,
  };
}

export type WhitenedLayout = Layout<
  | 'rows'
  | 'weights'
  | 'labels'
  | 'owners'
  | 'parameters'
  | 'bounds'
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
    /** [K, boundsPerOwner] */
    bounds: isBounded(shape) ? 8 * components * boundsPerOwner(shape) : 0,
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
