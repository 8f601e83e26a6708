/** What the kernel does again and again with the rows of a group: a vector has two of them. */
import { count, f64x2, i32, local, multiplyAdd, set, v128 } from '../instructions.js';
import { written } from '../scope.js';
import type { Local, Statement, Value } from '../types.js';
import { BLOCK, LINE, paddedColumns, VECTORS } from './types.js';
import type { WhitenedShape } from './types.js';

export const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, at) => at);

export type Vectors = readonly Local<'v128'>[];
export const vectors = (): Vectors => upTo(VECTORS).map(() => local('v128'));
export const blockOfVectors = (): readonly Vectors[] => upTo(BLOCK).map(vectors);

/** Behind the last of a group's columns. */
export const endOfColumns = (shape: WhitenedShape, work: Local<'i32'>): Value<'i32'> =>
  i32.add(work, LINE * paddedColumns(shape));

/** Whether a logit of one of the rows is not beneath its limit. */
export const matters = (logit: readonly Value<'v128'>[], limits: Vectors): Value<'i32'> =>
  v128.anyTrue(logit.map((x, v) => f64x2.ge(x, limits[v])).reduce((some, x) => v128.or(some, x)));

/**
 * Adds to `products` four rows of a matrix, which begins at `matrix` and has each column's four numbers side by side, times
 * the columns of a group from `work` to `last`, `place` after that.
 */
export function addProducts(
  shape: WhitenedShape,
  products: readonly Vectors[],
  matrix: Local<'i32'>,
  [work, last]: readonly [Local<'i32'>, Value<'i32'>],
  place: number,
): Statement {
  const { madd } = multiplyAdd(shape.fused);
  const column = local('i32');
  // one column at a time: V8 reads those of a longer body first, and keeps them on the stack
  const oneColumn = written((s) => {
    const x = upTo(VECTORS).map((v) => s.let(v128.load(column, place + 16 * v)));
    products.forEach((row, i) => {
      const r = s.let(v128.load64Splat(matrix, 8 * i));
      row.forEach((sum, v) => {
        s.push(set(sum, madd(r, x[v], sum)));
      });
    });
    s.push(set(matrix, i32.add(matrix, 8 * BLOCK)));
  });
  return count(column, i32.add(work, 0), last, LINE, oneColumn, true);
}
