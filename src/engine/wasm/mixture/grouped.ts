/** Any number of components: code goes from one to the next (`emit/wasm/grouped`). */
import { groupedModule } from '../../../emit/wasm/grouped/module.js';
import {
  centredPlace,
  featuresOf,
  groupedLayout,
  numbersPerComponent,
  paddedColumns,
  productsOf,
  sumsPerComponent,
  sumsPerLane,
} from '../../../emit/wasm/grouped/types.js';
import type { GroupedShape, LogitForm } from '../../../emit/wasm/grouped/types.js';
import type { NaturalParameters } from '../../../plan/types.js';
import type { ColumnPair } from '../../feature-stage.js';
import { NEVER } from '../../../emit/wasm/limits.js';
import { columnFacts } from '../../column-facts.js';
import { lowerRoot } from '../../../linear-algebra/cholesky.js';
import { areFinite, float64In, writeUnits } from '../memory.js';
import type { Form } from './form.js';
import { fromHalves } from './written-out.js';

/**
 * The largest part of a flat logit that loses nothing which matters: its rounding, 2^-52 of that, is 2e-10 nats at the
 * outermost rows.
 */
const FLAT = 2 ** 20;

/** `logitPairs` and `statisticPairs` list the products that the shape has, in order. */
export function grouped(
  shape: GroupedShape,
  logitPairs: readonly ColumnPair[],
  statisticPairs: readonly ColumnPair[],
): Form {
  const places = groupedLayout(shape);
  const { regions, bytes } = places;
  const { columns, components } = shape;
  const each = numbersPerComponent(shape);
  let job: LogitForm = 'flat';
  /** the largest |u| of each column */
  const reach = new Float64Array(columns);
  const centred = statisticPairs.map(([a, b]) => centredPlace(shape, a, b));
  const placesOf = { flat: statisticPairs.map(flatPlace(shape)), step: centred, fall: centred };
  const flatPlaces = logitPairs.map(([a, b]) => 1 + paddedColumns(shape) + productPlace(shape, a, b));
  return {
    bytes,
    code: { kernel: 'grouped', shape, bytes: () => groupedModule(shape, places) },
    columns: regions.columns,
    writeConstants: (memory, data, units) => {
      const { shift, scale } = units;
      writeUnits(memory, regions.units, units);
      columnFacts(data).forEach(({ least, most }, a) => {
        reach[a] = Math.max(most - shift[a], shift[a] - least) / scale[a];
      });
      if (data.weights !== undefined) float64In(memory, regions.weights).set(data.weights);
      if (shape.labelled) float64In(memory, regions.labels).set(data.labels[0]!);
    },
    writeParameters: (memory, logits) => {
      const into = float64In(memory, regions.parameters).subarray(0, components * each);
      const flat = float64In(memory, regions.flat).subarray(0, regions.flat.bytes / 8);
      const largest = writeFlat(flat, shape, logitPairs, flatPlaces, logits.flat, reach);
      if (!areFinite(flat)) return undefined;
      if (!logits.mustCentre && (largest <= FLAT || shape.logits === 'none')) return (job = 'flat');
      const around = logits.around();
      const all = Array.from({ length: components }, (_, k) =>
        componentOf(columns, logitPairs, around, logits.centres, k),
      );
      const falling = logits.areTops && shape.logits === 'all' ? all.map((c) => fallingRows(c, columns)) : [];
      const falls =
        shape.logits === 'all'
          ? falling.length > 0 && falling.every((r) => r !== undefined)
          : logits.areTops && shape.logits === 'squares';
      all.forEach((c, k) => {
        const own = into.subarray(k * each, (k + 1) * each);
        writeComponent(own, shape, c, falls ? falling[k] : slopeRows(c, columns));
      });
      if (!areFinite(into)) return undefined;
      return (job = falls ? 'fall' : 'step');
    },
    readSums: (memory) => {
      const total = fromHalves(float64In(memory, regions.sums), sumsPerLane(shape));
      const [tops, logarithms] = total.subarray(-2);
      return { sums: inOrder(total, shape, placesOf[job]), areCentred: job !== 'flat', tops, logarithms };
    },
  };
}

/** Where the sum of a product stands. */
const flatPlace =
  (shape: GroupedShape) =>
  ([a, b]: ColumnPair): number =>
    1 + paddedColumns(shape) + productPlace(shape, a, b);

/** Where u_a u_b stands among the products that are made. */
const productPlace = (shape: GroupedShape, a: number, b: number): number =>
  productsOf(shape) === 'all' ? a * shape.columns - (a * (a - 1)) / 2 + (b - a) : a;

/** A logit around the centre, c + g·d + dᵀ H d, in units of log 2. */
interface Component {
  readonly constant: number;
  readonly linear: Float64Array;
  /** H [C, C], both triangles */
  readonly squares: Float64Array;
  readonly centre: Float64Array;
}

function componentOf(
  c: number,
  pairs: readonly ColumnPair[],
  around: NaturalParameters,
  centres: Float64Array,
  k: number,
): Component {
  const each = around.quadratic.length / around.constant.length;
  const squares = new Float64Array(c * c);
  for (let p = 0; p < pairs.length; p++) {
    const [a, b] = pairs[p];
    const h = Math.LOG2E * around.quadratic[k * each + p];
    squares[a * c + b] = squares[b * c + a] = a === b ? h : h / 2;
  }
  const linear = new Float64Array(c);
  for (let a = 0; a < c; a++) linear[a] = Math.LOG2E * around.linear[k * c + a];
  return {
    constant: Math.LOG2E * around.constant[k],
    linear,
    squares,
    centre: centres.subarray(k * c, k * c + c),
  };
}

/**
 * Flat logits as the kernel reads them, `places` being those of the products; the largest sum of their parts' sizes, where
 * each |u| is at its `reach`.
 */
function writeFlat(
  into: Float64Array,
  shape: GroupedShape,
  pairs: readonly ColumnPair[],
  places: readonly number[],
  { constant, linear, quadratic }: NaturalParameters,
  reach: Float64Array,
): number {
  const { columns: c, components } = shape;
  const width = 1 + featuresOf(shape);
  const each = quadratic.length / components;
  let largest = 0;
  into.fill(0);
  for (let k = 0; k < components; k++) {
    // two components side by side
    const first = 2 * width * Math.floor(k / 2) + (k % 2);
    let size = Math.abs(constant[k]);
    into[first] = Math.LOG2E * constant[k];
    for (let a = 0; a < c; a++) {
      const slope = linear[k * c + a];
      into[first + 2 * (1 + a)] = Math.LOG2E * slope;
      size += Math.abs(slope) * reach[a];
    }
    for (let p = 0; p < pairs.length; p++) {
      const h = quadratic[k * each + p];
      into[first + 2 * places[p]] = Math.LOG2E * h;
      size += Math.abs(h) * reach[pairs[p][0]] * reach[pairs[p][1]];
    }
    largest = Math.max(largest, size);
  }
  if (components % 2 === 1) into[2 * width * ((components - 1) / 2) + 1] = NEVER;
  return largest;
}

/** The numbers of products of two columns, row by row: what each row of H or R begins with, and its entries. */
interface Rows {
  readonly constant: number;
  readonly first: Float64Array;
  readonly entry: (row: number, column: number) => number;
}

/** Each product once: what is beside the diagonal twice. */
const slopeRows = ({ constant, linear, squares }: Component, c: number): Rows => ({
  constant,
  first: linear,
  entry: (i, j) => (i === j ? 1 : 2) * squares[i * c + j],
});

/** c − ‖R d + b‖² with RᵀR = −H and Rᵀb = −g / 2; undefined where H is not negative definite. */
function fallingRows({ constant, linear, squares }: Component, c: number): Rows | undefined {
  const down = new Float64Array(c * c);
  for (let at = 0; at < down.length; at++) down[at] = -squares[at];
  const r = lowerRoot(down, c);
  if (r === undefined) return undefined;
  const b = new Float64Array(c);
  let square = 0;
  for (let i = c - 1; i >= 0; i--) {
    let rest = -linear[i] / 2;
    for (let j = i + 1; j < c; j++) rest -= r[j * c + i] * b[j];
    b[i] = rest / r[i * c + i];
    square += b[i] ** 2;
  }
  return { constant: constant + square, first: b, entry: (i, j) => r[i * c + j] };
}

/** The numbers of one component (`numbersPerComponent`); `rows` where the logits have products of two columns. */
function writeComponent(
  into: Float64Array,
  shape: GroupedShape,
  { constant, linear, squares, centre }: Component,
  rows: Rows | undefined,
): void {
  const { columns: c, logits } = shape;
  const padded = paddedColumns(shape);
  into.fill(0);
  into[0] = constant;
  into.set(centre, 2);
  let at = 2 + padded;
  switch (logits) {
    case 'all':
      into[0] = rows!.constant;
      for (let i = 0; i < padded; i += 2) {
        for (const row of [i, i + 1]) into[at++] = row < c ? rows!.first[row] : 0;
        for (let j = 0; j <= i + 1; j++) {
          into[at++] = j < c ? centre[j] : 0;
          for (const row of [i, i + 1]) into[at++] = j <= row && row < c ? rows!.entry(row, j) : 0;
        }
      }
      return;
    case 'squares':
      for (let a = 0; a < c; a++, at += 3) into.set([centre[a], linear[a], squares[a * c + a]], at);
      return;
    case 'none':
  }
}

/** [K, 1 + C + pairs] */
function inOrder(total: Float64Array, shape: GroupedShape, places: readonly number[]): Float64Array {
  const { columns: c, components } = shape;
  const each = sumsPerComponent(shape);
  const width = 1 + c + places.length;
  const sums = new Float64Array(components * width);
  for (let k = 0; k < components; k++) {
    const [from, to] = [k * each, k * width];
    for (let at = 0; at <= c; at++) sums[to + at] = total[from + at];
    for (let p = 0; p < places.length; p++) sums[to + 1 + c + p] = total[from + places[p]];
  }
  return sums;
}
