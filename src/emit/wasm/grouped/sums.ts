/** What one component owns of a group of rows. */
import { count, f64x2, i32, local, multiplyAdd, set, v128 } from '../instructions.js';
import { written } from '../scope.js';
import type { Local, Statement, Value } from '../types.js';
import { upTo, vectors } from './logits.js';
import { LINE, paddedColumns, VECTORS } from './types.js';
import type { SumShape } from './types.js';

/** Where a group has its columns, and room for its d, from `work` on. */
export interface SumPlaces {
  readonly columns: number;
  readonly differences: number;
}

/** Adds to the sums at `sums` under the responsibilities `r`, around the centre at `centre`. */
export function addSums(
  shape: SumShape,
  own: SumPlaces,
  work: Local<'i32'>,
  centre: Value<'i32'>,
  sums: Local<'i32'>,
  r: readonly Local<'v128'>[],
): readonly Statement[] {
  const { madd } = multiplyAdd(shape.fused);
  const [column, m, into] = [local('i32'), local('i32'), local('i32')];
  const columns = i32.add(work, LINE * paddedColumns(shape));
  const beyond = 16 * paddedColumns(shape);
  const total = (place: number): Value<'v128'> => v128.load(into, place);
  const ofColumn = written((s) => {
    const origin = s.let(v128.load64Splat(m));
    const d = upTo(VECTORS).map((v) => s.let(f64x2.sub(v128.load(column, own.columns + 16 * v), origin)));
    if (shape.statistics === 'all')
      d.forEach((x, v) => s.push(v128.store(column, x, own.differences + 16 * v)));
    if (shape.statistics !== 'squares')
      s.push(
        v128.store(
          into,
          d.reduce<Value<'v128'>>((t, x, v) => madd(x, r[v], t), total(0)),
        ),
      );
    else {
      const weighed = d.map((x, v) => s.let(f64x2.mul(x, r[v])));
      s.push(
        v128.store(
          into,
          weighed.reduce<Value<'v128'>>((t, x) => f64x2.add(t, x), total(0)),
        ),
        v128.store(
          into,
          weighed.reduce<Value<'v128'>>((t, x, v) => madd(x, d[v], t), total(beyond)),
          beyond,
        ),
      );
    }
    s.push(set(m, i32.add(m, 8)), set(into, i32.add(into, 16)));
  });
  return [
    v128.store(
      sums,
      r.reduce<Value<'v128'>>((t, x) => f64x2.add(t, x), v128.load(sums)),
    ),
    set(m, centre),
    set(into, i32.add(sums, 16)),
    count(column, i32.add(work, 0), columns, LINE, ofColumn, true),
    ...(shape.statistics === 'all' ? addProducts(shape, own, work, into, r) : []),
  ];
}

/** Σ r d dᵀ from the differences that are kept, two columns with each from the first of them on. */
function addProducts(
  shape: SumShape,
  own: SumPlaces,
  work: Local<'i32'>,
  into: Local<'i32'>,
  r: readonly Local<'v128'>[],
): readonly Statement[] {
  const { madd } = multiplyAdd(shape.fused);
  const [left, right] = [local('i32'), local('i32')];
  const weighed = [vectors(), vectors()];
  const end = i32.add(work, LINE * paddedColumns(shape));
  const oneColumn = written((s) => {
    const d = upTo(VECTORS).map((v) => s.let(v128.load(right, own.differences + 16 * v)));
    weighed.forEach((row, n) => {
      const sum = row.reduce<Value<'v128'>>((t, x, v) => madd(x, d[v], t), v128.load(into, 16 * n));
      s.push(v128.store(into, sum, 16 * n));
    });
    s.push(set(into, i32.add(into, 32)));
  });
  const begin = weighed.flatMap((row, n) =>
    row.map((x, v) => set(x, f64x2.mul(v128.load(left, own.differences + LINE * n + 16 * v), r[v]))),
  );
  return [
    count(
      left,
      i32.add(work, 0),
      end,
      2 * LINE,
      [...begin, count(right, i32.add(left, 0), end, LINE, oneColumn, true)],
      true,
    ),
  ];
}
