/** A rule at work: the missing cells of a group as one component has them. */
import {
  branch,
  count,
  f64,
  f64x2,
  i32,
  i64,
  local,
  loop,
  multiplyAdd,
  set,
  v128,
  wasmFunction,
  when,
} from '../instructions.js';
import { LINE } from '../grouped/types.js';
import { upTo, vectors } from '../grouped/logits.js';
import { written } from '../scope.js';
import type { Value, WasmFunction } from '../types.js';
import { workPlaces } from './types.js';
import type { PatternShape } from './types.js';

/** A number of a rule that is a whole one: added to 2^52 it stands in the lowest bits. */
export const whole = (at: Value<'i32'>, offset = 0): Value<'i32'> =>
  i32.wrap(i64.bitsOf(f64.add(f64.load(at, offset), 2 ** 52)));

/** (work, rule): fills columns of the group under way; returns where the rule goes on behind its cells. */
export function fillFunction(shape: PatternShape): WasmFunction {
  const { madd } = multiplyAdd(shape.fused);
  const { columns } = workPlaces(shape);
  const [work, rule] = [local('i32'), local('i32')];
  const [cells, out, at, end] = upTo(4).map(() => local('i32'));
  const filled = vectors();
  const columnAt = (offset: number): Value<'i32'> =>
    i32.add(i32.add(work, columns), i32.mul(whole(at, offset), LINE));
  const addColumn = written((s) => {
    const from = s.let(columnAt(0));
    const [origin, coefficient] = [8, 16].map((part) => s.let(v128.load64Splat(at, part)));
    filled.forEach((x, v) => {
      s.push(set(x, madd(coefficient, f64x2.sub(v128.load(from, 16 * v), origin), x)));
    });
  });
  const oneCell = written((s) => {
    s.push(set(out, columnAt(0)));
    const first = s.let(v128.load64Splat(at, 8));
    for (const x of filled) s.push(set(x, first));
    s.push(set(end, i32.add(i32.add(at, 24), i32.mul(whole(at, 16), 24))));
    s.push(count(at, i32.add(at, 24), end, 24, addColumn));
    filled.forEach((x, v) => s.push(v128.store(out, x, 16 * v)));
    s.push(set(cells, i32.sub(cells, 1)));
  });
  return wasmFunction(
    undefined,
    [work, rule],
    [
      set(cells, whole(rule, 8)),
      set(at, i32.add(rule, 16)),
      when(i32.ne(cells, 0), [loop((again) => [...oneCell, branch(again, i32.ne(cells, 0))])]),
    ],
    at,
  );
}
