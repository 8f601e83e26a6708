/** Numbers of the whitened kernel (`emit/wasm/whitened`): parameters as it reads them, sums as it leaves them. */
import {
  BLOCK,
  firstOfRows,
  numbersPerComponent,
  placeOfProducts,
  sumsPerComponent,
} from '../../../emit/wasm/whitened/types.js';
import type { WhitenedShape } from '../../../emit/wasm/whitened/types.js';
import { lowerRoot } from '../../../linear-algebra/cholesky.js';
import type { NaturalParameters, Standardisation } from '../../../plan/types.js';
import { areFinite } from '../memory.js';
import type { ColumnPair } from '../../feature-stage.js';

/**
 * The logits around `origins` [K, C], where their slopes are 0, as c − ‖R d‖² in units of log 2. False where a number is
 * not finite, or squares of a component are not negative definite.
 */
export function writeWhitened(
  into: Float64Array,
  shape: WhitenedShape,
  natural: NaturalParameters,
  pairs: readonly ColumnPair[],
  origins: Float64Array,
  { shift, scale }: Standardisation,
): boolean {
  const { columns: c, components } = shape;
  const each = numbersPerComponent(shape);
  const squares = new Float64Array(c * c);
  into.fill(0);
  for (let k = 0; k < components; k++) {
    const own = into.subarray(k * each, k * each + each);
    own[0] = Math.LOG2E * natural.constant[k];
    // as the rows are: what is rounded there is rounded here
    for (let a = 0; a < c; a++) own[2 + a] = (origins[k * c + a] - shift[a]) * (1 / scale[a]);
    for (let p = 0; p < pairs.length; p++) {
      const [a, b] = pairs[p];
      const h = -Math.LOG2E * natural.quadratic[k * pairs.length + p];
      squares[a * c + b] = squares[b * c + a] = a === b ? h : h / 2;
    }
    const r = lowerRoot(squares, c);
    if (r === undefined) return false;
    for (let i = 0; i < c; i++) {
      const b = Math.floor(i / BLOCK);
      const first = firstOfRows(shape, b) + (i % BLOCK);
      for (let j = 0; j <= i; j++) own[first + BLOCK * j] = r[i * c + j];
    }
  }
  return areFinite(into);
}

/** Where the sum of each product stands among those of a component. */
export const placesOf = (shape: WhitenedShape, pairs: readonly ColumnPair[]): readonly number[] =>
  pairs.map(([a, b]) => {
    const [left, right] = [Math.floor(a / BLOCK), Math.floor(b / BLOCK)];
    return placeOfProducts(shape, left, right) + BLOCK * (a % BLOCK) + (b % BLOCK);
  });

/** From the sums of all lanes: [K, 1 + C + pairs], Σ w top and Σ w log₂, and the share of rows and components not left. */
export function readWhitened(
  total: Float64Array,
  shape: WhitenedShape,
  places: readonly number[],
): {
  readonly sums: Float64Array;
  readonly tops: number;
  readonly logarithms: number;
  readonly active: number;
} {
  const { columns: c, components, rows } = shape;
  const from = sumsPerComponent(shape);
  const width = 1 + c + places.length;
  const sums = new Float64Array(components * width);
  for (let k = 0; k < components; k++) {
    const [own, out] = [k * from, k * width];
    sums[out] = total[own];
    for (let a = 0; a < c; a++) sums[out + 1 + a] = total[own + 2 + a];
    for (let p = 0; p < places.length; p++) sums[out + 1 + c + p] = total[own + places[p]];
  }
  const [tops, logarithms, pairsKept] = total.subarray(components * from);
  return { sums, tops, logarithms, active: pairsKept / (rows * components) };
}
