/** One group of rows: logits, their softmax, and the sums of the components that matter. */
import {
  block,
  branch,
  f64x2,
  i32,
  i64x2,
  local,
  loop,
  set,
  v128,
  wasmFunction,
  when,
} from '../instructions.js';
import { NEVER } from '../limits.js';
import { written } from '../scope.js';
import type { Local, Statement, Value, WasmFunction } from '../types.js';
import { addFeatures, flatLogits, products } from './flat.js';
import type { Share } from './flat.js';
import { gather } from './gather.js';
import { logitsAroundCentres, onlyLabelled, upTo, vectors } from './logits.js';
import type { Keep } from './logits.js';
import { addLikelihood, powers } from './softmax.js';
import { addSums } from './sums.js';
import { GROUP, LINE, numbersPerComponent, sumsPerComponent, VECTORS, workPlaces } from './types.js';
import type { GroupedLayout, GroupedShape, LogitForm } from './types.js';

type Vector = Local<'v128'>;

export interface GroupOptions {
  readonly form: LogitForm;
  /** rows have weights, if only 1 and 0 */
  readonly weighted: boolean;
}

/** (work, rows, place in the order, sums): adds the group's sums to those at `sums`; `rows` is where row 0 would stand. */
export function groupFunction(
  shape: GroupedShape,
  { regions }: GroupedLayout,
  { form, weighted }: GroupOptions,
): WasmFunction {
  const own = workPlaces(shape);
  const [work, rows, place, sums] = [local('i32'), local('i32'), local('i32'), local('i32')];
  const [at, line, kept] = [local('i32'), local('i32'), local('i32')];
  const [totals, owners] = [vectors(), vectors()];
  const load = (from: number): readonly Value<'v128'>[] =>
    upTo(VECTORS).map((v) => v128.load(work, from + 16 * v));

  const body = written((s) => {
    s.push(set(at, i32.add(work, place)), ...gather(shape, regions, { work, at, rows }, weighted));
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
  return wasmFunction(undefined, [work, rows, place, sums], body);
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
    const component = [...take(one[0], 0), ...addSums(shape, own, work, centre, into, r), ...move(1)];
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
