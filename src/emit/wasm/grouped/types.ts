/**
 * The data stage of a soft mixture as a WebAssembly kernel that goes from component to component, for any number of them and
 * of columns. As in the form that is written out (`mixture/types.ts`) each component has a centre, from which d is taken.
 *
 * Rows are taken in *groups* of eight that had the same owner in the step before, so that most groups of well separated
 * components pay the powers and sums of one of them: a component 2^-65 beneath the best in each row of a group (45 nats)
 * would add less than the rounding of what is there. The logits are written in one of three ways:
 *
 *     flat     as polynomials of u, over products made once for the group, which are summed as well; two components at a
 *              time. The fewest operations, where no digits that matter cancel
 *     step     as polynomials of d, and sums of d and its products
 *     fall     where each has its top at the centre, as sums of squares, which only fall while they are added: a component
 *              is left as soon as it is so far beneath
 *
 * Columns are taken two at a time, and loops go over them, since V8 keeps what long straight code reads on the stack. All
 * is float64 but for owners and orders.
 */
import type { Pairs } from '../../../plan/types.js';
import { layout } from '../layout.js';
import type { Layout } from '../layout.js';
import { columnBytes, unitBytes } from '../rows.js';

export interface GroupedShape {
  /** C */
  readonly columns: number;
  /** K */
  readonly components: number;
  /** which products of columns the logits have, and which are summed */
  readonly logits: Pairs;
  readonly statistics: Pairs;
  readonly weighted: boolean;
  readonly labelled: boolean;
  /** N */
  readonly rows: number;
  readonly lanes: number;
  /** the host multiplies and adds with one rounding */
  readonly fused: boolean;
}

/** How logits are written. */
export type LogitForm = 'flat' | 'step' | 'fall';

/** Vectors of two rows that a group has. */
export const VECTORS = 4;
export const GROUP = 2 * VECTORS;
/** Bytes of eight numbers, one of each row. */
export const LINE = 8 * GROUP;
/** Rows that are put in order at a time, and their bytes: they stay in the cache. */
const BLOCK_ROWS = 4096;
const BLOCK_BYTES = 2 ** 20;

/** Two columns at a time; what is beyond the last is 0. */
export const paddedColumns = ({ columns }: Pick<GroupedShape, 'columns'>): number =>
  2 * Math.ceil(columns / 2);

/** Rows of a lane; the last lanes have fewer, or none. Whole groups, but for the last row of all. */
export const rowsPerLane = ({ rows, lanes }: GroupedShape): number => GROUP * Math.ceil(rows / lanes / GROUP);

/** Rows that are written as rows, and put in order, at a time: whole groups. */
export function rowsPerBlock(s: GroupedShape): number {
  const most = GROUP * Math.ceil(BLOCK_BYTES / (8 * paddedColumns(s)) / GROUP);
  return Math.min(BLOCK_ROWS, most, rowsPerLane(s));
}

/** Products of each two columns 2p, 2p + 1 with every column up to the second, or from the first on. */
const steps = (columns: number): number => (columns / 2) * (columns / 2 + 1);

/**
 * c, 0, m [C padded], and then as the logits have products:
 *
 *     all      for columns i, i + 1, i even: g[i], g[i+1], then for j up to i + 1 (m[j], h[i,j], h[i+1,j]);
 *              falling, as c − ‖R d + b‖²: the entries of b and R in their places
 *     squares  for each column (m, g, h)
 *     none     nothing: they are flat in any case
 */
export function numbersPerComponent(s: GroupedShape): number {
  const c = paddedColumns(s);
  const polynomial = { all: 3 * steps(c) + c, squares: 3 * c, none: 0 };
  return 2 + c + polynomial[s.logits];
}

/** Two components at a time; what is beyond the last has no share. */
export const paddedComponents = ({ components }: GroupedShape): number => 2 * Math.ceil(components / 2);

/** The products that logits or sums have. */
export function productsOf({ logits, statistics }: GroupedShape): Pairs {
  const either = [logits, statistics];
  return either.find((p) => p === 'all') ?? either.find((p) => p === 'squares') ?? 'none';
}

/** u [C padded], then the products u_a u_b, a <= b, row by row, or u_a². */
export function featuresOf(s: GroupedShape): number {
  const { columns: c } = s;
  return paddedColumns(s) + { all: (c * (c + 1)) / 2, squares: c, none: 0 }[productsOf(s)];
}

/** The features that are summed: all, or u alone. */
export const summedFeatures = (s: GroupedShape): number =>
  s.statistics === 'none' ? paddedColumns(s) : featuresOf(s);

/** What sums around centres are made for. */
export type SumShape = Pick<GroupedShape, 'columns' | 'statistics' | 'fused'>;

/**
 * n, Σ r d [C padded]; then for columns i, i + 1: for j from i on Σ r d_i d_j and Σ r d_(i+1) d_j; or Σ r d².
 */
export function centredSums(s: Omit<SumShape, 'fused'>): number {
  const c = paddedColumns(s);
  return 1 + c + { all: 2 * steps(c), squares: c, none: 0 }[s.statistics];
}

/** Where the product of columns a <= b stands among them. */
export function centredPlace(s: Omit<SumShape, 'fused'>, a: number, b: number): number {
  const padded = paddedColumns(s);
  if (s.statistics === 'squares') return 1 + padded + a;
  const i = a - (a % 2);
  const first = 1 + padded + 2 * ((i / 2) * padded - (i / 2) * (i / 2 - 1));
  return first + 2 * (b - i) + (a - i);
}

/** Around centres, or flat: n, Σ r features. */
export const sumsPerComponent = (s: GroupedShape): number => Math.max(centredSums(s), 1 + summedFeatures(s));

/** those of the components, then Σ w top and Σ w log₂ */
export const sumsPerLane = (s: GroupedShape): number => s.components * sumsPerComponent(s) + 2;

/** Bytes of a lane's own work. */
export function workPlaces(s: GroupedShape) {
  const line = (bytes: number): number => 64 * Math.ceil(bytes / 64);
  const k = paddedComponents(s);
  /** [features, GROUP] u and its products */
  const columns = 0;
  /** [C padded, GROUP] d of one component */
  const differences = columns + featuresOf(s) * LINE;
  /** [GROUP] */
  const weights = differences + paddedColumns(s) * LINE;
  const labels = weights + LINE;
  const tops = labels + LINE;
  /** [K padded, GROUP] of those that are not left, and their numbers: [K padded] int32 */
  const logits = tops + LINE;
  const kept = logits + k * LINE;
  /** [K] int32: rows of an owner, then where its next one goes */
  const places = kept + line(4 * k);
  /** [rows of a block + GROUP] int32: rows by owner, then the row of zeros */
  const order = places + line(4 * s.components);
  /** [rows of a block + 1, C padded] u, then the row of zeros */
  const rows = order + line(4 * (rowsPerBlock(s) + GROUP));
  const bytes = rows + line(8 * paddedColumns(s) * (rowsPerBlock(s) + 1));
  return { columns, differences, weights, labels, tops, logits, kept, places, order, rows, bytes };
}

export type GroupedLayout = Layout<
  'columns' | 'units' | 'weights' | 'labels' | 'owners' | 'parameters' | 'flat' | 'work' | 'sums'
>;

/** There is one row more than the data have, of zeros. */
export function groupedLayout(shape: GroupedShape): GroupedLayout {
  const rows = shape.rows + 1;
  return layout({
    /** [C, N], as the data have them */
    columns: columnBytes(shape),
    /** [C, 2] */
    units: unitBytes(shape),
    /** [N + 1] */
    weights: shape.weighted ? 8 * rows : 0,
    /** [N + 1]: 0, or the component from 1 */
    labels: shape.labelled ? 8 * rows : 0,
    /** [N + 1] int32: the component that had most of the row when it was last looked at */
    owners: 4 * rows,
    /** [K, numbersPerComponent] */
    parameters: 8 * shape.components * numbersPerComponent(shape),
    /** [K padded / 2, 1 + features, 2] */
    flat: 8 * paddedComponents(shape) * (1 + featuresOf(shape)),
    /** [lanes], each as `workPlaces` says */
    work: shape.lanes * workPlaces(shape).bytes,
    /** [lanes, sumsPerLane, 2]: one of each half of the vectors */
    sums: 16 * shape.lanes * sumsPerLane(shape),
  });
}
