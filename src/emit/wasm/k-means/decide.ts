/** The label of one row from its float64 numbers: terms in the order and with the roundings of the formula as it stands. */
import { count, f64, f64x2, i32, local, set, tee, v128, wasmFunction, when } from '../instructions.js';
import type { Statement, WasmFunction } from '../types.js';
import { HALVES, pair } from './score.js';
import { BLOCK, paddedColumns, paddedComponents } from './shape.js';
import type { KMeansLayout, KMeansShape } from './shape.js';

/** (row) → label */
export function decideFunction(shape: KMeansShape, { regions }: KMeansLayout): WasmFunction {
  const row = local('i32');
  const x = local('i32');
  const k = local('i32');
  const c = local('i32');
  const m = local('i32');
  const sums = pair(() => local('v128'));
  const e = local('v128');
  const value = local('v128');
  const weight = local('v128');
  const best = local('f64');
  const label = local('i32');
  const distance = local('f64');
  const kp = paddedComponents(shape);
  const c2 = paddedColumns(shape);
  const body: readonly Statement[] = [
    set(x, i32.add(i32.mul(row, 8 * c2), regions.rows.at)),
    set(best, f64.constant(Infinity)),
    count(
      k,
      0,
      kp,
      BLOCK,
      [
        ...HALVES.map((h) => set(sums[h], f64x2.constant(0))),
        set(m, i32.add(i32.mul(k, 8), regions.centreColumns.at)),
        count(
          c,
          0,
          8 * shape.columns,
          8,
          [
            set(value, v128.load64Splat(i32.add(x, c))),
            set(weight, v128.load64Splat(c, regions.columnWeights.at)),
            ...HALVES.flatMap((h) => [
              set(e, f64x2.sub(value, v128.load(m, 16 * h))),
              set(sums[h], f64x2.add(sums[h], f64x2.mul(f64x2.mul(weight, e), e))),
            ]),
            set(m, i32.add(m, 8 * kp)),
          ],
          true,
        ),
        ...HALVES.flatMap((h) => [
          set(sums[h], f64x2.add(sums[h], v128.load(i32.mul(k, 8), regions.offsets.at + 16 * h))),
          ...[0, 1].map((l) =>
            when(f64.lt(tee(distance, f64x2.extract(sums[h], l)), best), [
              set(best, distance),
              set(label, i32.add(k, 2 * h + l)),
            ]),
          ),
        ]),
      ],
      true,
    ),
  ];
  return wasmFunction(undefined, [row], body, label);
}
