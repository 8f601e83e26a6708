/** One group of rows: logits, their softmax, and the sums of the components that matter. */
import { exp2, log2 } from '../elementary.js';
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
  wasmFunction,
  when,
} from '../instructions.js';
import { NEVER, whereLabelled } from '../labels.js';
import { written } from '../scope.js';
import type { Scope } from '../scope.js';
import type { Local, Statement, Value, WasmFunction } from '../types.js';
import { addPolynomial, matters, upTo, vectors } from './logits.js';
import { addSums } from './sums.js';
import {
  GROUP,
  LINE,
  numbersPerComponent,
  paddedColumns,
  sumsPerComponent,
  VECTORS,
  workPlaces,
} from './types.js';
import type { GroupedLayout, GroupedShape } from './types.js';

type Vector = Local<'v128'>;

export interface GroupOptions {
  /** logits have their tops at the centres */
  readonly falling: boolean;
  /** rows have weights, if only 1 and 0 */
  readonly weighted: boolean;
}

/** (work, place in the order, sums): adds the group's sums to those at `sums`. */
export function groupFunction(
  shape: GroupedShape,
  { regions }: GroupedLayout,
  { falling, weighted }: GroupOptions,
): WasmFunction {
  const own = workPlaces(shape);
  const [work, place, sums] = [local('i32'), local('i32'), local('i32')];
  const [at, line, kept, n] = [local('i32'), local('i32'), local('i32'), local('i32')];
  const [k, into] = [local('i32'), local('i32')];
  const [totals, owners] = [vectors(), vectors()];
  const centre = i32.add(i32.mul(k, 8 * numbersPerComponent(shape)), regions.parameters.at + 16);
  const load = (from: number): readonly Value<'v128'>[] =>
    upTo(VECTORS).map((v) => v128.load(work, from + 16 * v));

  const body = written((s) => {
    s.push(set(at, i32.add(work, place)), ...gather(shape, regions, work, at, weighted));
    for (const v of upTo(VECTORS)) s.push(v128.store(work, f64x2.constant(NEVER), own.tops + 16 * v));
    const first = s.let(i32.load(i32.shl(i32.load(at, own.order), 2), regions.owners.at));
    s.push(...allLogits(shape, falling, regions.parameters.at, work, first, line, kept));
    for (const v of upTo(VECTORS))
      s.push(set(totals[v], f64x2.constant(0)), set(owners[v], i64x2.constant(0)));
    s.push(...powers(shape, work, line, kept, totals, owners));
    const weights = weighted ? load(own.weights).map((x) => s.let(x)) : undefined;
    addLikelihood(
      s,
      shape,
      sums,
      load(own.tops).map((x) => s.let(x)),
      totals,
      weights,
    );
    const scales = totals.map((total, v) => s.let(f64x2.div(weights?.[v] ?? f64x2.constant(1), total)));
    const r = vectors();
    s.push(
      set(line, i32.add(work, 0)),
      count(
        n,
        i32.add(work, 0),
        kept,
        4,
        [
          set(k, i32.load(n, own.kept)),
          ...r.map((x, v) => set(x, f64x2.mul(v128.load(line, own.logits + 16 * v), scales[v]))),
          set(into, i32.add(sums, i32.mul(k, 16 * sumsPerComponent(shape)))),
          ...addSums(shape, work, centre, into, r),
          set(line, i32.add(line, LINE)),
        ],
        true,
      ),
    );
    for (const j of upTo(GROUP)) {
      const owner = i64x2.extract(owners[Math.floor(j / 2)], j % 2);
      s.push(i32.store(i32.shl(i32.load(at, own.order + 4 * j), 2), i32.wrap(owner), regions.owners.at));
    }
  });
  return wasmFunction(undefined, [work, place, sums], body);
}

/** The rows' numbers, column by column. */
function gather(
  shape: GroupedShape,
  regions: GroupedLayout['regions'],
  work: Local<'i32'>,
  at: Local<'i32'>,
  weighted: boolean,
): readonly Statement[] {
  const own = workPlaces(shape);
  const { columns } = shape;
  return written((s) => {
    // of an odd number of columns the one that is added
    if (columns < paddedColumns(shape))
      for (const v of upTo(VECTORS))
        s.push(v128.store(work, f64x2.constant(0), own.columns + LINE * columns + 16 * v));
    for (const j of upTo(GROUP)) {
      const i = s.let(i32.load(at, own.order + 4 * j));
      const [row, to] = [s.let(i32.mul(i, 8 * columns)), local('i32')];
      s.push(
        count(
          to,
          i32.add(work, 8 * j),
          i32.add(work, LINE * columns),
          LINE,
          [f64.store(to, f64.load(row, regions.rows.at), own.columns), set(row, i32.add(row, 8))],
          true,
        ),
      );
      const eights = s.let(i32.shl(i, 3));
      if (shape.weighted) s.push(f64.store(work, f64.load(eights, regions.weights.at), own.weights + 8 * j));
      else if (weighted) s.push(f64.store(work, f64.fromI32(i32.ltS(i, shape.rows)), own.weights + 8 * j));
      if (shape.labelled) s.push(f64.store(work, f64.load(eights, regions.labels.at), own.labels + 8 * j));
    }
  });
}

/** Logits and numbers of the components that are not left, the one of `first` before the others, and the tops. */
function allLogits(
  shape: GroupedShape,
  falling: boolean,
  parameters: number,
  work: Local<'i32'>,
  first: Local<'i32'>,
  line: Local<'i32'>,
  kept: Local<'i32'>,
): readonly Statement[] {
  const own = workPlaces(shape);
  const [k, turn, numbers] = [local('i32'), local('i32'), local('i32')];
  const logits = vectors();
  const polynomial = i32.add(numbers, 8 * (2 + paddedColumns(shape)));
  const constant = written((s) => {
    const c = s.let(v128.load64Splat(numbers));
    if (!shape.labelled) {
      for (const logit of logits) s.push(set(logit, c));
      return;
    }
    const number = s.let(f64x2.splat(f64.fromI32(i32.add(k, 1))));
    logits.forEach((logit, v) => {
      s.push(set(logit, whereLabelled(s.let(v128.load(work, own.labels + 16 * v)), number, c)));
    });
  });
  const component = block((leave) => [
    set(numbers, i32.add(i32.mul(k, 8 * numbersPerComponent(shape)), parameters)),
    ...constant,
    ...addPolynomial(shape, falling, work, polynomial, logits, leave),
    ...logits.flatMap((logit, v) => [
      v128.store(line, logit, own.logits + 16 * v),
      v128.store(work, f64x2.pmax(v128.load(work, own.tops + 16 * v), logit), own.tops + 16 * v),
    ]),
    i32.store(kept, k, own.kept),
    set(line, i32.add(line, LINE)),
    set(kept, i32.add(kept, 4)),
  ]);
  // the owner first: beside its logits the others fall behind
  return [
    set(line, i32.add(work, 0)),
    set(kept, i32.add(work, 0)),
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

/** Leaves 2^(logit − top) in place of the logits that matter, and their components; totals, and the owner of each row. */
function powers(
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
function addLikelihood(
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
