/** What one component owns of a group, which it has filled, and what filled cells spread. */
import { addSums } from '../grouped/sums.js';
import { LINE, paddedColumns } from '../grouped/types.js';
import { upTo, vectors } from '../grouped/logits.js';
import { count, f64x2, i32, local, multiplyAdd, set, v128, wasmFunction } from '../instructions.js';
import { written } from '../scope.js';
import type { Value, WasmFunction } from '../types.js';
import { whole } from './fill.js';
import { centreStarts, sumsOfStratum, sumStarts, workPlaces } from './types.js';
import type { PatternLayout, PatternShape } from './types.js';

/** (work, k, kind, sums, spread): adds the sums of component k, whose w r stand in place of its logits. */
export function sumFunction(shape: PatternShape, { regions }: PatternLayout): WasmFunction {
  const { madd } = multiplyAdd(shape.fused);
  const own = workPlaces(shape);
  const [work, k, kind, sums, spread] = upTo(5).map(() => local('i32'));
  const [at, end, share] = upTo(3).map(() => local('i32'));
  const r = vectors();
  const body = written((s) => {
    s.push(set(share, i32.add(work, i32.mul(k, LINE))), set(at, i32.add(spread, 0)));
    r.forEach((x, v) => s.push(set(x, v128.load(share, own.logits + 16 * v))));
    const total = s.let(r.slice(1).reduce<Value<'v128'>>((t, x) => f64x2.add(t, x), r[0]));
    shape.strata.forEach((stratum, n) => {
      const { combinations, weightsOnly, pairs } = stratum;
      const ofComponent = i32.mul(k, combinations);
      const place = s.let(n === 0 ? ofComponent : i32.add(ofComponent, i32.load(kind, 4 * n)));
      const each = 16 * sumsOfStratum(shape, stratum);
      const into = s.let(i32.add(i32.add(sums, 16 * sumStarts(shape)[n]), i32.mul(place, each)));
      // a stratum's numbers to spread, and how many they are
      s.push(set(end, i32.add(i32.add(at, 8), i32.shl(whole(at), 4))), set(at, i32.add(at, 8)));
      if (weightsOnly) {
        s.push(v128.store(into, f64x2.add(v128.load(into), total)), set(at, end));
        return;
      }
      const centres = i32.constant(regions.centres.at + 8 * centreStarts(shape)[n]);
      const centre = i32.add(i32.mul(place, 8 * paddedColumns(shape)), centres);
      const { columns, fused } = shape;
      s.push(...addSums({ columns, fused, statistics: pairs }, own, work, centre, into, r));
      const oneNumber = written((inner) => {
        const to = inner.let(i32.add(into, i32.shl(whole(at), 4)));
        inner.push(v128.store(to, madd(total, v128.load64Splat(at, 8), v128.load(to))));
      });
      s.push(count(at, i32.add(at, 0), end, 16, oneNumber));
    });
  });
  return wasmFunction(undefined, [work, k, kind, sums, spread], body);
}
