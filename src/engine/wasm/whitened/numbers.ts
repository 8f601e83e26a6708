/** Numbers of the whitened kernel (`emit/wasm/whitened`): parameters as it reads them, sums as it leaves them. */
import { NEVER } from '../../../emit/wasm/limits.js';
import {
  BLOCK,
  firstOfBounds,
  firstOfRows,
  isBounded,
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
 * The logits around `origins` [K, C], where their slopes are 0, as c − ‖R d‖² in units of log 2, and their bounds. False
 * where a number is not finite, or squares of a component are not negative definite.
 */
export function writeWhitened(
  into: Float64Array,
  bounds: Float64Array,
  shape: WhitenedShape,
  natural: NaturalParameters,
  pairs: readonly ColumnPair[],
  origins: Float64Array,
  { shift, scale }: Standardisation,
): boolean {
  const { columns: c, components } = shape;
  const each = numbersPerComponent(shape);
  const squares = new Float64Array(c * c);
  // as the rows are: what is rounded there is rounded here
  const means = origins.map((x, at) => (x - shift[at % c]) * (1 / scale[at % c]));
  into.fill(0);
  if (isBounded(shape)) clearBounds(bounds, shape);
  for (let k = 0; k < components; k++) {
    const own = into.subarray(k * each, k * each + each);
    own[0] = Math.LOG2E * natural.constant[k];
    own.set(means.subarray(k * c, k * c + c), 2);
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
    if (isBounded(shape)) writeBounds(bounds, shape, k, own[0], squares, means);
  }
  return areFinite(into) && areFinite(bounds);
}

/** What stands in the places of no component is beneath all. */
function clearBounds(into: Float64Array, shape: WhitenedShape): void {
  into.fill(0);
  for (let owner = 0; owner < shape.components; owner++)
    for (let k = shape.components; k % BLOCK !== 0; k++) into[firstOfBounds(shape, owner, k)] = 2 * NEVER;
}

/**
 * dᵀH d >= (w·u + t)² with w = H a / √(aᵀH a) and t = −w·m, for any a (the inequality of Cauchy and Schwarz). Rows near the
 * mean of an owner lose little where a is the way from m to that.
 */
function writeBounds(
  into: Float64Array,
  shape: WhitenedShape,
  k: number,
  constant: number,
  h: Float64Array,
  means: Float64Array,
): void {
  const { columns: c, components } = shape;
  const m = means.subarray(k * c, k * c + c);
  const w = new Float64Array(c);
  for (let owner = 0; owner < components; owner++) {
    w.fill(0);
    let square = 0;
    for (let i = 0; i < c; i++) {
      const a = means[owner * c + i] - m[i];
      for (let j = 0; j < c; j++) w[j] += h[i * c + j] * a;
    }
    for (let i = 0; i < c; i++) square += w[i] * (means[owner * c + i] - m[i]);
    // 0 beside itself
    const factor = square > 0 ? 1 / Math.sqrt(square) : 0;
    const first = firstOfBounds(shape, owner, k);
    let t = 0;
    for (let j = 0; j < c; j++) {
      into[first + BLOCK * (2 + j)] = factor * w[j];
      t -= factor * w[j] * m[j];
    }
    into[first] = constant;
    into[first + BLOCK] = t;
  }
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
