/** The logits of one component in the rows of a group. */
import { branch, count, f64x2, i32, local, multiplyAdd, set, v128 } from '../instructions.js';
import { written } from '../scope.js';
import type { Label, Local, Statement, Value } from '../types.js';
import { LINE, paddedColumns, VECTORS, workPlaces } from './types.js';
import type { GroupedShape } from './types.js';

type Vector = Local<'v128'>;

/** What a component is left for being so far below the best, as a power of two. */
export const NEGLIGIBLE = 65;

export const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, at) => at);
export const vectors = (): readonly Vector[] => upTo(VECTORS).map(() => local('v128'));

/** Whether one of the rows is not negligible, by how far it is beneath the best of the row. */
export const matters = (below: readonly Value<'v128'>[]): Value<'i32'> =>
  v128.anyTrue(
    f64x2.gt(
      below.slice(1).reduce((most, x) => f64x2.pmax(most, x), below[0]),
      -NEGLIGIBLE,
    ),
  );

/**
 * Adds to `logits`, which have the constant, the rest of the polynomial whose numbers are at `numbers`. Where they only fall,
 * branches to `leave` when no row matters any more.
 */
export function addPolynomial(
  shape: GroupedShape,
  falling: boolean,
  work: Local<'i32'>,
  numbers: Value<'i32'>,
  logits: readonly Vector[],
  leave: Label,
): readonly Statement[] {
  const own = workPlaces(shape);
  const at = local('i32');
  const isLeft = i32.eqz(
    matters(logits.map((logit, v) => f64x2.sub(logit, v128.load(work, own.tops + 16 * v)))),
  );
  const check = falling ? [branch(leave, isLeft)] : [];
  const begin = set(at, numbers);
  switch (shape.logits) {
    case 'all':
      return [begin, ...allProducts(shape, falling, work, at, logits, check)];
    case 'squares':
      return [begin, ...squares(shape, work, at, logits, check)];
    case 'none':
      throw new Error('logits without squares are flat');
  }
}

/** d of column `column`, whose centre is `offset` bytes from the numbers reached, in the rows of vector v. */
const difference = (column: Value<'i32'>, centre: Value<'v128'>, v: number, offset: number): Value<'v128'> =>
  f64x2.sub(v128.load(column, offset + 16 * v), centre);

function allProducts(
  shape: GroupedShape,
  falling: boolean,
  work: Local<'i32'>,
  at: Local<'i32'>,
  logits: readonly Vector[],
  check: readonly Statement[],
): readonly Statement[] {
  const { madd, nmadd } = multiplyAdd(shape.fused);
  const own = workPlaces(shape);
  const [column, last] = [local('i32'), local('i32')];
  const rows = [vectors(), vectors()];
  const begin = written((s) => {
    rows.forEach((row, n) => {
      const first = s.let(v128.load64Splat(at, 8 * n));
      for (const x of row) s.push(set(x, first));
    });
    s.push(set(at, i32.add(at, 16)));
  });
  const oneColumn = written((s) => {
    const [m, ...h] = upTo(3).map((n) => s.let(v128.load64Splat(at, 8 * n)));
    for (const v of upTo(VECTORS)) {
      const d = s.let(difference(column, m, v, own.columns));
      rows.forEach((row, n) => {
        s.push(set(row[v], madd(h[n], d, row[v])));
      });
    }
    s.push(set(at, i32.add(at, 24)));
  });
  const finish = written((s) => {
    rows.forEach((row, n) => {
      const m = falling ? undefined : s.let(v128.load64Splat(i32.sub(at, 24 * (2 - n))));
      for (const v of upTo(VECTORS)) {
        const logit =
          m === undefined
            ? nmadd(row[v], row[v], logits[v])
            : madd(difference(i32.sub(column, LINE * (2 - n)), m, v, own.columns), row[v], logits[v]);
        s.push(set(logits[v], logit));
      }
    });
  });
  return [
    count(
      last,
      i32.add(work, 2 * LINE),
      i32.add(work, LINE * (paddedColumns(shape) + 1)),
      2 * LINE,
      [...begin, count(column, i32.add(work, 0), last, LINE, oneColumn, true), ...finish, ...check],
      true,
    ),
  ];
}

function squares(
  shape: GroupedShape,
  work: Local<'i32'>,
  at: Local<'i32'>,
  logits: readonly Vector[],
  check: readonly Statement[],
): readonly Statement[] {
  const { madd } = multiplyAdd(shape.fused);
  const own = workPlaces(shape);
  const column = local('i32');
  const twoColumns = written((s) => {
    for (const n of [0, 1]) {
      const [m, g, h] = upTo(3).map((part) => s.let(v128.load64Splat(at, 24 * n + 8 * part)));
      for (const v of upTo(VECTORS)) {
        const d = s.let(difference(column, m, v, own.columns + LINE * n));
        s.push(set(logits[v], madd(d, madd(h, d, g), logits[v])));
      }
    }
    s.push(set(at, i32.add(at, 48)));
  });
  const end = i32.add(work, LINE * paddedColumns(shape));
  return [count(column, i32.add(work, 0), end, 2 * LINE, [...twoColumns, ...check], true)];
}
