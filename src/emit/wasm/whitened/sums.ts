/** The sums of a component: of single rows, and of buckets of rows. */
import {
  call,
  count,
  f64,
  f64x2,
  i32,
  local,
  multiplyAdd,
  set,
  v128,
  wasmFunction,
  when,
} from '../instructions.js';
import { written } from '../scope.js';
import type { Value, WasmFunction } from '../types.js';
import { upTo } from './tile.js';
import { BLOCK, blocksOf, BUCKET, GROUP, paddedColumns, placeOfProducts, workPlaces } from './types.js';
import type { WhitenedShape } from './types.js';

/**
 * (rows, r of each, work, k, numbers of k, sums of k): adds r and r d, and puts √r d into the bucket, which has place for a
 * group.
 */
export function pushFunction(shape: WhitenedShape, products: WasmFunction, atOnce: number): WasmFunction {
  const own = workPlaces(shape);
  const width = 8 * paddedColumns(shape);
  const { madd } = multiplyAdd(shape.fused);
  const rows = upTo(atOnce).map(() => local('i32'));
  const r = rows.map(() => local('f64'));
  const [work, k, numbers, sums] = upTo(4).map(() => local('i32'));
  const [filled, into, a] = upTo(3).map(() => local('i32'));
  const filledAt = i32.add(work, i32.shl(k, 2));
  const body = written((s) => {
    s.push(
      set(filled, i32.load(filledAt, own.filled)),
      set(into, i32.add(work, i32.mul(i32.add(i32.mul(k, BUCKET), filled), width))),
      f64.store(
        sums,
        r.reduce<Value<'f64'>>((sum, x) => f64.add(sum, x), f64.load(sums)),
      ),
    );
    const shares = r.map((x) => s.let(f64x2.splat(x)));
    const roots = r.map((x) => s.let(f64x2.splat(f64.sqrt(x))));
    const twoColumns = written((inner) => {
      const [to, total] = [inner.let(i32.add(into, a)), inner.let(i32.add(sums, a))];
      const m = inner.let(v128.load(i32.add(numbers, a), 16));
      const sum = rows.reduce<Value<'v128'>>(
        (t, row, j) => {
          const d = inner.let(f64x2.sub(v128.load(i32.add(row, a)), m));
          inner.push(v128.store(to, f64x2.mul(d, roots[j]), own.buckets + width * j));
          return madd(d, shares[j], t);
        },
        v128.load(total, 16),
      );
      inner.push(v128.store(total, sum, 16));
    });
    s.push(
      count(a, 0, i32.constant(width), 16, twoColumns, true),
      set(filled, i32.add(filled, atOnce)),
      i32.store(filledAt, filled, own.filled),
      when(i32.gtS(filled, BUCKET - GROUP), [call(products, [work, k, sums])]),
    );
  });
  return wasmFunction(undefined, [...rows, ...r, work, k, numbers, sums], body);
}

/** (work, k, sums of k): adds the products of the bucket's rows, four columns with four, and empties it. */
export function productsFunction(shape: WhitenedShape): WasmFunction {
  const own = workPlaces(shape);
  const width = 8 * paddedColumns(shape);
  const { madd } = multiplyAdd(shape.fused);
  const [work, k, sums] = [local('i32'), local('i32'), local('i32')];
  const [bucket, end, a, b, row, into] = [
    local('i32'),
    local('i32'),
    local('i32'),
    local('i32'),
    local('i32'),
    local('i32'),
  ];
  const totals = Array.from({ length: 2 * BLOCK }, () => local('v128'));
  const filledAt = i32.add(work, i32.shl(k, 2));
  const blockBytes = 8 * BLOCK;
  const rows = written((s) => {
    const [left, right] = [s.let(i32.add(row, a)), s.let(i32.add(row, b))];
    const [low, high] = [s.let(v128.load(right)), s.let(v128.load(right, 16))];
    for (let n = 0; n < BLOCK; n++) {
      const x = s.let(v128.load64Splat(left, 8 * n));
      s.push(set(totals[2 * n], madd(x, low, totals[2 * n])));
      s.push(set(totals[2 * n + 1], madd(x, high, totals[2 * n + 1])));
    }
  });
  const first = 8 * placeOfProducts(shape, 0, 0);
  return wasmFunction(
    undefined,
    [work, k, sums],
    [
      set(bucket, i32.add(i32.add(work, i32.mul(k, BUCKET * width)), own.buckets)),
      set(end, i32.add(bucket, i32.mul(i32.load(filledAt, own.filled), width))),
      i32.store(filledAt, 0, own.filled),
      set(into, i32.add(sums, first)),
      count(
        a,
        0,
        i32.constant(blockBytes * blocksOf(shape)),
        blockBytes,
        [
          count(
            b,
            a,
            i32.constant(blockBytes * blocksOf(shape)),
            blockBytes,
            [
              ...totals.map((total, n) => set(total, v128.load(into, 16 * n))),
              count(row, bucket, end, width, rows),
              ...totals.map((total, n) => v128.store(into, total, 16 * n)),
              set(into, i32.add(into, 8 * BLOCK * BLOCK)),
            ],
            true,
          ),
        ],
        true,
      ),
    ],
  );
}
