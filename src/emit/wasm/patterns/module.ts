/** The kernel's module: `step(lane)` adds up the groups of a lane, as `types.ts` says, `total()` the lanes. */
import { encodeModule } from '../encoder.js';
import { LINE, VECTORS } from '../grouped/types.js';
import { upTo } from '../grouped/logits.js';
import { call, callFor, count, f64x2, i32, local, set, v128, wasmFunction, when } from '../instructions.js';
import { MEMORY_IMPORT } from '../layout.js';
import { written } from '../scope.js';
import { totalFunction } from '../totals.js';
import type { Statement, Value } from '../types.js';
import { fillFunction } from './fill.js';
import { logitFunction } from './logits.js';
import { softmaxFunction } from './softmax.js';
import { sumFunction } from './sums.js';
import { heldColumns, kindNumbers, sumsPerLane, workPlaces } from './types.js';
import type { PatternLayout, PatternShape } from './types.js';

export function patternModule(shape: PatternShape, places: PatternLayout): Uint8Array {
  const { regions } = places;
  const own = workPlaces(shape);
  const perLane = 16 * sumsPerLane(shape);
  const held = LINE * heldColumns(shape);
  const [lane, group, end, at, k] = upTo(5).map(() => local('i32'));
  const [work, sums, kind, starts, rule, from, share] = upTo(7).map(() => local('i32'));
  const [fill, logit] = [fillFunction(shape), logitFunction(shape, places)];
  const [softmax, addSums] = [softmaxFunction(shape), sumFunction(shape, places)];
  const place = (base: number, each: number): Value<'i32'> => i32.add(i32.mul(group, each), base);
  const firstOf = (n: Value<'i32'>): Value<'i32'> => i32.divU(i32.mul(n, shape.groups), shape.lanes);
  const components = (step: readonly Statement[]): Statement =>
    count(k, 0, i32.constant(shape.components), 1, step, true);
  /** The rule of component k, with the group filled: what stands behind its cells. */
  const filled = (): Value<'i32'> => callFor('i32', fill, [work, rule]);
  const findRule = set(rule, i32.add(i32.shl(i32.load(i32.add(starts, i32.shl(k, 2))), 3), regions.rules.at));
  const labels = shape.labelled ? place(regions.labels.at, LINE) : i32.constant(0);

  const oneGroup = written((s) => {
    s.push(set(from, place(regions.rows.at, held)));
    s.push(
      count(at, 0, i32.constant(held), 16, [
        v128.store(i32.add(work, at), v128.load(i32.add(from, at)), own.columns),
      ]),
    );
    s.push(set(kind, place(regions.kinds.at, 4 * kindNumbers(shape))));
    s.push(set(starts, i32.add(i32.mul(i32.load(kind), 4 * shape.components), regions.starts.at)));
    const label = s.let(labels);
    s.push(components([findRule, set(at, filled()), call(logit, [work, k, kind, rule, label])]));
    s.push(call(softmax, [work, place(regions.weights.at, LINE), sums]));
    const r = upTo(VECTORS).map((v) => v128.load(share, own.logits + 16 * v));
    s.push(
      components([
        set(share, i32.add(work, i32.mul(k, LINE))),
        when(v128.anyTrue(r.reduce((x, y) => v128.or(x, y))), [
          findRule,
          call(addSums, [work, k, kind, sums, filled()]),
        ]),
      ]),
    );
  });
  const step = wasmFunction(
    'step',
    [lane],
    [
      set(work, i32.add(i32.mul(lane, own.bytes), regions.work.at)),
      set(sums, i32.add(i32.mul(lane, perLane), regions.sums.at)),
      count(at, sums, i32.add(sums, perLane), 16, [v128.store(at, f64x2.constant(0))]),
      set(end, firstOf(i32.add(lane, 1))),
      count(group, firstOf(lane), end, 1, oneGroup),
    ],
  );
  return encodeModule({
    memory: MEMORY_IMPORT,
    functions: [step, totalFunction(regions.sums.at, perLane, shape.lanes)],
  });
}
