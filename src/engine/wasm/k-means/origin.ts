/** Where the rows of the k-means kernel are counted from, and in which units their sums are. */
import { TILE } from '../../../emit/wasm/k-means/shape.js';
import type { Standardisation } from '../../../plan/types.js';
import { columnFacts } from '../../column-facts.js';
import type { RowData } from '../../types.js';
import { LANES } from '../pool.js';

/** Where the rows lie, and how far they spread. */
export interface Origin extends Standardisation {
  /** [C]: Σ (x − shift)² */
  readonly squares: Float64Array;
  /** [C]: the largest |x − shift| */
  readonly reach: Float64Array;
}

/** The means and spreads of the columns, whatever the rows weigh. */
export function originOf(data: RowData): Origin {
  const facts = columnFacts(
    data.weights === undefined ? data : { columns: data.columns, weights: undefined },
  );
  return {
    shift: Float64Array.from(facts, (f) => f.mean),
    scale: Float64Array.from(facts, (f) => f.spread),
    squares: Float64Array.from(facts, (f) => f.squares),
    reach: Float64Array.from(facts, ({ least, most, mean }) => Math.max(mean - least, most - mean)),
  };
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
