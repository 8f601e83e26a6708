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
import type { WasmFunction } from '../types.js';
import { BLOCK, blocksOf, BUCKET, paddedColumns, placeOfProducts, workPlaces } from './types.js';
import type { WhitenedShape } from './types.js';

/** (row, r, work, k, numbers of k, sums of k): adds r and r d, and puts √r d into the bucket. */
export function pushFunction(shape: WhitenedShape, products: WasmFunction): WasmFunction {
  const own = workPlaces(shape);
  const width = 8 * paddedColumns(shape);
  const { madd } = multiplyAdd(shape.fused);
  const [row, work, k, numbers, sums] = [
    local('i32'),
    local('i32'),
    local('i32'),
    local('i32'),
    local('i32'),
  ];
  const r = local('f64');
  const [filled, into, a] = [local('i32'), local('i32'), local('i32')];
  const [share, root] = [local('v128'), local('v128')];
  const filledAt = i32.add(work, i32.shl(k, 2));
  return wasmFunction(
    undefined,
    [row, r, work, k, numbers, sums],
    [
      set(filled, i32.load(filledAt, own.filled)),
      set(into, i32.add(work, i32.mul(i32.add(i32.mul(k, BUCKET), filled), width))),
      set(share, f64x2.splat(r)),
      set(root, f64x2.splat(f64.sqrt(r))),
      f64.store(sums, f64.add(f64.load(sums), r)),
      count(
        a,
        0,
        i32.constant(width),
        32,
        written((s) => {
          const [u, m] = [s.let(i32.add(row, a)), s.let(i32.add(numbers, a))];
          const [to, sum] = [s.let(i32.add(into, a)), s.let(i32.add(sums, a))];
          for (const at of [0, 16]) {
            const x = s.let(f64x2.sub(v128.load(u, at), v128.load(m, 16 + at)));
            s.push(v128.store(to, f64x2.mul(x, root), own.buckets + at));
            s.push(v128.store(sum, madd(x, share, v128.load(sum, 16 + at)), 16 + at));
          }
        }),
        true,
      ),
      set(filled, i32.add(filled, 1)),
      i32.store(filledAt, filled, own.filled),
      when(i32.eq(filled, BUCKET), [call(products, [work, k, sums])]),
    ],
  );
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
