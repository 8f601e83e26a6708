/**
 * Σ (x − shift) of the rows of each component in whole numbers: each x − shift is rounded once, to a multiple of a quantum that
 * is about 1e-14 of the largest, and sums of those have no roundings at all. So they may be kept from step to step, only rows that
 * change their label being moved, and are yet the same in every bit as if they had been made anew, in any order.
 */
import { count, f64x2, i32, i64, i64x2, local, set, v128, wasmFunction } from '../instructions.js';
import type { Local, Statement, Value, WasmFunction } from '../types.js';
import { share } from './lanes.js';
import { paddedColumns, sumsOf } from './shape.js';
import type { KMeansLayout, KMeansShape } from './shape.js';

/** Added to a float64 of at most 2^51, its last bits are the whole number nearest to that. */
const ROUNDER = 1.5 * 2 ** 52;

/** Where a lane has the sums of a component. */
export const fixedAt = (
  shape: KMeansShape,
  { regions }: KMeansLayout,
  lane: Value<'i32'>,
  component: Value<'i32'>,
): Value<'i32'> => {
  const of = i32.add(i32.mul(lane, shape.components), component);
  return i32.add(i32.mul(of, 8 * sumsOf(shape)), regions.fixed.at);
};

/** Adds the row to the sums at `to`, or takes it away. */
function entered(
  shape: KMeansShape,
  { regions }: KMeansLayout,
  row: Local<'i32'>,
  changes: readonly { readonly at: Local<'i32'>; readonly add: boolean }[],
): readonly Statement[] {
  const c2 = paddedColumns(shape);
  const x = local('i32');
  const value = local('v128');
  const zero = i32.constant(0);
  return [
    set(x, i32.add(i32.mul(row, 8 * c2), regions.rows.at)),
    ...Array.from({ length: c2 / 2 }, (_, pair) => [
      set(
        value,
        i64x2.sub(
          f64x2.add(
            f64x2.mul(
              f64x2.sub(v128.load(x, 16 * pair), v128.load(zero, regions.shift.at + 16 * pair)),
              v128.load(zero, regions.quanta.at + 16 * pair),
            ),
            f64x2.constant(ROUNDER),
          ),
          f64x2.constant(ROUNDER),
        ),
      ),
      ...changes.map(({ at, add }) => {
        const before = v128.load(at, 16 * pair);
        return v128.store(at, add ? i64x2.add(before, value) : i64x2.sub(before, value), 16 * pair);
      }),
    ]).flat(),
    ...changes.map(({ at, add }) => i64.store(at, i64.add(i64.load(at, 8 * c2), add ? 1 : -1), 8 * c2)),
  ];
}

/** (row, from, to): moves a row from one component's sums to another's. */
export function moveFunction(shape: KMeansShape, places: KMeansLayout): WasmFunction {
  const [row, from, to] = [local('i32'), local('i32'), local('i32')];
  return wasmFunction(
    undefined,
    [row, from, to],
    entered(shape, places, row, [
      { at: from, add: false },
      { at: to, add: true },
    ]),
  );
}

/** Before anything is known all rows belong to the first component. */
export function beginFunction(shape: KMeansShape, places: KMeansLayout): WasmFunction {
  const [lane, row, end, to] = [local('i32'), local('i32'), local('i32'), local('i32')];
  return wasmFunction(
    'begin',
    [lane],
    [
      set(to, fixedAt(shape, places, lane, i32.constant(0))),
      ...share(lane, row, end, shape.rows, shape.lanes),
      count(row, row, end, 1, entered(shape, places, row, [{ at: to, add: true }])),
    ],
  );
}
