/**
 * What moments read of the rows themselves, compiled when it is first asked for. Newton's method asks for several sums at each
 * of its places, which mostly are of the same exponentials: they are made in one pass, and kept until the place changes.
 */
import { FEW, limitsAround, medianWithin, SAMPLE, weightedMedian } from '../../algebra/median.js';
import { partsOf } from '../../algebra/traverse.js';
import type { Expr } from '../../algebra/types.js';
import { operationsOf } from '../../emit/javascript/kernel-shape.js';
import { pointKernelSource, sumKernelSource, WINDOW_SOURCE } from '../../emit/javascript/sum-kernel.js';
import { readBy, readInRounds } from '../../plan/cost.js';
import { lowerLogits, lowerSums, wantedOf } from '../../plan/lower-rows.js';
import type { SumBody } from '../../plan/lower-rows.js';
import { hoistRows } from '../../plan/passes/hoist-rows.js';
import { setStratum } from '../../plan/program.js';
import { nodeText } from '../../plan/row-body.js';
import type { NodeId, RowBody } from '../../plan/row-body.js';
import { rowValues } from '../../plan/row-values.js';
import { fillSlots } from '../../plan/slots.js';
import { asksRows } from '../../plan/types.js';
import type { Moments, Program, RowPoints, RowSumPlace } from '../../plan/types.js';
import { rowPoints, rowSum } from '../reference/row-sums.js';
import type { RowData } from '../types.js';
import { mayGenerate } from './compiled.js';
import { openLanes } from './lanes.js';
import type { LaneOptions, Lanes, Pass } from './lanes.js';
import { forEachPair } from './once.js';

/** A kernel, and what it reads. */
interface Compiled {
  /** those of the data, then what is computed of them once */
  readonly columns: readonly Float64Array[];
  readonly body: RowBody;
  readonly source: string;
  readonly slots: Float64Array;
  /** stratum (0: all rows), combination, component (−1: none) */
  readonly at: Int32Array;
  /** where the entries of each expression begin, and the end */
  readonly starts: readonly number[];
}

/** A pass of a kernel under some responsibilities, and what a sum leaves in each lane. */
interface Sums {
  readonly pass: Pass;
  readonly ofLanes: readonly Float64Array[];
}

/** What was found last at a place among the components and strata, and at which numbers. */
interface Known {
  readonly slots: Float64Array;
  readonly out: Float64Array;
}

/** What moments read of the rows under responsibilities [N, K], as long as these last. */
export type RowReading = (
  responsibilities: Float64Array,
) => Pick<Moments, 'rowSum' | 'rowPoints' | 'rowMedian'>;

/** For an engine whose own rows are elsewhere. */
export function openRowReading(
  program: Program,
  data: RowData,
  options: LaneOptions,
): { readonly under: RowReading; readonly dispose: () => void } {
  const isAsked = program.plan.statistics.some((s) => asksRows(s.reading));
  const { body, logit } = lowerLogits(program);
  const operations = isAsked ? program.components * operationsOf(body, [logit]) : 0;
  const lanes = openLanes(data.rows, { operations, numbers: 0 }, options);
  return { under: rowReading(program, data, lanes), dispose: lanes.dispose };
}

export function rowReading(program: Program, given: RowData, lanes: Lanes): RowReading {
  if (!mayGenerate())
    return (r) => ({
      rowSum: (e, at) => rowSum(e, at, program, given, r),
      rowPoints: (value, weight, at) => rowPoints(value, weight, at, program, given, r),
    });
  const held = lanes.holding(given.rows * program.components);
  const once = new Map<string, Float64Array>();
  const sums = compiling(program, given, lanes, once, sumKernelSource);
  const points = compiling(program, given, lanes, once, pointKernelSource);
  /** where the numbers of a place stand for the kernel */
  const write = (found: Compiled, at: RowSumPlace, indices: Indices): void => {
    fillSlots(found.body, program, at.parameters, found.slots, indices);
    found.at.set([at.stratum, at.combination, at.component ?? -1]);
  };
  const argumentsOf = (found: Compiled, r: Float64Array) => {
    const { weights, strata = [] } = lanes.sharedRows(given);
    return [found.columns, weights, strata, found.at, r, found.slots] as const;
  };
  const sumPass = forEachPair((found: Compiled, r: Float64Array): Sums => {
    const ofLanes = Array.from({ length: lanes.count }, () => lanes.floats(found.starts.at(-1)!));
    const own = ofLanes.map((out) => [out]);
    return { ofLanes, pass: lanes.pass(found.source, undefined, argumentsOf(found, r), own) };
  });
  const pointPass = forEachPair((found: Compiled, r: Float64Array) => {
    const [values, weights] = [lanes.floats(given.rows), lanes.floats(given.rows)];
    // the number of points and their weight, the weights of those below a window and in it
    const ofLanes = Array.from({ length: lanes.count }, () => lanes.floats(4));
    const own = ofLanes.map((lane) => [values, weights, lane]);
    const limits = lanes.floats(2);
    const pass = lanes.pass(found.source, undefined, argumentsOf(found, r), own);
    const within = lanes.pass(WINDOW_SOURCE, undefined, [limits], own);
    return { values, weights, ofLanes, limits, pass, within };
  });
  const sumUnder = (r: Float64Array, known: Map<Compiled, Map<string, Known>>) => {
    return (e: Expr, at: RowSumPlace): Float64Array => {
      const indices = indicesAt(program, at);
      const together = askedTogether(program, e);
      const found = sums(together, indices);
      write(found, at, indices);
      const place = JSON.stringify([at.component, at.stratum, at.combination, indices]);
      const lasts = known.get(found) ?? new Map<string, Known>();
      known.set(found, lasts);
      let last = lasts.get(place);
      if (last === undefined || last.slots.some((x, n) => !Object.is(x, found.slots[n]))) {
        const { pass, ofLanes } = sumPass(found, r);
        pass();
        last = { slots: found.slots.slice(), out: added(ofLanes) };
        lasts.set(place, last);
      }
      const own = together.indexOf(e);
      return last.out.slice(found.starts[own], found.starts[own + 1]);
    };
  };
  const pointsAt = (r: Float64Array, value: Expr, weight: Expr, at: RowSumPlace) => {
    const indices = indicesAt(program, at);
    const found = points([value, weight], indices);
    write(found, at, indices);
    return pointPass(found, r);
  };
  const gatheredPoints = ({ values, weights }: RowPoints, counts: Float64Array): RowPoints => ({
    values: gathered(values, lanes, counts),
    weights: gathered(weights, lanes, counts),
  });
  const medianOf = (p: ReturnType<typeof pointsAt>): number => {
    const counts = p.pass();
    const [count, total] = added(p.ofLanes);
    if (count >= FEW) {
      p.limits.set(limitsAround(sampled(p, lanes, counts, count)));
      const window = gatheredPoints(p, p.within());
      const [, , below, inside] = added(p.ofLanes);
      const found = medianWithin(window.values, window.weights, { below, inside, total });
      if (found !== undefined) return found;
      p.pass();
    }
    const all = gatheredPoints(p, counts);
    return weightedMedian(all.values, all.weights);
  };
  return (responsibilities) => {
    const r = held(responsibilities);
    return {
      rowSum: sumUnder(r, new Map()),
      rowPoints: (value, weight, at) => {
        const found = pointsAt(r, value, weight, at);
        return gatheredPoints(found, found.pass());
      },
      rowMedian: (value, weight, at) => medianOf(pointsAt(r, value, weight, at)),
    };
  };
}

/** The sums of all lanes, in their order. */
function added([first, ...others]: readonly Float64Array[]): Float64Array {
  const total = first.slice();
  for (const lane of others) for (let e = 0; e < total.length; e++) total[e] += lane[e];
  return total;
}

/** Of points that lanes have written from their first row on, some at equal distances. */
function sampled(
  { values, weights }: RowPoints,
  { bounds }: Lanes,
  counts: Float64Array,
  count: number,
): readonly (readonly [number, number])[] {
  let [lane, before] = [0, 0];
  return Array.from({ length: SAMPLE }, (_, n) => {
    const place = Math.floor((n * count) / SAMPLE);
    for (; place >= before + counts[lane]; lane++) before += counts[lane];
    const at = bounds[lane] + place - before;
    return [values[at], weights[at]];
  });
}

/** What each lane has written from its first row on, one after the other, in an array of its own. */
function gathered(written: Float64Array, { bounds }: Lanes, counts: Float64Array): Float64Array {
  const all = new Float64Array(counts.reduce((a, b) => a + b, 0));
  let at = 0;
  counts.forEach((count, lane) => {
    all.set(written.subarray(bounds[lane], bounds[lane] + count), at);
    at += count;
  });
  return all;
}

export type Indices = Readonly<Record<string, number>>;

export function indicesAt(program: Program, at: RowSumPlace): Indices {
  const indices: Record<string, number> = { ...at.indices };
  if (at.stratum > 0) setStratum(program, indices, at.stratum, at.combination);
  return indices;
}

const families = new WeakMap<Expr, readonly Expr[]>();

/** The expressions whose sums the same updates ask for, over the same rows with the same weights. */
export function askedTogether({ plan }: Program, e: Expr): readonly Expr[] {
  const known = families.get(e);
  if (known !== undefined) return known;
  const general = plan.statistics.flatMap((s) =>
    s.reading.kind === 'general' ? [{ ...s, body: s.reading.body }] : [],
  );
  const own = general.find((s) => s.body === e);
  const readers = (name: string): string => JSON.stringify([readInRounds(name, plan), readBy(name, plan)]);
  const same = (s: (typeof general)[number]): string =>
    JSON.stringify([s.ranges, s.hidden, s.stratum, s.observed]);
  const found =
    own === undefined || readBy(own.name, plan).length === 0
      ? [e]
      : general
          .filter((s) => readers(s.name) === readers(own.name) && same(s) === same(own))
          .map((s) => s.body);
  families.set(e, found);
  return found;
}

/** The indices say which coordinate of a vector is meant, so each combination of them may be code of its own. */
function compiling(
  program: Program,
  data: RowData,
  lanes: Lanes,
  known: Map<string, Float64Array>,
  sourceOf: (sum: SumBody, components: number) => string,
): (list: readonly Expr[], indices: Indices) => Compiled {
  const compiled = new WeakMap<Expr, Map<string, Compiled>>();
  return (list, indices) => {
    const own = compiled.get(list[0]) ?? new Map<string, Compiled>();
    compiled.set(list[0], own);
    const key = list
      .flatMap(coordinatesIn)
      .map((index) => `${index} ${String(indices[index])}`)
      .join();
    const found = own.get(key);
    if (found !== undefined) return found;
    const lowered = lowerSums(list, program, indices);
    const { body, once } = hoistRows(lowered.body, wantedOf(lowered), data.columns.length);
    const starts = [0];
    for (const { entries } of lowered.sums) starts.push(starts.at(-1)! + entries.length);
    const result = {
      body,
      columns: [...data.columns, ...once.map((id) => onceIn(lowered.body, id, data, known))].map(
        lanes.shared,
      ),
      source: sourceOf({ ...lowered, body }, program.components),
      slots: lanes.floats(lowered.body.slots),
      at: lanes.ints(3),
      starts,
    };
    own.set(key, result);
    return result;
  };
}

/** The values of a node in all rows; sums that read the same expression of the data share them. */
function onceIn(body: RowBody, id: NodeId, data: RowData, known: Map<string, Float64Array>): Float64Array {
  const key = nodeText(body, id);
  const found = known.get(key) ?? rowValues(body, [id], data.rows, data.columns, data.supports ?? [])[0];
  known.set(key, found);
  return found;
}

const coordinates = new WeakMap<Expr, readonly string[]>();

/** The running indices that choose coordinates of data. */
export function coordinatesIn(e: Expr): readonly string[] {
  const known = coordinates.get(e);
  if (known !== undefined) return known;
  const found = new Set<string>();
  const visit = (part: Expr): void => {
    if (part.kind === 'element')
      for (const c of part.coordinates) if (c.kind === 'running') found.add(c.index);
    partsOf(part).forEach(visit);
  };
  visit(e);
  const list = [...found].sort();
  coordinates.set(e, list);
  return list;
}
