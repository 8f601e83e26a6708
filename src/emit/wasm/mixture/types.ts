/**
 * The data stage of a soft mixture as a WebAssembly kernel. Logits are polynomials of degree two; each component k has a
 * centre m[k] of its own, around which they and the sums are written, so that nothing cancels however narrow it is:
 *
 *     d = u − m[k]
 *     logit[k] = c[k] + Σ_a d_a (g[k,a] + Σ_{b>=a} h[k,ab] d_b)          in units of log 2
 *     n[k] = Σ w r[k],   Σ w r[k] d,   Σ w r[k] d dᵀ,   Σ w top,   Σ w log₂ Σ_k 2^(logit[k] − top)
 *
 * Rows are kept in tiles, column by column, two rows to a vector. A *lane* is a fixed share of the tiles with sums of its
 * own, so that no sum depends on how many threads there are.
 */
import type { ColumnPair } from '../../graph/feature-stage.js';
import { layout } from '../layout.js';
import type { Layout } from '../layout.js';

export interface MixtureShape {
  /** C */
  readonly columns: number;
  /** K */
  readonly components: number;
  /** products u_a u_b, a <= b, of the logits, and those that are summed */
  readonly logitPairs: readonly ColumnPair[];
  readonly statisticPairs: readonly ColumnPair[];
  readonly weighted: boolean;
  readonly labelled: boolean;
  /** N */
  readonly rows: number;
  readonly lanes: number;
  /** the host multiplies and adds with one rounding */
  readonly fused: boolean;
}

/** Rows of a tile. */
export const TILE_ROWS = 256;

export const tilesOf = ({ rows }: MixtureShape): number => Math.ceil(rows / TILE_ROWS);

/** c, g [C], h [logitPairs], m [C] */
export const numbersPerComponent = (s: MixtureShape): number => 1 + 2 * s.columns + s.logitPairs.length;

/** n, Σ r d [C], Σ r d dᵀ [statisticPairs] */
export const sumsPerComponent = (s: MixtureShape): number => 1 + s.columns + s.statisticPairs.length;

/** those of the components, then Σ w top and Σ w log₂ */
export const sumsPerLane = (s: MixtureShape): number => s.components * sumsPerComponent(s) + 2;

export type MixtureLayout = Layout<'rows' | 'weights' | 'labels' | 'parameters' | 'sums'>;

/** All float64. */
export function mixtureLayout(shape: MixtureShape): MixtureLayout {
  const column = 8 * TILE_ROWS * tilesOf(shape);
  return layout({
    /** [tiles, C, TILE_ROWS] u; rows beyond the last are 0 */
    rows: shape.columns * column,
    /** [tiles, TILE_ROWS], 0 beyond the last row; without weights of the last tile only, then 1 and 0 */
    weights: shape.weighted ? column : 8 * TILE_ROWS,
    /** [tiles, TILE_ROWS]: 0, or the component from 1 */
    labels: shape.labelled ? column : 0,
    /** [K, numbersPerComponent] */
    parameters: 8 * shape.components * numbersPerComponent(shape),
    /** [lanes, sumsPerLane, 2]: one of each half of the vectors */
    sums: 16 * shape.lanes * sumsPerLane(shape),
  });
}
