/** Few components: code is written out for each (`emit/wasm/mixture`). */
import { mixtureModule } from '../../../emit/wasm/mixture/module.js';
import {
  mixtureLayout,
  numbersPerComponent,
  sumsPerLane,
  TILE_ROWS,
} from '../../../emit/wasm/mixture/types.js';
import type { MixtureShape } from '../../../emit/wasm/mixture/types.js';
import { float64In } from '../memory.js';
import type { Form } from './form.js';

export function writtenOut(shape: MixtureShape): Form {
  const places = mixtureLayout(shape);
  const { regions, bytes } = places;
  const { columns: c, components, logitPairs } = shape;
  return {
    bytes,
    module: () => mixtureModule(shape, places),
    writeRows: (memory, data, { shift, scale }) => {
      const rows = float64In(memory, regions.rows);
      data.columns.forEach((column, a) => {
        const [origin, factor] = [shift[a], 1 / scale[a]];
        for (let i = 0; i < data.rows; i++) {
          const tile = Math.floor(i / TILE_ROWS);
          rows[(tile * (c - 1) + a) * TILE_ROWS + i] = (column[i] - origin) * factor;
        }
      });
      const weights = float64In(memory, regions.weights);
      if (data.weights !== undefined) weights.set(data.weights);
      else weights.fill(1, 0, data.rows % TILE_ROWS);
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
      const written = into.subarray(0, components * numbersPerComponent(shape));
      return written.every(Number.isFinite) ? 'step' : undefined;
    },
    readSums: (memory) => {
      const total = totalOfLanes(float64In(memory, regions.sums), shape.lanes, sumsPerLane(shape));
      const [tops, logarithms] = total.subarray(-2);
      return { sums: total.subarray(0, -2), areCentred: true, tops, logarithms };
    },
  };
}

/** Sums [lanes, n, 2], lane by lane in order. */
export function totalOfLanes(all: Float64Array, lanes: number, n: number): Float64Array {
  const total = new Float64Array(n);
  for (let lane = 0; lane < lanes; lane++)
    for (let at = 0; at < n; at++) {
      const pair = 2 * (lane * n + at);
      total[at] = total[at] + (all[pair] + all[pair + 1]);
    }
  return total;
}
