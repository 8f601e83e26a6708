/**
 * Writes the tiles: rows as float32 in coordinates in which all columns weigh alike, in the order that `order` says, their
 * squared norms, and the largest norm of each tile.
 */
import { count, f32, f64, i32, local, select, set, wasmFunction } from '../instructions.js';
import type { WasmFunction } from '../types.js';
import { share } from './lanes.js';
import { TILE, paddedColumns, tilesOf } from './shape.js';
import type { KMeansLayout, KMeansShape } from './shape.js';

/** Makes up for the roundings of the norm's own sum, and to float32. */
const UPWARD = 1 + 2 ** -20;

export function packFunction(shape: KMeansShape, { regions }: KMeansLayout): WasmFunction {
  const lane = local('i32');
  const tile = local('i32');
  const end = local('i32');
  const row = local('i32');
  const at = local('i32');
  const c = local('i32');
  const from = local('i32');
  const to = local('i32');
  const y = local('f64');
  const norm = local('f64');
  const largest = local('f64');
  const { columns } = shape;
  return wasmFunction(
    'pack',
    [lane],
    [
      ...share(lane, tile, end, tilesOf(shape), shape.lanes),
      count(tile, tile, end, 1, [
        set(largest, f64.constant(0)),
        count(row, 0, TILE, 1, [
          set(at, i32.mul(i32.add(i32.mul(tile, TILE), row), 4)),
          set(
            from,
            i32.add(i32.mul(i32.load(at, regions.order.at), 8 * paddedColumns(shape)), regions.rows.at),
          ),
          set(to, i32.add(i32.add(i32.mul(tile, 4 * TILE * columns), i32.mul(row, 4)), regions.tiles.at)),
          set(norm, f64.constant(0)),
          count(c, 0, 8 * columns, 8, [
            set(
              y,
              f64.mul(
                f64.sub(f64.load(i32.add(from, c)), f64.load(c, regions.shift.at)),
                f64.load(c, regions.factor.at),
              ),
            ),
            set(norm, f64.add(norm, f64.mul(y, y))),
            f32.store(to, f32.demote(y)),
            set(to, i32.add(to, 4 * TILE)),
          ]),
          f32.store(at, f32.demote(norm), regions.squares.at),
          set(largest, select(norm, largest, f64.gt(norm, largest))),
        ]),
        f32.store(i32.mul(tile, 4), f32.demote(f64.mul(f64.sqrt(largest), UPWARD)), regions.norms.at),
      ]),
    ],
  );
}
