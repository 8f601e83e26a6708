import { encodeModule } from '../encoder.js';
import { MEMORY_IMPORT, layout } from '../layout.js';
import { assignFunction } from './assign.js';
import { beginFunction } from './fixed.js';
import { orderFunction } from './order.js';
import { packFunction } from './pack.js';
import { kMeansSizes } from './shape.js';
import type { KMeansLayout, KMeansShape } from './shape.js';
import { sumsFunction } from './sums.js';

export const kMeansLayout = (shape: KMeansShape): KMeansLayout => layout(kMeansSizes(shape));

/** A module of `order(lane)`, `pack(lane)`, `assign(lane)`, `sums(lane)` and, with exact sums, `begin(lane)` over the memory that is laid out so. */
export function kMeansModule(shape: KMeansShape, places: KMeansLayout): Uint8Array {
  const pack = packFunction(shape, places);
  return encodeModule({
    memory: MEMORY_IMPORT,
    functions: [
      orderFunction(shape, places, pack),
      pack,
      assignFunction(shape, places),
      sumsFunction(shape, places),
      ...(shape.exact ? [beginFunction(shape, places)] : []),
    ],
  });
}
