/**
 * The data stage of a soft mixture as a WebAssembly kernel, its components written out. Each component k has a centre m[k] of
 * its own, around which its sums are written, and its logits where these are polynomials of degree two, so that nothing
 * cancels however narrow it is:
 *
 *     d = u − m[k]
 *     logit[k] = c[k] + Σ_a d_a (g[k,a] + Σ_{b>=a} h[k,ab] d_b)          in units of log 2
 *     n[k] = Σ w r[k],   Σ w r[k] d,   Σ w r[k] d dᵀ,   Σ w top,   Σ w log₂ Σ_k 2^(logit[k] − top)
 *
 * Other logits are what the plan computes of a row (`plan/row-body.ts`), u being the columns as they are.
 *
 * Rows are taken in tiles, two rows to a vector. For polynomials columns stay as the data have them, and the rows of a last tile
 * that is not full have a place of their own, with zeros behind them; what bodies read is kept tile by tile. A *lane* is a fixed
 * share of the tiles with sums of its own, so that no sum depends on how many threads there are.
 */
import type { ColumnPair } from '../../graph/feature-stage.js';
import { hoistCommon } from '../../../plan/passes/hoist-rows.js';
import type { Hoisted } from '../../../plan/passes/hoist-rows.js';
import type { NodeId, RowBody } from '../../../plan/row-body.js';
import { layout } from '../layout.js';
import type { Layout } from '../layout.js';
import { columnBytes, unitBytes } from '../rows.js';

export type Logits =
  /** of the products u_a u_b, a <= b */
  | { readonly kind: 'polynomial'; readonly pairs: readonly ColumnPair[] }
  /** the node of a body that reads that many columns, C of them the first */
  | { readonly kind: 'body'; readonly body: RowBody; readonly node: NodeId; readonly columns: number };

export interface MixtureShape {
  /** C: those that are summed */
  readonly columns: number;
  /** K */
  readonly components: number;
  readonly logits: Logits;
  /** products that are summed */
  readonly statisticPairs: readonly ColumnPair[];
  readonly weighted: boolean;
  readonly labelled: boolean;
  /** N */
  readonly rows: number;
  readonly lanes: number;
  /** the host multiplies and adds with one rounding */
  readonly fused: boolean;
  /** sums that are asked for after the step, under its responsibilities, which are kept for them */
  readonly rowSums?: readonly RowSums[];
}

/** Σ w r shared · entry over the rows, of the nodes of a body of its own that reads the columns held. */
export interface RowSums {
  readonly body: RowBody;
  readonly sums: readonly { readonly shared: NodeId; readonly entries: readonly NodeId[] }[];
}

/** Rows of a tile. */
export const TILE_ROWS = 256;

export const tilesOf = ({ rows }: MixtureShape): number => Math.ceil(rows / TILE_ROWS);

/** Columns that are kept. */
export const heldColumns = ({ logits, columns }: MixtureShape): number =>
  logits.kind === 'body' ? logits.columns : columns;

/** Of a polynomial: c, g [C], h [pairs]; of a body nothing, whose slots stand together. */
const ofLogit = ({ logits, columns }: MixtureShape): number =>
  logits.kind === 'body' ? 0 : 1 + columns + logits.pairs.length;

/** The parameters: slots of a body, then for each component what its polynomial has and m [C]. */
export function parameterPlaces(shape: MixtureShape) {
  const slots = shape.logits.kind === 'body' ? shape.logits.body.slots : 0;
  const each = ofLogit(shape) + shape.columns;
  return {
    ofComponent: (k: number): number => slots + k * each,
    centreOf: (k: number): number => slots + k * each + ofLogit(shape),
    numbers: slots + shape.components * each,
  };
}

/** n, Σ r d [C], Σ r d dᵀ [statisticPairs] */
export const sumsPerComponent = (s: MixtureShape): number => 1 + s.columns + s.statisticPairs.length;

/** those of the components, then Σ w top and Σ w log₂ */
export const sumsPerLane = (s: MixtureShape): number => s.components * sumsPerComponent(s) + 2;

/** Of a tile under way: w r, where nothing asks for them later, and what is the same for all components. */
export const scratchColumns = (shape: MixtureShape): number =>
  (shape.rowSums === undefined ? shape.components : 0) + commonNodes(shape).once.length;

/** The logits' body, what is the same for all components as columns of its own behind those that are held. */
export function commonNodes({ logits }: MixtureShape): Hoisted {
  if (logits.kind === 'polynomial') throw new Error('logits without a body');
  return hoistCommon(logits.body, logits.node, logits.columns);
}

/** Where each of the row sums has its slots, the end last. */
export const rowSlots = ({ rowSums = [] }: MixtureShape): readonly number[] =>
  rowSums.reduce<readonly number[]>((starts, { body }) => [...starts, starts.at(-1)! + body.slots], [0]);

export const entriesOf = ({ sums }: RowSums): number => sums.reduce((n, s) => n + s.entries.length, 0);

export type MixtureLayout = Layout<
  | 'columns'
  | 'units'
  | 'tail'
  | 'rows'
  | 'weights'
  | 'labels'
  | 'parameters'
  | 'sums'
  | 'responsibilities'
  | 'scratch'
  | 'component'
  | 'rowSlots'
  | 'rowSums'
>;

/** All float64. */
export function mixtureLayout(shape: MixtureShape): MixtureLayout {
  const column = 8 * TILE_ROWS * tilesOf(shape);
  const isBody = shape.logits.kind === 'body';
  return layout({
    ...(isBody
      ? { columns: 0, units: 0, tail: 0, rows: heldColumns(shape) * column }
      : {
          /** [C, N], as the data have them */
          columns: columnBytes(shape),
          /** [C, 2] */
          units: unitBytes(shape),
          /** [C, TILE_ROWS]: the rows of the last tile where it is not full, as the data have them, and 0 */
          tail: 8 * TILE_ROWS * shape.columns,
          /** of a body, [tiles, columns held, TILE_ROWS]; rows beyond the last are 0 */
          rows: 0,
        }),
    /** [tiles, TILE_ROWS], 0 beyond the last row; without weights of the last tile only, then 1 and 0 */
    weights: shape.weighted ? column : 8 * TILE_ROWS,
    /** [tiles, TILE_ROWS]: 0, or the component from 1 */
    labels: shape.labelled ? column : 0,
    parameters: 8 * parameterPlaces(shape).numbers,
    /** [lanes, sumsPerLane, 2]: one of each half of the vectors */
    sums: 16 * shape.lanes * sumsPerLane(shape),
    /** [lanes, numbers of a tile] */
    scratch: isBody ? 8 * TILE_ROWS * shape.lanes * scratchColumns(shape) : 0,
    /** [tiles, K, TILE_ROWS] w r, where row sums ask for them */
    responsibilities: shape.rowSums === undefined ? 0 : shape.components * column,
    /** one whole number: whose responsibilities row sums are under */
    component: 8,
    rowSlots: 8 * rowSlots(shape).at(-1)!,
    /** [lanes, entries, 2] of the one that was asked for last */
    rowSums: 16 * shape.lanes * Math.max(0, ...(shape.rowSums ?? []).map(entriesOf)),
  });
}
