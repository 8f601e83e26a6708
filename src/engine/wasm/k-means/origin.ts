/** Where the rows of the k-means kernel are counted from, and in which units their sums are. */
import { TILE } from '../../../emit/wasm/k-means/shape.js';
import type { Standardisation } from '../../../plan/types.js';
import { standardisationOf } from '../../standardise.js';
import type { RowData } from '../../types.js';
import { LANES } from '../pool.js';

/** Where the rows lie, and how far they spread. */
export interface Origin extends Standardisation {
  /** [C]: Σ (x − shift)² */
  readonly squares: Float64Array;
  /** [C]: the largest |x − shift| */
  readonly reach: Float64Array;
}

/** Rows that are summed by themselves before they are added: rounding grows with the number of blocks, not of rows. */
const TOGETHER = 1024;

function meanOf(column: Float64Array): number {
  let total = 0;
  for (let from = 0; from < column.length; from += TOGETHER) {
    const end = Math.min(from + TOGETHER, column.length);
    let sum = 0;
    for (let i = from; i < end; i++) sum += column[i];
    total += sum;
  }
  return total / column.length;
}

/** Σ (x − shift)² and the largest |x − shift|. */
function spreadOf(column: Float64Array, shift: number): readonly [squares: number, reach: number] {
  let total = 0;
  let [least, most] = [0, 0];
  for (let from = 0; from < column.length; from += TOGETHER) {
    const end = Math.min(from + TOGETHER, column.length);
    let sum = 0;
    for (let i = from; i < end; i++) {
      const z = column[i] - shift;
      if (z < least) least = z;
      if (z > most) most = z;
      sum += z * z;
    }
    total += sum;
  }
  return [total, Math.max(-least, most)];
}

/** About the means and spreads of the columns, as two quick passes find them. */
export function originOf(data: RowData): Origin {
  const { rows, columns } = data;
  const quick = Float64Array.from(columns, meanOf);
  const shift = quick.every(Number.isFinite) ? quick : standardisationOf(data).shift;
  const spreads = columns.map((column, c) => spreadOf(column, shift[c]));
  const squares = Float64Array.from(spreads, ([sum]) => sum);
  const reach = Float64Array.from(spreads, ([, most]) => most);
  const scale = squares.every(Number.isFinite)
    ? squares.map((s) => Math.sqrt(s / rows))
    : standardisationOf(data).scale;
  return { shift, scale, squares, reach };
}

/** A column whose largest number is farther out, in spreads, would have too coarse a quantum. */
const FARTHEST = 256;

/**
 * The quantum of each column for sums in whole numbers (`emit/wasm/k-means/fixed.ts`): a number is at most 2^50 of them, and a
 * lane's sum at most 2^62. Undefined where a column has no fine enough one.
 */
export function quantaOf({ reach, scale }: Origin, rows: number): Float64Array | undefined {
  const bits = Math.min(50, 61 - Math.ceil(Math.log2(rows / LANES + TILE)));
  const quanta = reach.map((r) => (r > 0 ? 2 ** (Math.floor(Math.log2(r)) + 1 - bits) : 1));
  const isFine = reach.every((r, c) => r <= FARTHEST * scale[c] && quanta[c] > 2 ** -900);
  return isFine && bits > 40 ? quanta : undefined;
}
