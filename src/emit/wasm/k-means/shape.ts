/**
 * Hard assignment to the nearest of K centres, in WebAssembly. A row x belongs to the k of the largest
 *
 *     logit[k] = −½ a (Σ_c w_c (x_c − m[k,c])² + o[k])
 *
 * (the first of the largest), and what is wanted are n[k] = Σ w, Σ w (x − shift) of the rows of each k, and Σ w logit.
 *
 * *Tiles* hold eight rows as float32, column by column, in coordinates y_c = √w_c (x_c − shift_c) / σ in which all columns
 * weigh alike: −½ |y − y[k]|² = −½ |y|² + score[k], score[k] = y[k]ᵀ y − ½ |y[k]|² − ½ o[k] / σ². Four centres at a time
 * are 8 × 4 products a column, in 8 registers. Where the two best scores of a row are closer than float32 can tell, the row is
 * decided again from its float64 numbers. So labels are those of float64, on any machine.
 */
import type { Layout } from '../layout.js';

export interface KMeansShape {
  /** N */
  readonly rows: number;
  /** C */
  readonly columns: number;
  /** K */
  readonly components: number;
  readonly weighted: boolean;
  /** some rows have a known component */
  readonly labelled: boolean;
  /** sums are kept in whole numbers (`fixed.ts`) */
  readonly exact: boolean;
  /** the host multiplies and adds in one instruction */
  readonly fused: boolean;
  /** shares that the tiles are cut into */
  readonly lanes: number;
}

/** Rows of a tile, and centres of a block. */
export const TILE = 8;
export const BLOCK = 4;

export const tilesOf = ({ rows }: KMeansShape): number => Math.ceil(rows / TILE);
/** Columns and components filled up to whole vectors and blocks. */
export const paddedColumns = ({ columns }: KMeansShape): number => 2 * Math.ceil(columns / 2);
export const paddedComponents = ({ components }: KMeansShape): number =>
  BLOCK * Math.ceil(components / BLOCK);
export const blocksOf = ({ components }: KMeansShape): number => Math.ceil(components / BLOCK);
export const paddedBlocks = (shape: KMeansShape): number => 4 * Math.ceil(blocksOf(shape) / 4);
/** Numbers of a component in `sums`: the columns', the weight, one to spare. */
export const sumsOf = (shape: KMeansShape): number => paddedColumns(shape) + 2;

/** Bytes of each region. */
export function kMeansSizes(shape: KMeansShape) {
  const n = TILE * tilesOf(shape);
  const c = shape.columns;
  const [c2, kp, blocks] = [paddedColumns(shape), paddedComponents(shape), paddedBlocks(shape)];
  return {
    /** float64 [N, C]: the rows as they came */
    rows: 8 * n * c2,
    /** float64 [N] */
    weights: shape.weighted ? 8 * n : 0,
    /** int32 [N]: the known component from 1, or 0 */
    known: shape.labelled ? 4 * n : 0,
    /** int32 [N] */
    labels: 4 * n,
    /** int32 [N]: the rows in the order of the tiles */
    order: 4 * n,
    /** int32 [lanes, K + 1]: where the next row of each label goes */
    next: 4 * shape.lanes * (shape.components + 1),
    /** float32 [tiles, C, 8] */
    tiles: 4 * n * c,
    /** int32 [tiles, 8] */
    tileLabels: 4 * n,
    /** float32 [tiles, 8]: |y|² */
    squares: 4 * n,
    /** float32 [tiles]: the largest |y| of a tile */
    norms: (4 * n) / TILE,
    /** float32 [tiles, K / 4]: see `assign.ts`; beyond K infinite */
    margins: (4 * n * blocks) / TILE,
    /** float64 [C]: w, shift and √w / σ of the columns */
    columnWeights: 8 * c2,
    shift: 8 * c2,
    factor: 8 * c2,
    /** float64 [K, C]: m */
    centres: 8 * shape.components * c2,
    /** float64 [C, K]: m again, and o; beyond K nothing is near */
    centreColumns: 8 * c2 * kp,
    offsets: 8 * kp,
    /** float32 [K / 4, C, 4] and [K]: y[k], and what else the score has, each four times as the vectors have it */
    scoreCentres: 16 * kp * c,
    scoreConstants: 16 * kp,
    /** float32: scores of a tile are off by at most [0] × its norm + [1] */
    scoreError: 8,
    /** int32: whether margins are kept */
    near: 4,
    /** float32 [K] and [K / 4]: how far each centre, and the farthest of each block, has moved since the last step */
    shifts: 4 * kp,
    blockShifts: 4 * blocks,
    /** float32 [K, K / 4]: from each centre to the nearest other centre of each block */
    gaps: 4 * kp * blocks,
    /** float32 [lanes, K / 4, 8] and int32 [lanes, K / 4]: room to work in */
    tops: 4 * shape.lanes * TILE * blocksOf(shape),
    list: 4 * shape.lanes * blocksOf(shape),
    /** int32 [lanes, 2]: blocks that a lane has looked at, and labels that it has changed */
    progress: 8 * shape.lanes,
    /** int64 [lanes, K, C + 2] and float64 [C]: see `fixed.ts` */
    fixed: shape.exact ? 8 * shape.lanes * shape.components * sumsOf(shape) : 0,
    quanta: 8 * c2,
    /** float64 [lanes, K, C + 2] and [lanes]: a lane's sums, and its Σ w (Σ_c w_c (x − m)² + o) */
    sums: 8 * shape.lanes * shape.components * sumsOf(shape),
    distances: 8 * shape.lanes,
  };
}

export type KMeansLayout = Layout<keyof ReturnType<typeof kMeansSizes>>;
