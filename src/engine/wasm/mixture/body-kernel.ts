/**
 * Few components whose logits are written as the plan computes them of a row, whatever they are made of, with the sums over the
 * rows that an M-step asks for; and small data: the numbers that go in and out of a step are few and ready for it, as what happens
 * between the steps of small data takes longer than the steps.
 */
import { whyNotInLanes } from '../../../emit/wasm/mixture/body.js';
import { mixtureModule } from '../../../emit/wasm/mixture/module.js';
import { MEMORY_LIMIT } from '../../../emit/wasm/layout.js';
import {
  mixtureLayout,
  parameterPlaces,
  rowSlots,
  sumsPerComponent,
  sumsPerLane,
  TILE_ROWS,
} from '../../../emit/wasm/mixture/types.js';
import type { MixtureShape, RowSums } from '../../../emit/wasm/mixture/types.js';
import { lowerLogits, wantedOf } from '../../../plan/lower-rows.js';
import { neededMoments } from '../../../plan/needed-moments.js';
import { hoistRows } from '../../../plan/passes/hoist-rows.js';
import { needed, ofComponents } from '../../../plan/row-body.js';
import type { NodeId, RowBody } from '../../../plan/row-body.js';
import { rowValues } from '../../../plan/row-values.js';
import type { Parameters, Program } from '../../../plan/types.js';
import { mayGenerate } from '../../javascript/compiled.js';
import { javascriptEngine } from '../../javascript/engine.js';
import { slotFiller } from '../../javascript/parameter-functions.js';
import { summing } from '../../javascript/sums.js';
import { referenceEngine } from '../../reference/engine.js';
import type { Expectation, RowData, Session } from '../../types.js';
import type { Kernel, KernelOptions } from '../kernel.js';
import { areFinite, float64In, int32In, sharedMemory } from '../memory.js';
import { LANES, openPool } from '../pool.js';
import { columnOf, heldColumnsOf, overHeldColumns } from './body-columns.js';
import type { HeldColumns } from './body-columns.js';
import { askedSums, rowSumReader, whyNotAsked } from './body-row-sums.js';
import type { AskedSums } from './body-row-sums.js';
import { fromHalves, writeTiles, writeWeights } from './written-out.js';

export const bodyKernel: Kernel = {
  name: 'body',
  whyNot: (program, rows) => {
    const { plan } = program;
    if (plan.grouping !== undefined) return 'latents of groups of rows';
    if (plan.strata.some((_, s) => s > 0 && neededMoments(program, s).means.includes(true)))
      return 'means told apart by categories of the data';
    if (plan.axes.length > 1 && plan.model.latents.some((latent) => latent.labels !== undefined))
      return 'labels of one of several latents';
    if (plan.supports.length > 0) return 'distributions that give only some values (Uniform, PointMass)';
    if (plan.assignment !== 'soft') return 'rows that go to one component each';
    const asked = whyNotAsked(program);
    if (asked !== undefined) return asked;
    const parts = partsOf(program);
    const reason = whyNotInLanes(parts.logits.body, parts.logits.node);
    if (reason !== undefined) return reason;
    const shape = shapeOf(
      program,
      { rows, columns: [], labels: [Int32Array.of(1)], weights: new Float64Array(0) },
      parts,
      true,
    );
    if (program.components * (operationsOf(parts.logits) + sumsPerComponent(shape)) > UNROLLED)
      return 'more components or columns than are written out one by one';
    return mixtureLayout(shape).bytes > MEMORY_LIMIT ? 'data that fill more than 2 GiB' : undefined;
  },
  isFastest: () => true,
  open,
};

/** Operations of all components, of their logits and sums, that code is written out for. */
const UNROLLED = 240;

function operationsOf({ body, node: logit }: Parts['logits']): number {
  const isOwn = ofComponents(body);
  return needed(body, [logit])
    .filter((id) => isOwn[id])
    .map((id) => body.nodes[id])
    .reduce((n, node) => n + (node.kind === 'squares' ? body.sources[node.source].length : 1), 0);
}

/** What is written in code, over the columns that are held. */
interface Parts {
  readonly columns: HeldColumns;
  readonly logits: Extract<MixtureShape['logits'], { kind: 'body' }>;
  /** of the body before: what is computed of the data once */
  readonly once: readonly NodeId[];
  readonly stated: RowBody;
  readonly asked: readonly AskedSums[];
  readonly rowSums: readonly RowSums[];
}

const known = new WeakMap<Program, Parts>();

function partsOf(program: Program): Parts {
  const found = known.get(program) ?? newParts(program);
  known.set(program, found);
  return found;
}

function newParts(program: Program): Parts {
  const c = program.columns.length;
  const { body: stated, logit } = lowerLogits(program);
  const { body, once } = hoistRows(stated, [logit], c);
  const asked = askedSums(program, c + once.length);
  const wanted = [{ body, ids: [logit] }, ...asked.map((a) => ({ body: a.body, ids: wantedOf(a.lowered) }))];
  const read = wanted.flatMap((w) =>
    needed(w.body, w.ids).flatMap((id) => {
      const node = w.body.nodes[id];
      return node.kind === 'column' ? [node.column] : [];
    }),
  );
  const all = asked.reduce((n, a) => n + a.once.length, c + once.length);
  const columns = heldColumnsOf(program, all, new Set(read));
  const over = overHeldColumns(body, columns, program);
  return {
    columns,
    logits: { kind: 'body', body: over.body, node: over.of(logit), columns: columns.held.length },
    once,
    stated,
    asked,
    rowSums: asked.map((a) => {
      const { body: own, of } = overHeldColumns(a.body, columns, program);
      const sums = a.lowered.sums.map(({ shared, entries }) => ({
        shared: of(shared),
        entries: entries.map(of),
      }));
      return { body: own, sums };
    }),
  };
}

const shapeOf = (
  program: Program,
  data: Pick<RowData, 'rows' | 'columns' | 'labels' | 'weights'>,
  { columns, logits, rowSums }: Parts,
  fused: boolean,
): MixtureShape => ({
  columns: columns.summed,
  components: program.components,
  logits,
  statisticPairs: columns.pairs,
  weighted: data.weights !== undefined,
  labelled: data.labels[0]?.some((label) => label > 0) ?? false,
  rows: data.rows,
  lanes: Math.min(LANES, Math.ceil(data.rows / ROWS_PER_LANE)),
  fused,
  ...(rowSums.length > 0 && { rowSums }),
});

/** Fewer are done before another thread has begun. */
export const ROWS_PER_LANE = 16 * TILE_ROWS;

function open(program: Program, data: RowData, { threads, fused }: KernelOptions): Session {
  const parts = partsOf(program);
  const { columns: of, stated, asked, rowSums } = parts;
  const shape = shapeOf(program, data, parts, fused);
  const places = mixtureLayout(shape);
  const { regions } = places;
  const memory = sharedMemory(places.bytes);
  const code = { kernel: 'mixture', shape, bytes: () => mixtureModule(shape, places) };
  const pool = openPool(code, memory, Math.min(threads, shape.lanes));
  const values = (body: RowBody, once: readonly NodeId[]): readonly Float64Array[] =>
    once.length === 0 ? [] : rowValues(body, once, data.rows, data.columns, []);
  const columns = [
    ...data.columns,
    ...values(stated, parts.once),
    ...asked.flatMap((a) => values(a.lowered.body, a.once)),
  ];
  const rows = float64In(memory, regions.rows);
  of.held.forEach((held, a) => {
    writeTiles(rows, columnOf(held, columns, data), a, of.held.length);
  });
  writeWeights(float64In(memory, regions.weights), data);
  if (shape.labelled) float64In(memory, regions.labels).set(data.labels[0]!);
  const parameterNumbers = float64In(memory, regions.parameters);
  const slots = parameterNumbers.subarray(0, stated.slots);
  const { centreOf } = parameterPlaces(shape);
  const sums = float64In(memory, regions.sums);
  const fill = slotFiller(stated, program);
  const summed = summing(program, data, { count: 1, floats: (n) => new Float64Array(n) });
  const [into] = summed.sums;
  const [each, all] = [sumsPerComponent(shape), sumsPerLane(shape)];
  const total = new Float64Array(all);
  const c = data.columns.length;
  const component = int32In(memory, regions.component);
  const slotsAt = rowSlots(shape);
  const readRows = rowSumReader(
    program,
    asked,
    rowSums,
    (n) => ({
      slots: float64In(memory, regions.rowSlots).subarray(slotsAt[n], slotsAt[n + 1]),
      out: float64In(memory, regions.rowSums),
      run: (k) => {
        component[0] = k;
        pool.run(`sum${String(n)}`, shape.lanes);
      },
    }),
    shape.lanes,
  );
  // where a number is not finite, as beside a component that can give nothing, and for what is asked row by row
  let opened: Promise<Session> | undefined;
  const asStated = (): Promise<Session> =>
    (opened ??= (mayGenerate() ? javascriptEngine({ threads }) : referenceEngine).open(program, data));

  /** those of categories are around 0 */
  const writeCentres = (): void => {
    for (let k = 0; k < shape.components; k++)
      of.held.slice(0, shape.columns).forEach((held, a) => {
        parameterNumbers[centreOf(k) + a] = typeof held === 'number' ? summed.centres[0][k * c + held] : 0;
      });
  };
  const expectation = (parameters: Parameters): Expectation | undefined => {
    fill(parameters, slots);
    let isFinite = true;
    const moments = summed.moments(() => {
      writeCentres();
      pool.run('step', shape.lanes);
      pool.alone('total');
      fromHalves(sums, all, total);
      for (let k = 0; k < shape.components; k++)
        of.places.forEach(({ stratum, first, step }, at) => {
          into[stratum][k * step + first] = total[k * each + at];
        });
      isFinite &&= areFinite(total);
    });
    const [tops, logarithms] = total.subarray(shape.components * each);
    return isFinite
      ? {
          moments: asked.length === 0 ? moments : { ...moments, rowSum: readRows() },
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
      void opened?.then((session) => {
        session.dispose();
      });
    },
  };
}
