/** Numbers of the whitened kernel (`emit/wasm/whitened`): parameters as it reads them, sums as it leaves them. */
import {
  BLOCK,
  firstOfRows,
  numbersPerComponent,
  placeOfProducts,
  sumsPerComponent,
  sumsPerLane,
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

/** Sums of all lanes: [K, 1 + C + pairs], Σ w top and Σ w log₂, and the share of rows and components not left. */
export function readWhitened(
  lanes: Float64Array,
  shape: WhitenedShape,
  pairs: readonly ColumnPair[],
): {
  readonly sums: Float64Array;
  readonly tops: number;
  readonly logarithms: number;
  readonly active: number;
} {
  const { columns: c, components, rows } = shape;
  const from = sumsPerComponent(shape);
  const perLane = sumsPerLane(shape);
  const total = new Float64Array(perLane);
  for (let lane = 0; lane < shape.lanes; lane++)
    for (let at = 0; at < perLane; at++) total[at] = total[at] + lanes[lane * perLane + at];
  const width = 1 + c + pairs.length;
  const sums = new Float64Array(components * width);
  const places = pairs.map(([a, b]) => {
    const [left, right] = [Math.floor(a / BLOCK), Math.floor(b / BLOCK)];
    return placeOfProducts(shape, left, right) + BLOCK * (a % BLOCK) + (b % BLOCK);
  });
  for (let k = 0; k < components; k++) {
    const own = total.subarray(k * from, k * from + from);
    const out = sums.subarray(k * width, k * width + width);
    out[0] = own[0];
    for (let a = 0; a < c; a++) out[1 + a] = own[2 + a];
    places.forEach((place, p) => (out[1 + c + p] = own[place]));
  }
  const [tops, logarithms, pairsKept] = total.subarray(components * from);
  return { sums, tops, logarithms, active: pairsKept / (rows * components) };
}
