/** Logits as polynomials of u, and sums of the same products, which are made once for a group. */
import { count, f64x2, i32, local, multiplyAdd, set, v128 } from '../instructions.js';
import { written } from '../scope.js';
import type { Local, Statement, Value } from '../types.js';
import { upTo, vectors } from './logits.js';
import {
  featuresOf,
  LINE,
  paddedColumns,
  paddedComponents,
  productsOf,
  summedFeatures,
  VECTORS,
  workPlaces,
} from './types.js';
import type { GroupedShape } from './types.js';

/** The products of a group's columns. */
export function products(shape: GroupedShape, work: Local<'i32'>): readonly Statement[] {
  const pairs = productsOf(shape);
  if (pairs === 'none') return [];
  const [left, right, into] = [local('i32'), local('i32'), local('i32')];
  const own = workPlaces(shape);
  const x = vectors();
  const end = i32.add(work, LINE * shape.columns);
  const product = written((s) => {
    for (const v of upTo(VECTORS))
      s.push(v128.store(into, f64x2.mul(x[v], v128.load(right, own.columns + 16 * v)), own.columns + 16 * v));
    s.push(set(into, i32.add(into, LINE)));
  });
  // with each from itself on, or with itself
  const last = pairs === 'all' ? end : i32.add(left, LINE);
  return [
    set(into, i32.add(work, LINE * paddedColumns(shape))),
    count(
      left,
      i32.add(work, 0),
      end,
      LINE,
      [
        ...x.map((u, v) => set(u, v128.load(left, own.columns + 16 * v))),
        count(right, i32.add(left, 0), last, LINE, product, true),
      ],
      true,
    ),
  ];
}

/** `each` is given the number of a component and its logits, component by component. */
export function flatLogits(
  shape: GroupedShape,
  numbers: number,
  work: Local<'i32'>,
  each: (component: Value<'i32'>, logits: readonly Local<'v128'>[]) => readonly Statement[],
): readonly Statement[] {
  const { madd } = multiplyAdd(shape.fused);
  const own = workPlaces(shape);
  const [k, at, feature] = [local('i32'), local('i32'), local('i32')];
  const pair = [vectors(), vectors()];
  const begin = written((s) => {
    pair.forEach((logits, n) => {
      const c = s.let(v128.load64Splat(at, 8 * n));
      for (const logit of logits) s.push(set(logit, c));
    });
    s.push(set(at, i32.add(at, 16)));
  });
  const oneFeature = written((s) => {
    const eta = [0, 1].map((n) => s.let(v128.load64Splat(at, 8 * n)));
    for (const v of upTo(VECTORS)) {
      const x = s.let(v128.load(feature, own.columns + 16 * v));
      pair.forEach((logits, n) => {
        s.push(set(logits[v], madd(eta[n], x, logits[v])));
      });
    }
    s.push(set(at, i32.add(at, 16)));
  });
  return [
    set(at, i32.constant(numbers)),
    count(
      k,
      0,
      i32.constant(paddedComponents(shape)),
      2,
      [
        ...begin,
        count(feature, i32.add(work, 0), i32.add(work, LINE * featuresOf(shape)), LINE, oneFeature, true),
        ...pair.flatMap((logits, n) => each(n === 0 ? k : i32.add(k, n), logits)),
      ],
      true,
    ),
  ];
}

/** What a component owns of a group: where its sums are, and its responsibilities. */
export interface Share {
  readonly sums: Local<'i32'>;
  readonly r: readonly Local<'v128'>[];
}

/** Adds n and the sums of the features, of one component or of some at once. Moves each `sums` to its last one. */
export function addFeatures(
  shape: GroupedShape,
  work: Local<'i32'>,
  shares: readonly Share[],
): readonly Statement[] {
  const { madd } = multiplyAdd(shape.fused);
  const own = workPlaces(shape);
  const feature = local('i32');
  const oneFeature = written((s) => {
    for (const { sums } of shares) s.push(set(sums, i32.add(sums, 16)));
    const x = upTo(VECTORS).map((v) => s.let(v128.load(feature, own.columns + 16 * v)));
    for (const { sums, r } of shares)
      s.push(
        v128.store(
          sums,
          x.reduce<Value<'v128'>>((t, u, v) => madd(u, r[v], t), v128.load(sums)),
        ),
      );
  });
  return [
    ...shares.map(({ sums, r }) =>
      v128.store(
        sums,
        r.reduce<Value<'v128'>>((t, x) => f64x2.add(t, x), v128.load(sums)),
      ),
    ),
    count(feature, i32.add(work, 0), i32.add(work, LINE * summedFeatures(shape)), LINE, oneFeature, true),
  ];
}
