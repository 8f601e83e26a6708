/** From the logits of a group to powers, owners, and what the log-likelihood gains. */
import { exp2, log2 } from '../elementary.js';
import { count, f64x2, i32, i64, i64x2, local, multiplyAdd, set, v128, when } from '../instructions.js';
import { written } from '../scope.js';
import type { Scope } from '../scope.js';
import type { Local, Statement, Value } from '../types.js';
import { matters, upTo } from './logits.js';
import { LINE, sumsPerComponent, VECTORS, workPlaces } from './types.js';
import type { GroupedShape } from './types.js';

type Vector = Local<'v128'>;

/** Leaves 2^(logit − top) in place of the logits that matter, and their components; totals, and the owner of each row. */
export function powers(
  shape: GroupedShape,
  work: Local<'i32'>,
  line: Local<'i32'>,
  kept: Local<'i32'>,
  totals: readonly Vector[],
  owners: readonly Vector[],
): readonly Statement[] {
  const own = workPlaces(shape);
  const fused = multiplyAdd(shape.fused);
  const [from, read, end] = [local('i32'), local('i32'), local('i32')];
  const component = written((s) => {
    const below = upTo(VECTORS).map((v) =>
      s.let(f64x2.sub(v128.load(from, own.logits + 16 * v), v128.load(work, own.tops + 16 * v))),
    );
    const isKept = written((inner) => {
      const k = inner.let(i32.load(read, own.kept));
      const index = inner.let(i64x2.splat(i64.extendS(k)));
      below.forEach((x, v) => {
        const power = exp2(inner, fused, x);
        inner.push(
          v128.store(line, power, own.logits + 16 * v),
          set(totals[v], f64x2.add(totals[v], power)),
          set(owners[v], v128.bitselect(index, owners[v], f64x2.eq(x, 0))),
        );
      });
      inner.push(i32.store(kept, k, own.kept), set(line, i32.add(line, LINE)), set(kept, i32.add(kept, 4)));
    });
    s.push(when(matters(below), isKept), set(from, i32.add(from, LINE)));
  });
  return [
    set(end, kept),
    set(from, i32.add(work, 0)),
    set(line, i32.add(work, 0)),
    set(kept, i32.add(work, 0)),
    count(read, i32.add(work, 0), end, 4, component, true),
  ];
}

/** Σ w top and Σ w log₂ total; without weights the logarithm is one, of a product of totals. */
export function addLikelihood(
  s: Scope,
  shape: GroupedShape,
  sums: Local<'i32'>,
  tops: readonly Vector[],
  totals: readonly Vector[],
  weights: readonly Vector[] | undefined,
): void {
  const fused = multiplyAdd(shape.fused);
  const place = 16 * shape.components * sumsPerComponent(shape);
  const all = (op: (a: Value<'v128'>, b: Value<'v128'>) => Value<'v128'>, x: readonly Value<'v128'>[]) =>
    x.slice(1).reduce((t, y) => op(t, y), x[0]);
  const weigh = (x: readonly Value<'v128'>[]): Value<'v128'> =>
    all(f64x2.add, weights === undefined ? x : x.map((y, v) => f64x2.mul(y, weights[v])));
  const logarithms =
    weights === undefined
      ? log2(s, fused, s.let(all(f64x2.mul, totals)))
      : weigh(totals.map((total) => log2(s, fused, total)));
  [weigh(tops), logarithms].forEach((part, n) => {
    const at = place + 16 * n;
    s.push(v128.store(sums, f64x2.add(v128.load(sums, at), part), at));
  });
}
