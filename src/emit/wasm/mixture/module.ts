/**
 * The kernel's module: `step(lane)` adds up the tiles of a lane, whatever is in its sums before, `total()` the lanes, and
 * `sumN(lane)` the N-th of the row sums.
 */
import { encodeModule } from '../encoder.js';
import { MEMORY_IMPORT } from '../layout.js';
import { call, count, f64x2, i32, local, set, v128, wasmFunction, when } from '../instructions.js';
import type { Operand } from '../instructions.js';
import type { Statement, Value } from '../types.js';
import { totalFunction } from '../totals.js';
import { rowSumFunction } from './row-sums.js';
import { bodyTileFunction } from './body-tile.js';
import { tileFunction } from './tile.js';
import { heldColumns, scratchColumns, sumsPerLane, TILE_ROWS, tilesOf } from './types.js';
import type { MixtureLayout, MixtureShape } from './types.js';

export function mixtureModule(shape: MixtureShape, places: MixtureLayout): Uint8Array {
  const { regions } = places;
  const tiles = tilesOf(shape);
  const full = Math.floor(shape.rows / TILE_ROWS);
  const rest = shape.rows - full * TILE_ROWS;
  const perLane = 16 * sumsPerLane(shape);
  const [lane, tile, end, sums, at] = [local('i32'), local('i32'), local('i32'), local('i32'), local('i32')];
  const firstOf = (n: Operand<'i32'>): Value<'i32'> => i32.divU(i32.mul(n, tiles), shape.lanes);
  const place = (base: number, each: number): Value<'i32'> => i32.add(i32.mul(tile, each), base);
  const tileOf = (base: number): Value<'i32'> => place(base, 8 * TILE_ROWS);
  const rowsOfBody = place(regions.rows.at, 8 * TILE_ROWS * heldColumns(shape));
  const kept = place(regions.responsibilities.at, 8 * TILE_ROWS * shape.components);
  const isBody = shape.logits.kind === 'body';
  const scratch = isBody
    ? i32.add(i32.mul(lane, 8 * TILE_ROWS * scratchColumns(shape)), regions.scratch.at)
    : i32.constant(0);
  const run = (
    weighted: boolean,
    columns: { readonly at: Value<'i32'>; readonly apart: number },
    weights: Value<'i32'>,
    rows: number,
  ): Statement => {
    const beside = [weights, tileOf(regions.labels.at), sums, i32.constant(8 * rows)];
    const own = { ...shape, weighted };
    return isBody
      ? call(bodyTileFunction(own, regions.parameters.at), [
          rowsOfBody,
          ...beside,
          scratch,
          shape.rowSums === undefined ? scratch : kept,
        ])
      : call(tileFunction(own, regions, columns.apart), [columns.at, ...beside]);
  };
  // two rows at a time, twice; what is beyond the last row has weight 0
  const last = run(
    true,
    { at: i32.constant(regions.tail.at), apart: TILE_ROWS },
    shape.weighted ? tileOf(regions.weights.at) : i32.constant(regions.weights.at),
    4 * Math.ceil(rest / 4),
  );
  const whole = run(
    shape.weighted,
    { at: tileOf(regions.columns.at), apart: shape.rows },
    tileOf(regions.weights.at),
    TILE_ROWS,
  );
  const step = wasmFunction(
    'step',
    [lane],
    [
      set(sums, i32.add(i32.mul(lane, perLane), regions.sums.at)),
      count(at, sums, i32.add(sums, perLane), 16, [v128.store(at, f64x2.constant(0))]),
      set(end, firstOf(i32.add(lane, 1))),
      count(tile, firstOf(lane), end, 1, rest === 0 ? [whole] : [when(i32.ltS(tile, full), [whole], [last])]),
    ],
  );
  return encodeModule({
    memory: MEMORY_IMPORT,
    functions: [
      step,
      totalFunction(regions.sums.at, perLane, shape.lanes),
      ...(shape.rowSums ?? []).map((_, n) => rowSumFunction(shape, places, n)),
    ],
  });
}
