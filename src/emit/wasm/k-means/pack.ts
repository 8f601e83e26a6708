/**
 * Writes the tiles: rows as float32 in coordinates in which all columns weigh alike, in the order that `order` says, their
 * squared norms, and the largest norm of each tile.
 */
import {
  count,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  local,
  multiplyAdd,
  select,
  set,
  v128,
  wasmFunction,
} from '../instructions.js';
import type { Statement, Value, WasmFunction } from '../types.js';
import { share } from './lanes.js';
import { TILE, paddedColumns, tilesOf } from './shape.js';
import type { KMeansLayout, KMeansShape } from './shape.js';

/** Makes up for the roundings of the norm's own sum, and to float32. */
const UPWARD = 1 + 2 ** -20;

/** Rows that are under way at once. */
const ROWS = 4;

export function packFunction(shape: KMeansShape, { regions }: KMeansLayout): WasmFunction {
  const [lane, tile, end, row, c, to] = Array.from({ length: 6 }, () => local('i32'));
  const from = Array.from({ length: ROWS }, () => local('i32'));
  const y = from.map(() => local('v128'));
  const norms = from.map(() => local('v128'));
  const [shift, factor] = [local('v128'), local('v128')];
  const [norm, largest] = [local('f64'), local('f64')];
  const { columns } = shape;
  /** the first row of those under way, counted in the order of the tiles, in words */
  const at = i32.mul(i32.add(i32.mul(tile, TILE), row), 4);
  const { madd } = multiplyAdd(shape.fused);

  /** Two columns of the rows, of which `wanted` are kept. */
  const two = (wanted: number): readonly Statement[] => {
    // [a0 a1] [b0 b1] [c0 c1] [d0 d1] as [a0 b0 c0 d0] and [a1 b1 c1 d1]
    const [ab, cd] = [0, 2].map((n) => pairs(f32x4.demote(y[n]), f32x4.demote(y[n + 1])));
    return [
      set(shift, v128.load(c, regions.shift.at)),
      set(factor, v128.load(c, regions.factor.at)),
      ...from.flatMap((place, n) => [
        set(y[n], f64x2.mul(f64x2.sub(v128.load(i32.add(place, c)), shift), factor)),
        set(norms[n], madd(y[n], y[n], norms[n])),
      ]),
      ...Array.from({ length: wanted }, (_, half) =>
        v128.store(to, v128.shuffle(ab, cd, half === 0 ? LOW : HIGH), 4 * TILE * half),
      ),
      set(to, i32.add(to, 2 * 4 * TILE)),
    ];
  };

  return wasmFunction(
    'pack',
    [lane],
    [
      ...share(lane, tile, end, tilesOf(shape), shape.lanes),
      count(tile, tile, end, 1, [
        set(largest, f64.constant(0)),
        count(row, 0, TILE, ROWS, [
          ...from.map((place, n) =>
            set(
              place,
              i32.add(
                i32.mul(i32.load(at, regions.order.at + 4 * n), 8 * paddedColumns(shape)),
                regions.rows.at,
              ),
            ),
          ),
          set(to, i32.add(i32.add(i32.mul(tile, 4 * TILE * columns), i32.mul(row, 4)), regions.tiles.at)),
          ...norms.map((sum) => set(sum, f64x2.constant(0))),
          count(c, 0, 16 * Math.floor(columns / 2), 16, two(2)),
          ...(columns % 2 === 1 ? two(1) : []),
          ...norms.flatMap((sum, n) => [
            set(norm, f64.add(f64x2.extract(sum, 0), f64x2.extract(sum, 1))),
            f32.store(at, f32.demote(norm), regions.squares.at + 4 * n),
            set(largest, select(norm, largest, f64.gt(norm, largest))),
          ]),
        ]),
        f32.store(i32.mul(tile, 4), f32.demote(f64.mul(f64.sqrt(largest), UPWARD)), regions.norms.at),
      ]),
    ],
  );
}

const words = (...from: readonly number[]): readonly number[] =>
  from.flatMap((w) => [0, 1, 2, 3].map((byte) => 4 * w + byte));
/** [a0 a1 · ·] and [b0 b1 · ·] as [a0 b0 a1 b1] */
const pairs = (a: Value<'v128'>, b: Value<'v128'>): Value<'v128'> => v128.shuffle(a, b, words(0, 4, 1, 5));
const LOW = words(0, 1, 4, 5);
const HIGH = words(2, 3, 6, 7);
