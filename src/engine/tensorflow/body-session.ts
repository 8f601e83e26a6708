/**
 * One program that is no feature stage on one set of rows: groups, several latents, categories, branches, log densities that
 * are no polynomials. Posteriors and sums are TensorFlow's; groups are joined, and sums inside Newton's method made, beside it.
 */
import { LANES, blockRows } from '../../emit/graph/blocks.js';
import { buildBodyGraph, buildBodyRows, buildBodySums, sumsOf } from '../../emit/graph/body-graph.js';
import type { BodyStage } from '../../emit/graph/body-graph.js';
import { pairList } from '../../emit/graph/feature-stage.js';
import { lowerLogits } from '../../plan/lower-rows.js';
import { needed } from '../../plan/row-body.js';
import { fillSlots } from '../../plan/slots.js';
import { asksRows } from '../../plan/types.js';
import type { Moments, Parameters, Program } from '../../plan/types.js';
import { momentsFromSums } from '../feature-stage.js';
import { groupCombinations, groupsOf, groupWeight, posteriorsOf } from '../groups.js';
import type { Posteriors } from '../groups.js';
import { openRowReading } from '../javascript/row-reading.js';
import { finiteColumns, keepMeansWithin, rangesOf, standardisationOf, standardised } from '../standardise.js';
import type { Expectation, RowData, RowPosterior, Session } from '../types.js';
import { openGraphs } from './graphs.js';
import type { Tfjs } from './load.js';
import { float64Tensor } from './saved-graph.js';
import type { Tensor } from './saved-graph.js';

export function openBodySession(tf: Tfjs, program: Program, data: RowData, threads: number): Session {
  const { plan, components } = program;
  const { rows } = data;
  const stage = stageOf(program, data);
  const standardisation = standardisationOf(finiteColumns(data));
  const ranges = rangesOf(data);
  const widest = sumsOf(stage, stage.strata.length - 1);
  const options = { rows, lanes: LANES, block: blockRows(widest) };
  const graphs = openGraphs(
    tf,
    fixedTensors(tf, stage, data, standardised(finiteColumns(data), standardisation)),
  );
  const step = graphs.graph(() => buildBodyGraph(stage, options));
  const rowWise = graphs.graph(() => buildBodyRows(stage, options));
  const given = graphs.graph(() => buildBodySums(stage, options));

  const slotsAt = (parameters: Parameters): Tensor => {
    const slots = new Float64Array(Math.max(1, stage.body.slots));
    fillSlots(stage.body, program, parameters, slots);
    return float64Tensor(tf, slots, [slots.length]);
  };
  const momentsIn = (out: Readonly<Record<string, Float64Array>>): Moments => {
    const [first, ...strata] = stage.strata.map((_, s) => {
      const sums = out[`sums${String(s)}`];
      return keepMeansWithin(
        ranges,
        momentsFromSums(sumsOf(stage, s), sums, standardisation, plan.strata[s].pairs),
      );
    });
    return strata.length === 0 ? first : { ...first, strata };
  };
  const rowsRead = openRowReading(program, data, { threads });
  const g = groupCombinations(program);

  const posteriorsAt = async (parameters: Parameters): Promise<Posteriors> => {
    const responsibilities = new Float64Array(rows * components);
    const ofRow = new Float64Array(rows * g);
    const atOnce = LANES * options.block;
    for (let start = 0; start < rows; start += atOnce) {
      const more = { slots: slotsAt(parameters), start: tf.scalar(start, 'int32') };
      const out = await rowWise(more);
      responsibilities.set(out['responsibilities'], start * components);
      ofRow.set(out['ofRow'], start * g);
    }
    return posteriorsOf(program, data, parameters, responsibilities, ofRow);
  };
  const momentsUnder = async (r: Float64Array, ofGroups: Float64Array): Promise<Moments> => {
    const out = await given({ responsibilities: float64Tensor(tf, r.slice(), [rows, components]) });
    return {
      ...momentsIn(out),
      ...(data.groups === undefined ? {} : { groupWeight: groupWeight(program, ofGroups) }),
      ...rowsRead.under(r),
    };
  };
  // what is asked of the rows after the step needs the responsibilities here
  const isOneRun = data.groups === undefined && !plan.statistics.some((s) => asksRows(s.reading));

  return {
    expectation: async (parameters): Promise<Expectation> => {
      if (isOneRun) {
        const out = await step({ slots: slotsAt(parameters) });
        return { moments: momentsIn(out), logLikelihood: out['logLikelihood'][0] };
      }
      const { responsibilities, ofGroups, logLikelihood } = await posteriorsAt(parameters);
      return { moments: await momentsUnder(responsibilities, ofGroups), logLikelihood };
    },
    momentsOf: (r) => momentsUnder(r, groupsOf(program, data, r)),
    posterior: async (parameters): Promise<RowPosterior> => {
      const { responsibilities, logDensity } = await posteriorsAt(parameters);
      return { responsibilities, logDensity };
    },
    dispose: () => {
      graphs.dispose();
      rowsRead.dispose();
    },
  };
}

function stageOf(program: Program, data: RowData): BodyStage {
  const { plan } = program;
  const { body, logit } = lowerLogits(program);
  const read = needed(body, [logit]).flatMap((id) => {
    const node = body.nodes[id];
    return node.kind === 'column' ? [node.column] : [];
  });
  const columns = program.columns.length;
  return {
    body,
    logit,
    components: program.components,
    columns,
    read: [...new Set(read)],
    supports: plan.supports.length,
    axisSizes: program.axisSizes,
    labelled: data.labels.map((l) => l?.some((label) => label > 0) ?? false),
    weighted: data.weights !== undefined,
    hard: plan.assignment === 'hard',
    groupCombinations: groupCombinations(program),
    strata: plan.strata.map((s, n) => ({
      combinations: program.strataSizes[n],
      pairs: pairList(s.pairs, columns),
    })),
  };
}

function fixedTensors(tf: Tfjs, stage: BodyStage, data: RowData, u: Float64Array): Record<string, Tensor> {
  const { rows } = data;
  const fixed: Record<string, Tensor> = { rows: float64Tensor(tf, u, [stage.columns, rows]) };
  const table = (name: string, width: number, column: (at: number) => ArrayLike<number>): void => {
    if (width === 0) return;
    const values = new Float64Array(width * rows);
    for (let at = 0; at < width; at++) values.set(column(at), at * rows);
    fixed[name] = float64Tensor(tf, values, [width, rows]);
  };
  table('raw', stage.read.length, (at) => data.columns[stage.read[at]]);
  table('supports', stage.supports, (at) => data.supports![at]);
  if (data.weights !== undefined) fixed['weights'] = float64Tensor(tf, data.weights.slice(), [1, rows]);
  data.strata?.forEach((codes, s) => {
    fixed[`codes${String(s + 1)}`] = tf.tensor(codes.slice(), [rows], 'int32');
  });
  stage.labelled.forEach((on, axis) => {
    if (on) fixed[`labels${String(axis)}`] = tf.tensor(data.labels[axis]!.slice(), [rows], 'int32');
  });
  return fixed;
}
