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
import { addFeatures, flatLogits, products } from './flat.js';
import type { Share } from './flat.js';
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
import type { GroupedLayout, GroupedShape, LogitForm } from './types.js';

type Vector = Local<'v128'>;

export interface GroupOptions {
  readonly form: LogitForm;
  /** rows have weights, if only 1 and 0 */
  readonly weighted: boolean;
}

/** (work, place in the order, sums): adds the group's sums to those at `sums`. */
export function groupFunction(
  shape: GroupedShape,
  { regions }: GroupedLayout,
  { form, weighted }: GroupOptions,
): WasmFunction {
  const own = workPlaces(shape);
  const [work, place, sums] = [local('i32'), local('i32'), local('i32')];
  const [at, line, kept] = [local('i32'), local('i32'), local('i32')];
  const [totals, owners] = [vectors(), vectors()];
  const load = (from: number): readonly Value<'v128'>[] =>
    upTo(VECTORS).map((v) => v128.load(work, from + 16 * v));

  const body = written((s) => {
    s.push(set(at, i32.add(work, place)), ...gather(shape, regions, work, at, weighted));
    for (const v of upTo(VECTORS)) s.push(v128.store(work, f64x2.constant(NEVER), own.tops + 16 * v));
    s.push(set(line, i32.add(work, 0)), set(kept, i32.add(work, 0)));
    const keep: Keep = (component, logits) => [
      ...logits.flatMap((logit, v) => [
        v128.store(line, logit, own.logits + 16 * v),
        v128.store(work, f64x2.pmax(v128.load(work, own.tops + 16 * v), logit), own.tops + 16 * v),
      ]),
      i32.store(kept, component, own.kept),
      set(line, i32.add(line, LINE)),
      set(kept, i32.add(kept, 4)),
    ];
    // without products no digits cancel that would not cancel around a centre
    if (form === 'flat' || shape.logits === 'none') {
      const where: Keep = (component, logits) => [
        ...onlyLabelled(shape, work, component, logits),
        ...keep(component, logits),
      ];
      s.push(...products(shape, work), ...flatLogits(shape, regions.flat.at, work, where));
    } else {
      const first = s.let(i32.load(i32.shl(i32.load(at, own.order), 2), regions.owners.at));
      s.push(...logitsAroundCentres(shape, form === 'fall', regions.parameters.at, work, first, keep));
    }
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
    s.push(...sumsOfKept(shape, form, regions.parameters.at, work, sums, kept, scales));
    for (const j of upTo(GROUP)) {
      const owner = i64x2.extract(owners[Math.floor(j / 2)], j % 2);
      s.push(i32.store(i32.shl(i32.load(at, own.order + 4 * j), 2), i32.wrap(owner), regions.owners.at));
    }
  });
  return wasmFunction(undefined, [work, place, sums], body);
}

/** What the components that are kept own of the group, whose powers stand line by line. */
function sumsOfKept(
  shape: GroupedShape,
  form: LogitForm,
  parameters: number,
  work: Local<'i32'>,
  sums: Local<'i32'>,
  kept: Local<'i32'>,
  scales: readonly Vector[],
): readonly Statement[] {
  const own = workPlaces(shape);
  const [n, line, k] = [local('i32'), local('i32'), local('i32')];
  /** The component `at` places from here, and its responsibilities. */
  const take = ({ sums: into, r }: Share, at: number): readonly Statement[] => [
    set(k, i32.load(n, own.kept + 4 * at)),
    ...r.map((x, v) => set(x, f64x2.mul(v128.load(line, own.logits + LINE * at + 16 * v), scales[v]))),
    set(into, i32.add(sums, i32.mul(k, 16 * sumsPerComponent(shape)))),
  ];
  const move = (by: number): readonly Statement[] => [
    set(n, i32.add(n, 4 * by)),
    set(line, i32.add(line, LINE * by)),
  ];
  const shares: readonly Share[] = [0, 1].map(() => ({ sums: local('i32'), r: vectors() }));
  const one = shares.slice(0, 1);
  const centre = i32.add(i32.mul(k, 8 * numbersPerComponent(shape)), parameters + 16);
  const begin = [set(n, i32.add(work, 0)), set(line, i32.add(work, 0))];
  if (form !== 'flat') {
    const [{ sums: into, r }] = one;
    const component = [...take(one[0], 0), ...addSums(shape, work, centre, into, r), ...move(1)];
    return [...begin, loop((again) => [...component, branch(again, i32.ltS(n, kept))])];
  }
  const both = [...shares.flatMap(take), ...addFeatures(shape, work, shares), ...move(2)];
  const last = [...take(one[0], 0), ...addFeatures(shape, work, one)];
  return [
    ...begin,
    block((leave) => [
      loop((again) => [branch(leave, i32.leS(i32.sub(kept, n), 4)), ...both, branch(again)]),
    ]),
    when(i32.ltS(n, kept), last),
  ];
}

/** The rows' numbers, column by column: two rows and two columns at a time. */
function gather(
  shape: GroupedShape,
  regions: GroupedLayout['regions'],
  work: Local<'i32'>,
  at: Local<'i32'>,
  weighted: boolean,
): readonly Statement[] {
  const own = workPlaces(shape);
  const columns = paddedColumns(shape);
  const [first, into] = [local('i32'), local('i32')];
  const lanes = (low: boolean): readonly number[] =>
    upTo(16).map((byte) => (low ? byte : byte + 8) + (byte < 8 ? 0 : 8));
  return written((s) => {
    const rows = upTo(GROUP).map((j) => s.let(i32.load(at, own.order + 4 * j)));
    const places = rows.map((i) => s.let(i32.mul(i, 8 * columns)));
    const twoColumns = written((inner) => {
      for (const v of upTo(VECTORS)) {
        const [even, odd] = [0, 1].map((n) =>
          inner.let(v128.load(i32.add(places[2 * v + n], first), regions.rows.at)),
        );
        inner.push(
          v128.store(into, v128.shuffle(even, odd, lanes(true)), own.columns + 16 * v),
          v128.store(into, v128.shuffle(even, odd, lanes(false)), own.columns + LINE + 16 * v),
        );
      }
      inner.push(set(into, i32.add(into, 2 * LINE)));
    });
    s.push(set(into, i32.add(work, 0)), count(first, 0, i32.constant(8 * columns), 16, twoColumns, true));
    rows.forEach((i, j) => {
      const eights = i32.shl(i, 3);
      if (shape.weighted) s.push(f64.store(work, f64.load(eights, regions.weights.at), own.weights + 8 * j));
      else if (weighted) s.push(f64.store(work, f64.fromI32(i32.ltS(i, shape.rows)), own.weights + 8 * j));
      if (shape.labelled) s.push(f64.store(work, f64.load(eights, regions.labels.at), own.labels + 8 * j));
    });
  });
}

/** What is done with the logits of a component that is not left. */
type Keep = (component: Value<'i32'>, logits: readonly Vector[]) => readonly Statement[];

/** Where the label of a row names another component the logit is beneath all. */
function onlyLabelled(
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
function logitsAroundCentres(
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
