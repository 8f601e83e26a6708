/** Rows with missing cells in WebAssembly (`emit/wasm/patterns`): numbers in, answers out. */
import { operationsOf, sumsPerComponent, workOf } from '../../../emit/javascript/kernel-shape.js';
import type { StratumShape } from '../../../emit/javascript/kernel-shape.js';
import { centredPlace, paddedColumns } from '../../../emit/wasm/grouped/types.js';
import { MEMORY_LIMIT } from '../../../emit/wasm/layout.js';
import { whyNotInLanes } from '../../../emit/wasm/mixture/body.js';
import { patternModule } from '../../../emit/wasm/patterns/module.js';
import {
  centreStarts,
  patternLayout,
  sumsOfStratum,
  sumsPerLane,
  sumStarts,
} from '../../../emit/wasm/patterns/types.js';
import type { PatternShape } from '../../../emit/wasm/patterns/types.js';
import { asksRows } from '../../../plan/types.js';
import type { Parameters, Program } from '../../../plan/types.js';
import { mayGenerate } from '../../javascript/compiled.js';
import { openIncomplete } from '../../javascript/incomplete.js';
import { slotFiller } from '../../javascript/parameter-functions.js';
import { openRules, rulesLength } from '../../javascript/rules.js';
import { kernelRows } from '../../javascript/shape.js';
import type { KernelRows } from '../../javascript/shape.js';
import { summing } from '../../javascript/sums.js';
import type { PatternRows } from '../../patterns.js';
import { referenceEngine } from '../../reference/engine.js';
import type { Expectation, Session } from '../../types.js';
import type { KernelOptions } from '../kernel.js';
import { areFinite, float64In, int32In, sharedMemory } from '../memory.js';
import { fromHalves } from '../mixture/written-out.js';
import { LANES, openPool } from '../pool.js';
import { groupsOf, writeRows } from './rows.js';

/** Operations of a logit that code is written out for. */
const UNROLLED = 1000;
/** So many are done before another thread has begun. */
const LANE_WORK = 2 ** 18;

/** Why the kernel cannot run the program on these rows, in words; undefined where it can. */
function whyNot(program: Program, { data }: PatternRows, { shape }: KernelRows): string | undefined {
  const { plan } = program;
  if (plan.grouping !== undefined) return 'latents of groups of rows';
  if (plan.assignment !== 'soft') return 'rows that go to one component each';
  if (plan.statistics.some((s) => asksRows(s.reading))) return 'sums over the rows that no moment is';
  if (plan.axes.length > 1 && shape.labelled.includes(true)) return 'labels of one of several latents';
  const reason = whyNotInLanes(shape.body, shape.logit, true);
  if (reason !== undefined) return reason;
  if (operationsOf(shape.body, [shape.logit]) > UNROLLED)
    return 'more columns than are written out one by one';
  return data.rows === 0 ? 'no row' : undefined;
}

function shapeOf(
  { components, plan }: Program,
  rules: number,
  { data, patterns }: PatternRows,
  { shape, columns }: KernelRows,
  groups: number,
  fused: boolean,
): PatternShape {
  const { body, logit, strata, labelled } = shape;
  const { operations, numbers } = workOf(shape);
  // what a lane needs for itself, as its sums, is little beside going through its rows
  const lanes = Math.min(data.rows / numbers, (data.rows * operations) / LANE_WORK, groups, LANES);
  return {
    columns: data.columns.length,
    read: columns.length,
    components,
    body,
    logit,
    strata,
    supports: plan.supports.length,
    labelled: labelled.includes(true),
    patterns: patterns.length,
    groups,
    rules,
    lanes: Math.max(1, Math.floor(lanes)),
    fused,
  };
}

/** A session, or why there is none; `least`: operations of a step from which on one is worth its while. */
export function openPatterns(
  program: Program,
  rows: PatternRows,
  { threads, fused }: KernelOptions,
  least = 0,
): Session | string {
  const { data, patterns } = rows;
  const read = kernelRows(program, data);
  const reason = whyNot(program, rows, read);
  if (reason !== undefined) return reason;
  if (data.rows * workOf(read.shape).operations < least) return 'few rows';
  const groups = groupsOf(rows);
  const shape = shapeOf(program, rulesLength(program, patterns), rows, read, groups.patterns.length, fused);
  const places = patternLayout(shape);
  if (places.bytes > MEMORY_LIMIT) return 'data that fill more than 2 GiB';
  const { regions } = places;
  const memory = sharedMemory(places.bytes);
  const code = { kernel: 'patterns', shape, bytes: () => patternModule(shape, places) };
  const pool = openPool(code, memory, Math.min(threads, shape.lanes));
  writeRows(memory, regions, shape, groups, data, read.columns);
  const { columns } = shape;
  const rules = openRules(
    program,
    patterns,
    float64In(memory, regions.rules),
    int32In(memory, regions.starts),
    (statistics, a, b) => centredPlace({ columns, statistics }, a, b),
  );
  const slots = new Float64Array(shape.body.slots);
  const twice = float64In(memory, regions.slots);
  const fillSlots = slotFiller(shape.body, program);
  const centres = float64In(memory, regions.centres);
  const sums = float64In(memory, regions.sums);
  const total = new Float64Array(sumsPerLane(shape));
  const summed = summing(program, data, { count: 1, floats: (n) => new Float64Array(n) }, false);
  const readers = shape.strata.map((stratum, n) => sumReader(shape, stratum, n));
  // where a number is not finite, as beside a component that can give nothing, and for what is asked row by row
  let opened: Promise<Session> | undefined;
  const asStated = (): Promise<Session> =>
    (opened ??= mayGenerate()
      ? Promise.resolve(openIncomplete(program, rows, { threads }))
      : referenceEngine.open(program, data));

  const expectation = (parameters: Parameters): Expectation | undefined => {
    fillSlots(parameters, slots);
    for (let at = 0; at < slots.length; at++) twice[2 * at] = twice[2 * at + 1] = slots[at];
    rules.write(parameters);
    let isFinite = true;
    const moments = summed.moments(() => {
      summed.centres.forEach((from, n) => {
        writePadded(centres.subarray(centreStarts(shape)[n]), from, columns, paddedColumns(shape));
      });
      pool.run('step', shape.lanes);
      pool.alone('total');
      fromHalves(sums, total.length, total);
      isFinite &&= areFinite(total);
      readers.forEach((reader, n) => {
        reader(total, summed.sums[0][n]);
      });
    });
    if (!isFinite) return undefined;
    const [tops, logarithms] = total.subarray(-2);
    return { moments, logLikelihood: Math.LN2 * (tops + logarithms) };
  };

  return {
    threads: pool.threads,
    expectation: (parameters) =>
      expectation(parameters) ?? asStated().then((session) => session.expectation(parameters)),
    momentsOf: async (responsibilities) => (await asStated()).momentsOf(responsibilities),
    posterior: async (parameters) => (await asStated()).posterior(parameters),
    dispose: () => {
      pool.dispose();
      void opened?.then((session) => {
        session.dispose();
      });
    },
  };
}

/** Lines of `width` numbers, with zeros behind each. */
function writePadded(into: Float64Array, lines: Float64Array, width: number, padded: number): void {
  for (let from = 0, to = 0; from < lines.length; to += padded - width)
    for (let end = from + width; from < end; from++) into[to++] = lines[from];
}

/** Brings the sums of the n-th stratum into the order that those of generated JavaScript have. */
function sumReader(shape: PatternShape, stratum: StratumShape, n: number) {
  const { columns, components, strata } = shape;
  const { pairs: statistics, combinations, weightsOnly } = strata[n];
  const first = sumStarts(shape)[n];
  const [width, each] = [sumsPerComponent(columns, statistics), sumsOfStratum(shape, stratum)];
  const places = Array.from({ length: weightsOnly ? 1 : 1 + columns }, (_, at) => at);
  if (!weightsOnly && statistics !== 'none')
    for (let a = 0; a < columns; a++)
      for (let b = a; b < (statistics === 'all' ? columns : a + 1); b++)
        places.push(centredPlace({ columns, statistics }, a, b));
  return (total: Float64Array, into: Float64Array): void => {
    for (let at = 0; at < components * combinations; at++)
      for (let f = 0; f < places.length; f++) into[at * width + f] = total[first + at * each + places[f]];
  };
}
