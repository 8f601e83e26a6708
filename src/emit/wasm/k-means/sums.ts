/**
 * What the rows of each component add up to: Σ w (x − shift), Σ w, and over all components Σ w (Σ_c w_c (x_c − m_c)² + o). One
 * pass in float64 over the rows in the order they came in, so that nothing depends on what was asked before.
 */
import { count, f64, f64x2, i32, local, set, v128, wasmFunction, when } from '../instructions.js';
import type { Statement, WasmFunction } from '../types.js';
import { share } from './lanes.js';
import { paddedColumns, sumsOf } from './shape.js';
import type { KMeansLayout, KMeansShape } from './shape.js';

export function sumsFunction(shape: KMeansShape, { regions }: KMeansLayout): WasmFunction {
  const lane = local('i32');
  const row = local('i32');
  const end = local('i32');
  const own = local('i32');
  const at = local('i32');
  const x = local('i32');
  const label = local('i32');
  const known = local('i32');
  const sum = local('i32');
  const centre = local('i32');
  const value = local('v128');
  const e = local('v128');
  const distance = local('v128');
  const weight = local('f64');
  const weights = local('v128');
  const total = local('f64');
  const c2 = paddedColumns(shape);
  const size = 8 * sumsOf(shape);
  const { weighted } = shape;

  const columns = Array.from({ length: c2 / 2 }, (_, pair): readonly Statement[] => {
    const moved = f64x2.sub(value, v128.load(i32.constant(regions.shift.at), 16 * pair));
    const square = f64x2.mul(f64x2.mul(v128.load(i32.constant(regions.columnWeights.at), 16 * pair), e), e);
    return [
      set(value, v128.load(x, 16 * pair)),
      set(e, f64x2.sub(value, v128.load(centre, 16 * pair))),
      set(distance, pair === 0 ? square : f64x2.add(distance, square)),
      v128.store(
        sum,
        f64x2.add(v128.load(sum, 16 * pair), weighted ? f64x2.mul(weights, moved) : moved),
        16 * pair,
      ),
    ];
  });
  const ofRow = f64.add(
    f64.add(f64x2.extract(distance, 0), f64x2.extract(distance, 1)),
    f64.load(i32.mul(label, 8), regions.offsets.at),
  );
  return wasmFunction(
    'sums',
    [lane],
    [
      set(own, i32.add(i32.mul(lane, shape.components * size), regions.sums.at)),
      set(value, f64x2.constant(0)),
      count(at, own, i32.add(own, shape.components * size), 16, [v128.store(at, value)]),
      set(total, f64.constant(0)),
      ...share(lane, row, end, shape.rows, shape.lanes),
      set(x, i32.add(i32.mul(row, 8 * c2), regions.rows.at)),
      count(row, row, end, 1, [
        set(label, i32.load(i32.mul(row, 4), regions.labels.at)),
        ...(shape.labelled
          ? [
              set(known, i32.load(i32.mul(row, 4), regions.known.at)),
              when(known, [set(label, i32.sub(known, 1))]),
            ]
          : []),
        ...(weighted
          ? [set(weight, f64.load(i32.mul(row, 8), regions.weights.at)), set(weights, f64x2.splat(weight))]
          : []),
        set(sum, i32.add(own, i32.mul(label, size))),
        set(centre, i32.add(i32.mul(label, 8 * c2), regions.centres.at)),
        ...columns.flat(),
        f64.store(sum, f64.add(f64.load(sum, 8 * c2), weighted ? weight : 1), 8 * c2),
        set(total, f64.add(total, weighted ? f64.mul(weight, ofRow) : ofRow)),
        set(x, i32.add(x, 8 * c2)),
      ]),
      f64.store(i32.mul(lane, 8), total, regions.distances.at),
    ],
  );
}
