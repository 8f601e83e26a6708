/**
 * What moments read of the rows themselves, compiled when it is first asked for. Newton's method asks for several sums at each
 * of its places, which mostly are of the same exponentials: they are made in one pass, and kept until the place changes.
 */
import { partsOf } from '../../algebra/traverse.js';
import type { Expr } from '../../algebra/types.js';
import { pointKernelSource, sumKernelSource } from '../../emit/javascript/sum-kernel.js';
import { readInRounds } from '../../plan/cost.js';
import { lowerSums, wantedOf } from '../../plan/lower-rows.js';
import type { SumBody } from '../../plan/lower-rows.js';
import { hoistRows } from '../../plan/passes/hoist-rows.js';
import { setStratum } from '../../plan/program.js';
import { nodeText } from '../../plan/row-body.js';
import type { NodeId, RowBody } from '../../plan/row-body.js';
import { rowValues } from '../../plan/row-values.js';
import { fillSlots } from '../../plan/slots.js';
import type { Moments, Program, RowPoints, RowSumPlace } from '../../plan/types.js';
import { rowPoints, rowSum } from '../reference/row-sums.js';
import type { RowData } from '../types.js';
import { made, mayGenerate } from './compiled.js';

type Columns = readonly Float64Array[];

type RowKernel<More extends readonly unknown[], Result> = (
  n: number,
  columns: Columns,
  weights: Float64Array | undefined,
  code: Int32Array | undefined,
  combination: number,
  responsibilities: Float64Array | undefined,
  width: number,
  component: number,
  slots: Float64Array,
  ...more: More
) => Result;
type SumKernel = RowKernel<[out: Float64Array], undefined>;
type PointKernel = RowKernel<[values: Float64Array, weights: Float64Array], number>;

interface Compiled<Kernel> {
  /** those of the data, then what is computed of them once */
  readonly columns: Columns;
  readonly body: RowBody;
  readonly kernel: Kernel;
  readonly slots: Float64Array;
  /** where the entries of each expression begin, and the end */
  readonly starts: readonly number[];
}

/** What was found last at a place among the components and strata, and at which numbers. */
interface Known {
  readonly slots: Float64Array;
  readonly out: Float64Array;
}

/** What moments read of the rows under responsibilities [N, K], as long as these last. */
export function rowReading(
  program: Program,
  data: RowData,
): (responsibilities: Float64Array) => Pick<Moments, 'rowSum' | 'rowPoints'> {
  if (!mayGenerate())
    return (r) => ({
      rowSum: (e, at) => rowSum(e, at, program, data, r),
      rowPoints: (value, weight, at) => rowPoints(value, weight, at, program, data, r),
    });
  const once = new Map<string, Float64Array>();
  const sums = compiling<SumKernel>(program, data, once, sumKernelSource);
  const points = compiling<PointKernel>(program, data, once, pointKernelSource);
  /** the arguments of a kernel up to its slots, which are filled */
  const reading = <Kernel>(found: Compiled<Kernel>, at: RowSumPlace, indices: Indices, r: Float64Array) => {
    fillSlots(found.body, program, at.parameters, found.slots, indices);
    return [
      data.rows,
      found.columns,
      data.weights,
      at.stratum > 0 ? data.strata![at.stratum - 1] : undefined,
      at.combination,
      at.component === undefined ? undefined : r,
      program.components,
      at.component ?? 0,
      found.slots,
    ] as const;
  };
  const sumUnder = (r: Float64Array, known: Map<Compiled<SumKernel>, Map<string, Known>>) => {
    return (e: Expr, at: RowSumPlace): Float64Array => {
      const indices = indicesAt(program, at);
      const together = askedTogether(program, e);
      const found = sums(together, indices);
      const args = reading(found, at, indices, r);
      const place = JSON.stringify([at.component, at.stratum, at.combination, indices]);
      const lasts = known.get(found) ?? new Map<string, Known>();
      known.set(found, lasts);
      let last = lasts.get(place);
      if (last === undefined || last.slots.some((x, n) => !Object.is(x, found.slots[n]))) {
        last = { slots: found.slots.slice(), out: new Float64Array(found.starts.at(-1)!) };
        found.kernel(...args, last.out);
        lasts.set(place, last);
      }
      const own = together.indexOf(e);
      return last.out.slice(found.starts[own], found.starts[own + 1]);
    };
  };
  const pointsUnder =
    (r: Float64Array) =>
    (value: Expr, weight: Expr, at: RowSumPlace): RowPoints => {
      const indices = indicesAt(program, at);
      const found = points([value, weight], indices);
      const [values, weights] = [new Float64Array(data.rows), new Float64Array(data.rows)];
      const n = found.kernel(...reading(found, at, indices, r), values, weights);
      return { values: values.subarray(0, n), weights: weights.subarray(0, n) };
    };
  return (r) => ({ rowSum: sumUnder(r, new Map()), rowPoints: pointsUnder(r) });
}

type Indices = Readonly<Record<string, number>>;

function indicesAt(program: Program, at: RowSumPlace): Indices {
  const indices: Record<string, number> = { ...at.indices };
  if (at.stratum > 0) setStratum(program, indices, at.stratum, at.combination);
  return indices;
}

const families = new WeakMap<Expr, readonly Expr[]>();

/** The expressions whose sums one update asks for in its rounds, over the same rows with the same weights. */
function askedTogether({ plan }: Program, e: Expr): readonly Expr[] {
  const known = families.get(e);
  if (known !== undefined) return known;
  const general = plan.statistics.flatMap((s) =>
    s.reading.kind === 'general' ? [{ ...s, body: s.reading.body }] : [],
  );
  const own = general.find((s) => s.body === e);
  const readers = (name: string): string => JSON.stringify(readInRounds(name, plan));
  const same = (s: (typeof general)[number]): string =>
    JSON.stringify([s.ranges, s.hidden, s.stratum, s.observed]);
  const found =
    own === undefined || readInRounds(own.name, plan).length === 0
      ? [e]
      : general
          .filter((s) => readers(s.name) === readers(own.name) && same(s) === same(own))
          .map((s) => s.body);
  families.set(e, found);
  return found;
}

/** The indices say which coordinate of a vector is meant, so each combination of them may be code of its own. */
function compiling<Kernel>(
  program: Program,
  data: RowData,
  known: Map<string, Float64Array>,
  sourceOf: (sum: SumBody) => string,
): (list: readonly Expr[], indices: Indices) => Compiled<Kernel> {
  const compiled = new WeakMap<Expr, Map<string, Compiled<Kernel>>>();
  return (list, indices) => {
    const own = compiled.get(list[0]) ?? new Map<string, Compiled<Kernel>>();
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
      columns: [...data.columns, ...once.map((id) => onceIn(lowered.body, id, data, known))],
      kernel: made<Kernel>(sourceOf({ ...lowered, body })),
      slots: new Float64Array(lowered.body.slots),
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
function coordinatesIn(e: Expr): readonly string[] {
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
