/** Logits in the rows of a group, component by component, as polynomials around centres. */
import {
  block,
  branch,
  count,
  f64,
  f64x2,
  i32,
  local,
  loop,
  multiplyAdd,
  set,
  v128,
} from '../instructions.js';
import { whereLabelled } from '../labels.js';
import { NEGLIGIBLE } from '../limits.js';
import { written } from '../scope.js';
import type { Label, Local, Statement, Value } from '../types.js';
import { LINE, numbersPerComponent, paddedColumns, VECTORS, workPlaces } from './types.js';
import type { GroupedShape } from './types.js';

type Vector = Local<'v128'>;

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

/** What is done with the logits of a component that is not left. */
export type Keep = (component: Value<'i32'>, logits: readonly Vector[]) => readonly Statement[];

/** Where the label of a row names another component the logit is beneath all. */
export function onlyLabelled(
  shape: GroupedShape,
  work: Local<'i32'>,
  component: Value<'i32'>,
  logits: readonly Vector[],
): readonly Statement[] {
  if (!shape.labelled) return [];
  const { labels } = workPlaces(shape);
  return written((s) => {
    const number = s.let(f64x2.splat(f64.fromI32(i32.add(component, 1))));
    logits.forEach((logit, v) => {
      s.push(set(logit, whereLabelled(s.let(v128.load(work, labels + 16 * v)), number, logit)));
    });
  });
}

/** Component by component, that of `first` before the others: beside its logits they fall behind. */
export function logitsAroundCentres(
  shape: GroupedShape,
  falling: boolean,
  parameters: number,
  work: Local<'i32'>,
  first: Local<'i32'>,
  keep: Keep,
): readonly Statement[] {
  const [k, turn, numbers] = [local('i32'), local('i32'), local('i32')];
  const logits = vectors();
  const polynomial = i32.add(numbers, 8 * (2 + paddedColumns(shape)));
  const constant = written((s) => {
    const c = s.let(v128.load64Splat(numbers));
    for (const logit of logits) s.push(set(logit, c));
  });
  const component = block((leave) => [
    set(numbers, i32.add(i32.mul(k, 8 * numbersPerComponent(shape)), parameters)),
    ...constant,
    ...onlyLabelled(shape, work, k, logits),
    ...addPolynomial(shape, falling, work, polynomial, logits, leave),
    ...keep(k, logits),
  ]);
  return [
    set(k, first),
    set(turn, i32.constant(-1)),
    loop((again) => [
      component,
      block((leave) => [
        loop((next) => [set(turn, i32.add(turn, 1)), branch(leave, i32.ne(turn, first)), branch(next)]),
      ]),
      set(k, turn),
      branch(again, i32.ltS(turn, shape.components)),
    ]),
  ];
}

/**
 * Adds to `logits`, which have the constant, the rest of the polynomial whose numbers are at `numbers`. Where they only fall,
 * branches to `leave` when no row matters any more.
 */
function addPolynomial(
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
