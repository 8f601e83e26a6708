/** From the logits of a group to responsibilities, and what the log-likelihood gains. */
import { exp2, log2 } from '../elementary.js';
import { LINE, VECTORS } from '../grouped/types.js';
import { upTo, vectors } from '../grouped/logits.js';
import { count, f64x2, i32, local, multiplyAdd, set, v128, wasmFunction } from '../instructions.js';
import { NEGLIGIBLE } from '../limits.js';
import { written } from '../scope.js';
import type { Scope } from '../scope.js';
import type { Statement, WasmFunction } from '../types.js';
import { sumStarts, workPlaces } from './types.js';
import type { PatternShape } from './types.js';

/** (work, weights, sums): leaves w r in place of the logits, exactly 0 where a component is negligible beside the best. */
export function softmaxFunction(shape: PatternShape): WasmFunction {
  const { logits } = workPlaces(shape);
  const fused = multiplyAdd(shape.fused);
  const [work, weights, sums] = upTo(3).map(() => local('i32'));
  const [line, end] = [local('i32'), local('i32')];
  const [tops, totals, scales] = [vectors(), vectors(), vectors()];
  const each = (step: (s: Scope) => void): Statement =>
    count(line, i32.add(work, 0), end, LINE, written(step), true);
  const at = (v: number): number => logits + 16 * v;
  const body = written((s) => {
    s.push(set(end, i32.add(work, LINE * shape.components)));
    tops.forEach((top, v) => s.push(set(top, v128.load(work, at(v)))));
    s.push(
      each((inner) => {
        tops.forEach((top, v) => inner.push(set(top, f64x2.pmax(top, v128.load(line, at(v))))));
      }),
    );
    for (const total of totals) s.push(set(total, f64x2.constant(0)));
    s.push(
      each((inner) => {
        totals.forEach((total, v) => {
          const below = inner.let(f64x2.sub(v128.load(line, at(v)), tops[v]));
          // what is no number stays none
          const power = inner.let(v128.andNot(exp2(inner, fused, below), f64x2.lt(below, -NEGLIGIBLE)));
          inner.push(set(total, f64x2.add(total, power)), v128.store(line, power, at(v)));
        });
      }),
    );
    const w = upTo(VECTORS).map((v) => s.let(v128.load(weights, 16 * v)));
    scales.forEach((scale, v) => s.push(set(scale, f64x2.div(w[v], totals[v]))));
    s.push(
      each((inner) => {
        scales.forEach((scale, v) =>
          inner.push(v128.store(line, f64x2.mul(scale, v128.load(line, at(v))), at(v))),
        );
      }),
    );
    const gains = [
      tops.map((top, v) => f64x2.mul(w[v], top)),
      totals.map((total, v) => f64x2.mul(w[v], log2(s, fused, total))),
    ];
    gains.forEach((gain, n) => {
      const place = 16 * (sumStarts(shape).at(-1)! + n);
      const sum = gain.reduce((t, x) => f64x2.add(t, x));
      s.push(v128.store(sums, f64x2.add(v128.load(sums, place), sum), place));
    });
  });
  return wasmFunction(undefined, [work, weights, sums], body);
}
