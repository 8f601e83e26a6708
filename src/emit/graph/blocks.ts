/**
 * How rows are divided: a fixed number of lanes, each a loop over blocks, and the few rows that are left as one block
 * more. The division depends on the number of rows and the stage alone, never on the machine, so that sums are made in
 * the same order everywhere.
 */
import { featureLayout } from './feature-stage.js';
import type { FeatureStage } from './feature-stage.js';

export const LANES = 8;

/** Fewer rows than this a lane are not worth a loop. */
const SMALLEST_LANE = 256;

/** A row of a block of doubles then ends on a boundary of 64 bytes, and a slice of whole rows shares their memory. */
const ALIGNMENT = 8;

/** The share of a lane's rows that its blocks must hold. */
const ENOUGH = 0.997;

export interface Division {
  readonly block: number;
  /** first row and the row after the last, a multiple of `block` apart */
  readonly lanes: readonly { readonly first: number; readonly end: number }[];
  /** first row of the rest, which reaches to the end */
  readonly rest: number;
}

/** Rows in a block such that what the block makes stays in a core's cache. */
export function blockRows(stage: FeatureStage, precision: 'float64' | 'float32' = 'float64'): number {
  const { pairs } = featureLayout(stage);
  const features = 1 + stage.columns + pairs.length;
  const rows = BLOCK_BYTES / ((precision === 'float32' ? 4 : 8) * (features + stage.components));
  return Math.min(LARGEST_BLOCK, Math.max(SMALLEST_BLOCK, Math.round(rows)));
}

const BLOCK_BYTES = 1.2 * 1024 * 1024;
const SMALLEST_BLOCK = 256;
const LARGEST_BLOCK = 16384;

export function divideRows(rows: number, lanes: number, block: number): Division {
  const perLane = Math.floor(rows / lanes);
  if (perLane < SMALLEST_LANE) return { block: 0, lanes: [], rest: 0 };
  // The fewest blocks that leave little over, or else the least that is left over by one of the next few counts.
  const fewest = Math.ceil(perLane / block);
  let best = { block: 0, used: 0 };
  for (let count = fewest; count < fewest + 8 && best.used < perLane * ENOUGH; count++) {
    const size = Math.floor(perLane / count / ALIGNMENT) * ALIGNMENT;
    if (size * count > best.used) best = { block: size, used: size * count };
  }
  return {
    block: best.block,
    lanes: Array.from({ length: lanes }, (_, lane) => ({
      first: lane * best.used,
      end: (lane + 1) * best.used,
    })),
    rest: lanes * best.used,
  };
}
