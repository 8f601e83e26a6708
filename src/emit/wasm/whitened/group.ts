/** A group of rows: its logits as far as they matter, and the powers of the components that are left. */
import { columnsOf } from '../columns.js';
import { exp2 } from '../elementary.js';
import {
  count,
  f64,
  f64x2,
  i32,
  i64,
  i64x2,
  local,
  multiplyAdd,
  set,
  v128,
  wasmFunction,
} from '../instructions.js';
import { NEGLIGIBLE, NEVER } from '../limits.js';
import { written } from '../scope.js';
import type { Local, Statement, WasmFunction } from '../types.js';
import { logits } from './logits.js';
import { upTo, vectors } from './tile.js';
import type { Vectors } from './tile.js';
import { GROUP, LINE, paddedColumns, VECTORS, workPlaces } from './types.js';
import type { WhitenedLayout, WhitenedShape } from './types.js';

/**
 * (work, place in the order) → how many components matter. Leaves in the work their numbers, 2^(logit − top) of each in a
 * line, the sums of these and the tops; and the owner of each row.
 */
export function groupFunction(shape: WhitenedShape, { regions }: WhitenedLayout): WasmFunction {
  const [work, at, kept] = [local('i32'), local('i32'), local('i32')];
  const own = workPlaces(shape);
  const width = 8 * paddedColumns(shape);
  const [tops, owners, totals] = [vectors(), vectors(), vectors()];
  const body = written((s) => {
    const rows = upTo(GROUP).map((j) => s.let(i32.load(at, 4 * j)));
    const places = rows.map((row) => s.let(i32.mul(row, width)));
    s.push(...columnsOf(places, regions.rows.at, width, work, own.columns));
    if (shape.labelled)
      rows.forEach((row, j) => {
        const label = i32.load(i32.shl(row, 2), regions.labels.at);
        s.push(f64.store(work, f64.fromI32(label), own.labels + 8 * j));
      });
    const first = s.let(i32.load(i32.shl(rows[0], 2), regions.owners.at));
    const index = s.let(i64x2.splat(i64.extendS(first)));
    for (const v of upTo(VECTORS)) s.push(set(tops[v], f64x2.constant(NEVER)), set(owners[v], index));
    s.push(...logits(shape, regions, work, first, kept, tops, owners));
    rows.forEach((row, j) => {
      const owner = i32.wrap(i64x2.extract(owners[j >> 1], j % 2));
      s.push(i32.store(i32.shl(row, 2), owner, regions.owners.at));
    });
    s.push(...powers(shape, work, kept, tops, totals));
    for (const v of upTo(VECTORS))
      s.push(v128.store(work, tops[v], own.tops + 16 * v), v128.store(work, totals[v], own.totals + 16 * v));
  });
  return wasmFunction(undefined, [work, at], body, kept);
}

/** Leaves 2^(logit − top) in place of the logits, 0 where that is negligible; the sums of them. */
function powers(
  shape: WhitenedShape,
  work: Local<'i32'>,
  kept: Local<'i32'>,
  tops: Vectors,
  totals: Vectors,
): readonly Statement[] {
  const own = workPlaces(shape);
  const fused = multiplyAdd(shape.fused);
  const line = local('i32');
  const component = written((s) => {
    totals.forEach((total, v) => {
      const below = s.let(f64x2.sub(v128.load(line, own.logits + 16 * v), tops[v]));
      const power = s.let(v128.and(exp2(s, fused, below), f64x2.ge(below, -NEGLIGIBLE)));
      s.push(v128.store(line, power, own.logits + 16 * v), set(total, f64x2.add(total, power)));
    });
  });
  return [
    ...totals.map((total) => set(total, f64x2.constant(0))),
    count(line, i32.add(work, 0), i32.add(work, i32.mul(kept, LINE)), LINE, component),
  ];
}
