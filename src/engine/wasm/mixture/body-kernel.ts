/**
 * Few components whose logits are written as the plan computes them of a row, whatever they are made of, and small data: the
 * numbers that go in and out of a step are few and ready for it, as what happens between the steps of small data takes longer
 * than the steps.
 */
import { whyNotInLanes } from '../../../emit/wasm/mixture/body.js';
import { mixtureModule } from '../../../emit/wasm/mixture/module.js';
import { MEMORY_LIMIT } from '../../../emit/wasm/layout.js';
import {
  mixtureLayout,
  parameterPlaces,
  sumsPerComponent,
  sumsPerLane,
  TILE_ROWS,
} from '../../../emit/wasm/mixture/types.js';
import type { MixtureShape } from '../../../emit/wasm/mixture/types.js';
import { lowerLogits } from '../../../plan/lower-rows.js';
import { needed, ofComponents } from '../../../plan/row-body.js';
import type { NodeId, RowBody } from '../../../plan/row-body.js';
import { asksRows } from '../../../plan/types.js';
import type { Pairs, Parameters, Program } from '../../../plan/types.js';
import type { ColumnPair } from '../../feature-stage.js';
import { pairList } from '../../../emit/graph/feature-stage.js';
import { mayGenerate } from '../../javascript/compiled.js';
import { javascriptEngine } from '../../javascript/engine.js';
import { slotFiller } from '../../javascript/parameter-functions.js';
import { kernelRows } from '../../javascript/shape.js';
import { summing } from '../../javascript/sums.js';
import { referenceEngine } from '../../reference/engine.js';
import type { Expectation, RowData, Session } from '../../types.js';
import type { Kernel, KernelOptions } from '../kernel.js';
import { areFinite, float64In, memoryOf } from '../memory.js';
import { LANES, openPool } from '../pool.js';
import { fromHalves, writeTail, writeWeights } from './written-out.js';

export const bodyKernel: Kernel = {
  name: 'body',
  whyNot: (program, rows) => {
    const { plan } = program;
    if (plan.grouping !== undefined) return 'latents of groups of rows';
    if (plan.strata.length > 1) return 'parameters told apart by categories of the data';
    if (plan.supports.length > 0) return 'distributions that give only some values (Uniform, PointMass)';
    if (plan.assignment !== 'soft') return 'rows that go to one component each';
    if (plan.statistics.some((s) => asksRows(s.reading))) return 'an M-step that goes through the rows';
    const { body, logit } = lowerLogits(program);
    const reason = whyNotInLanes(body, logit);
    if (reason !== undefined) return reason;
    const shape = shapeOf(
      program,
      { rows, columns: [], labels: [Int32Array.of(1)], weights: new Float64Array(0) },
      { body, logit, columns: program.columns.length, fused: true },
    );
    if (program.components * (operationsOf(body, logit) + sumsPerComponent(shape)) > UNROLLED)
      return 'more components or columns than are written out one by one';
    return mixtureLayout(shape).bytes > MEMORY_LIMIT ? 'data that fill more than 2 GiB' : undefined;
  },
  isFastest: () => true,
  open,
};

/** Operations of all components, of their logits and sums, that code is written out for. */
const UNROLLED = 240;

function operationsOf(body: RowBody, logit: NodeId): number {
  const isOwn = ofComponents(body);
  return needed(body, [logit])
    .filter((id) => isOwn[id])
    .map((id) => body.nodes[id])
    .reduce((n, node) => n + (node.kind === 'squares' ? body.sources[node.source].length : 1), 0);
}

function shapeOf(
  program: Program,
  data: Pick<RowData, 'rows' | 'columns' | 'labels' | 'weights'>,
  {
    body,
    logit,
    columns,
    fused,
  }: { readonly body: RowBody; readonly logit: NodeId; readonly columns: number; readonly fused: boolean },
): MixtureShape {
  return {
    columns: program.columns.length,
    components: program.components,
    logits: { kind: 'body', body, node: logit, columns },
    statisticPairs: rowByRow(program.plan.pairs.statistics, program.columns.length),
    weighted: data.weights !== undefined,
    labelled: data.labels[0]?.some((label) => label > 0) ?? false,
    rows: data.rows,
    lanes: Math.min(LANES, Math.ceil(data.rows / ROWS_PER_LANE)),
    fused,
  };
}

/** As the sums of generated JavaScript stand. */
const rowByRow = (pairs: Pairs, columns: number): readonly ColumnPair[] =>
  [...pairList(pairs, columns)].sort(([a, b], [c, d]) => a - c || b - d);

/** Fewer are done before another thread has begun. */
export const ROWS_PER_LANE = 16 * TILE_ROWS;

function open(program: Program, data: RowData, { threads, fused }: KernelOptions): Session {
  const rows = kernelRows(program, data);
  const { body, logit } = rows.shape;
  const shape = shapeOf(program, data, { body, logit, columns: rows.columns.length, fused });
  const places = mixtureLayout(shape);
  const { regions } = places;
  const { memory, giveBack } = memoryOf({ ...data, columns: rows.columns }, regions.columns, places.bytes);
  const code = { kernel: 'mixture', shape, bytes: () => mixtureModule(shape, places) };
  const pool = openPool(code, memory, Math.min(threads, shape.lanes));
  writeTail(float64In(memory, regions.tail), rows.columns);
  writeWeights(float64In(memory, regions.weights), data);
  if (shape.labelled) float64In(memory, regions.labels).set(data.labels[0]!);
  const parameterNumbers = float64In(memory, regions.parameters);
  const slots = parameterNumbers.subarray(0, body.slots);
  const centresAt = parameterPlaces(shape).centreOf(0);
  const sums = float64In(memory, regions.sums);
  const fill = slotFiller(body, program);
  const summed = summing(program, data, { count: 1, floats: (n) => new Float64Array(n) });
  const [into] = summed.sums[0];
  const [each, all] = [shape.components * sumsPerComponent(shape), sumsPerLane(shape)];
  const total = new Float64Array(all);
  // where a number is not finite, as beside a component that can give nothing, and for what is asked row by row
  let opened: Promise<Session> | undefined;
  const asStated = (): Promise<Session> =>
    (opened ??= (mayGenerate() ? javascriptEngine({ threads }) : referenceEngine).open(program, data));

  const expectation = (parameters: Parameters): Expectation | undefined => {
    fill(parameters, slots);
    let isFinite = true;
    const moments = summed.moments(() => {
      parameterNumbers.set(summed.centres[0], centresAt);
      pool.run('step', shape.lanes);
      pool.alone('total');
      fromHalves(sums, all, total);
      for (let at = 0; at < each; at++) into[at] = total[at];
      isFinite &&= areFinite(total);
    });
    const [tops, logarithms] = [total[each], total[each + 1]];
    return isFinite
      ? {
          moments,
          logLikelihood: Math.LN2 * (tops + logarithms),
          // the largest responsibility of a row is 1 / Σ 2^(logit − top)
          sumLogLargest: -Math.LN2 * logarithms,
        }
      : undefined;
  };

  return {
    threads: pool.threads,
    expectation: (parameters) =>
      expectation(parameters) ?? asStated().then((session) => session.expectation(parameters)),
    momentsOf: async (responsibilities) => (await asStated()).momentsOf(responsibilities),
    posterior: async (parameters) => (await asStated()).posterior(parameters),
    dispose: () => {
      pool.dispose();
      giveBack();
      void opened?.then((session) => {
        session.dispose();
      });
    },
  };
}
