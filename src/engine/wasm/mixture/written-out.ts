/** Few components: code is written out for each (`emit/wasm/mixture`). */
import { mixtureModule } from '../../../emit/wasm/mixture/module.js';
import { mixtureLayout, parameterPlaces, sumsPerLane, TILE_ROWS } from '../../../emit/wasm/mixture/types.js';
import type { MixtureShape } from '../../../emit/wasm/mixture/types.js';
import type { ColumnPair } from '../../feature-stage.js';
import type { RowData } from '../../types.js';
import { areFinite, float64In, writeUnits } from '../memory.js';
import type { Form } from './form.js';

export function writtenOut(shape: MixtureShape, logitPairs: readonly ColumnPair[]): Form {
  const places = mixtureLayout(shape);
  const { regions, bytes } = places;
  const { columns: c, components } = shape;
  return {
    bytes,
    code: { kernel: 'mixture', shape, bytes: () => mixtureModule(shape, places) },
    columns: regions.columns,
    writeConstants: (memory, data, units) => {
      writeUnits(memory, regions.units, units);
      writeTail(float64In(memory, regions.tail), data.columns);
      writeWeights(float64In(memory, regions.weights), data);
      if (shape.labelled) float64In(memory, regions.labels).set(data.labels[0]!);
    },
    writeParameters: (memory, { around, centres }) => {
      const natural = around();
      const pairs = natural.quadratic.length / components;
      const into = float64In(memory, regions.parameters);
      let at = 0;
      for (let k = 0; k < components; k++) {
        into[at++] = Math.LOG2E * natural.constant[k];
        for (let a = 0; a < c; a++) into[at++] = Math.LOG2E * natural.linear[k * c + a];
        for (let p = 0; p < logitPairs.length; p++)
          into[at++] = Math.LOG2E * natural.quadratic[k * pairs + p];
        for (let a = 0; a < c; a++) into[at++] = centres[k * c + a];
      }
      return areFinite(into.subarray(0, parameterPlaces(shape).numbers)) ? 'step' : undefined;
    },
    readSums: (memory) => {
      const total = fromHalves(float64In(memory, regions.sums), sumsPerLane(shape));
      const [tops, logarithms] = total.subarray(-2);
      return { sums: total.subarray(0, -2), areCentred: true, tops, logarithms };
    },
  };
}

/** The rows of the last tile where it is not full. */
function writeTail(into: Float64Array, columns: readonly Float64Array[]): void {
  columns.forEach((column, a) => {
    into.set(column.subarray(column.length - (column.length % TILE_ROWS)), a * TILE_ROWS);
  });
}

/** Column `a` of `width` in tiles. */
export function writeTiles(into: Float64Array, column: Float64Array, a: number, width: number): void {
  for (let i = 0; i < column.length; i++) {
    const tile = Math.floor(i / TILE_ROWS);
    into[(tile * (width - 1) + a) * TILE_ROWS + i] = column[i];
  }
}

/** Without weights those of the last tile only, whose rows beyond the last have none. */
export function writeWeights(into: Float64Array, { weights, rows }: RowData): void {
  if (weights !== undefined) into.set(weights);
  else into.fill(1, 0, rows % TILE_ROWS);
}

/** What the two halves of the vectors [n, 2] of a lane add up to. */
export function fromHalves(lane: Float64Array, n: number, into = new Float64Array(n)): Float64Array {
  for (let at = 0; at < n; at++) into[at] = lane[2 * at] + lane[2 * at + 1];
  return into;
}
