/** The logits of a group of rows, as far as they matter. */
import {
  block,
  branch,
  count,
  f64,
  f64x2,
  i32,
  i64,
  i64x2,
  local,
  loop,
  multiplyAdd,
  set,
  v128,
  when,
} from '../instructions.js';
import { whereLabelled } from '../labels.js';
import { NEGLIGIBLE } from '../limits.js';
import { written } from '../scope.js';
import type { Label, Local, Statement } from '../types.js';
import { listOthers } from './bounds.js';
import { addProducts, blockOfVectors, endOfColumns, matters, upTo, vectors } from './tile.js';
import type { Vectors } from './tile.js';
import { BLOCK, firstOfRows, LINE, numbersPerComponent, VECTORS, workPlaces } from './types.js';
import type { WhitenedLayout, WhitenedShape } from './types.js';

/** Leaves number and logits of each component that matters in one of the rows, and the tops and owners. */
export function logits(
  shape: WhitenedShape,
  regions: WhitenedLayout['regions'],
  work: Local<'i32'>,
  first: Local<'i32'>,
  kept: Local<'i32'>,
  tops: Vectors,
  owners: Vectors,
): readonly Statement[] {
  const own = workPlaces(shape);
  const [listed, n, k, numbers] = upTo(4).map(() => local('i32'));
  const [logit, limits] = [vectors(), vectors()];
  const setLimits = limits.map((limit, v) => set(limit, f64x2.sub(tops[v], NEGLIGIBLE)));
  const leaveBehind = (leave: Label): Statement => branch(leave, i32.eqz(matters(logit, limits)));

  const begin = written((s) => {
    s.push(set(numbers, i32.add(i32.mul(k, 8 * numbersPerComponent(shape)), regions.parameters.at)));
    const c = s.let(v128.load64Splat(numbers));
    const name = shape.labelled ? s.let(f64x2.splat(f64.fromI32(i32.add(k, 1)))) : undefined;
    logit.forEach((x, v) => {
      const label = name === undefined ? undefined : s.let(v128.load(work, own.labels + 16 * v));
      s.push(set(x, name === undefined || label === undefined ? c : whereLabelled(label, name, c)));
    });
  });
  const keep = written((s) => {
    const index = s.let(i64x2.splat(i64.extendS(k)));
    const line = s.let(i32.add(work, i32.mul(kept, LINE)));
    logit.forEach((x, v) => {
      s.push(
        v128.store(line, x, own.logits + 16 * v),
        set(owners[v], v128.bitselect(index, owners[v], f64x2.gt(x, tops[v]))),
        set(tops[v], f64x2.pmax(tops[v], x)),
      );
    });
    // in the place of one that was looked at
    s.push(i32.store(i32.add(work, i32.shl(kept, 2)), k, own.kept), set(kept, i32.add(kept, 1)));
  });
  const component = block((leave) => [
    ...begin,
    ...setLimits,
    leaveBehind(leave),
    ...fall(shape, work, numbers, logit, [leaveBehind(leave)]),
    ...keep,
  ]);
  // the owner of last time first: beside its logits the others fall behind
  return [
    i32.store(work, first, own.kept),
    set(listed, i32.constant(1)),
    set(kept, i32.constant(0)),
    count(
      n,
      0,
      listed,
      1,
      [
        set(k, i32.load(i32.add(work, i32.shl(n, 2)), own.kept)),
        component,
        when(i32.eqz(n), [
          ...setLimits,
          ...listOthers(shape, regions.bounds.at, work, first, listed, limits),
        ]),
      ],
      true,
    ),
  ];
}

/** Takes ‖R d‖² off the logits, some rows of R at a time, each time with a `check` whether they matter still. */
function fall(
  shape: WhitenedShape,
  work: Local<'i32'>,
  numbers: Local<'i32'>,
  logit: Vectors,
  check: readonly Statement[],
): readonly Statement[] {
  const { nmadd } = multiplyAdd(shape.fused);
  const own = workPlaces(shape);
  const [matrix, centre, last] = upTo(3).map(() => local('i32'));
  const products = blockOfVectors();
  const differences = written((s) => {
    for (const n of upTo(BLOCK)) {
      const m = s.let(v128.load64Splat(centre, 8 * n));
      for (const v of upTo(VECTORS)) {
        const place = LINE * n + 16 * v;
        const d = f64x2.sub(v128.load(last, own.columns + place), m);
        s.push(v128.store(last, d, own.differences + place));
      }
    }
    s.push(set(centre, i32.add(centre, 8 * BLOCK)), set(last, i32.add(last, LINE * BLOCK)));
  });
  return [
    set(matrix, i32.add(numbers, 8 * firstOfRows(shape, 0))),
    set(centre, i32.add(numbers, 16)),
    set(last, i32.add(work, 0)),
    loop((again) => [
      ...differences,
      ...products.flat().map((x) => set(x, f64x2.constant(0))),
      addProducts(shape, products, matrix, [work, last], own.differences),
      ...products.flatMap((row) => row.map((x, v) => set(logit[v], nmadd(x, x, logit[v])))),
      ...check,
      branch(again, i32.ltS(last, endOfColumns(shape, work))),
    ]),
  ];
}
