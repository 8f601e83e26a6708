/**
 * Puts the rows of each lane in the order of their labels, those of one label as they came, by counting: rows of a tile are
 * then near each other, and soon found.
 */
import { call, count, f64, i32, local, select, set, wasmFunction } from '../instructions.js';
import type { Statement, Value, WasmFunction } from '../types.js';
import { TILE, paddedColumns, tilesOf } from './shape.js';
import type { KMeansLayout, KMeansShape } from './shape.js';

const CACHE_LINE = 64;

/** `order(lane)`, which then packs the lane. */
export function orderFunction(
  shape: KMeansShape,
  { regions }: KMeansLayout,
  pack: WasmFunction,
): WasmFunction {
  const seen = local('f64');
  const rowBytes = 8 * paddedColumns(shape);
  const [lane, from, end, next, at, row, label, sum] = Array.from({ length: 8 }, () => local('i32'));
  const each = TILE * Math.ceil(tilesOf(shape) / shape.lanes);
  const size = 4 * (shape.components + 1);
  /** where the place of the next row of a label stands */
  const placeOf = (of: Value<'i32'>): Value<'i32'> => i32.add(next, i32.mul(of, 4));
  const labelOfRow = i32.load(i32.mul(row, 4), regions.labels.at);
  const overRows = (body: readonly Statement[]): Statement =>
    count(row, from, end, 1, [set(label, labelOfRow), ...body]);
  return wasmFunction(
    'order',
    [lane],
    [
      set(from, i32.mul(lane, each)),
      set(end, i32.add(from, each)),
      set(end, select(end, i32.constant(shape.rows), i32.ltS(end, shape.rows))),
      set(next, i32.add(i32.mul(lane, size), regions.next.at)),
      count(at, next, i32.add(next, size), 4, [i32.store(at, i32.constant(0))]),
      // how many rows have each label, one place further on
      overRows([set(at, placeOf(label)), i32.store(at, i32.add(i32.load(at, 4), 1), 4)]),
      set(sum, from),
      count(at, next, i32.add(next, size), 4, [set(sum, i32.add(sum, i32.load(at))), i32.store(at, sum)]),
      // the rows themselves are read here, where they follow each other: in the order of labels each would be waited for
      set(seen, f64.constant(0)),
      set(at, i32.add(i32.mul(from, rowBytes), regions.rows.at)),
      overRows([
        set(sum, i32.load(placeOf(label))),
        i32.store(placeOf(label), i32.add(sum, 1)),
        i32.store(i32.mul(sum, 4), row, regions.order.at),
        i32.store(i32.mul(sum, 4), label, regions.tileLabels.at),
        ...Array.from({ length: Math.ceil(rowBytes / CACHE_LINE) }, (_, n) =>
          set(seen, f64.add(seen, f64.load(at, CACHE_LINE * n))),
        ),
        set(at, i32.add(at, rowBytes)),
      ]),
      // what is read for nothing would not be read
      f64.store(next, seen),
      call(pack, [lane]),
    ],
  );
}
