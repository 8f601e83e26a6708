/**
 * The graphs of a feature stage. Doubles cross the border as int32 [..., 2] over the same bytes, because tfjs has no
 * float64 tensors and TensorFlow has.
 *
 *     rows ──Bitcast──▶ u [C, N] ──▶ lane 1: StatelessWhile over blocks ──▶ S, L ┐
 *     eta ──Bitcast──▶ η [P, K] ──▶  …                                           ├──▶ S [P, K], L
 *                                    rest: one block                         ──▶ S, L ┘
 */
import { doubles, inLanes, output, summedGraph } from './borders.js';
import type { GraphOptions } from './borders.js';
import { expectationOf, features, logitsOf, posterior } from './block.js';
import type { Block } from './block.js';
import { featureLayout } from './feature-stage.js';
import type { FeatureStage } from './feature-stage.js';
import { sumOverRows } from './lanes.js';
import type { PartOf, PerRow, Shared } from './lanes.js';
import * as op from './operations.js';
import type { Scope } from './operations.js';
import type { Door, Edge, GraphModel, Shape } from './types.js';

/**
 * The E-step: inputs `rows` int32 [C, N, 2], `eta` int32 [P, K, 2] (the features that the logits read), `weights` int32
 * [1, N, 2] and `labels` int32 [N] where the stage has them; outputs `sums` int32 [P, K, 2] (the features whose sums are
 * made), `logLikelihood` int32 [2] and, where rows are shared, `uncertainty` int32 [2], −Σ w log max_k r.
 * Of several starts at once η and the sums stand side by side, [P, starts K, 2], and the others are [starts, 2].
 */
export function buildGraph(stage: FeatureStage, options: GraphOptions, starts = 1): GraphModel {
  const layout = featureLayout(stage);
  const scope = op.newScope();
  const inputs: Door[] = [];
  const perRow = rowInputs(scope, inputs, stage, options.rows);
  const columns = starts * stage.components;
  const ofEach = starts === 1 ? [] : [starts];
  const etaShape = [layout.logitFeatures, columns];
  const shared = [
    { name: 'eta', edge: etaIn(scope, inputs, etaShape, options), shape: etaShape },
    ...scalesIn(scope, inputs, stage, options),
  ];
  const totals = [
    { name: 'sums', shape: [layout.statisticFeatures, columns] },
    { name: 'logLikelihood', shape: ofEach },
    ...(stage.assignment === 'soft' ? [{ name: 'uncertainty', shape: ofEach }] : []),
  ];
  const step = (inner: Scope, rows: number, part: PartOf): readonly Edge[] => {
    const block = blockOf(inner, stage, rows, part, options);
    const { sums, logLikelihood, uncertainty } = expectationOf(inner, stage, block, part('eta'), starts);
    return [sums, logLikelihood, ...(uncertainty === undefined ? [] : [uncertainty])];
  };
  return summedGraph(scope, inputs, totals, sumOverRows(scope, options, perRow, shared, totals, step));
}

/** The sums under given responsibilities: inputs `rows`, `responsibilities` int32 [N, K, 2], `weights`; output `sums`. */
export function buildGivenGraph(stage: FeatureStage, options: GraphOptions): GraphModel {
  const given = { ...stage, logitPairs: [], labelled: false };
  const { precision: _, ...inFull } = options;
  const layout = featureLayout(given);
  const scope = op.newScope();
  const inputs: Door[] = [];
  const perRow = [
    ...rowInputs(scope, inputs, given, options.rows),
    {
      name: 'responsibilities',
      edge: doubles(scope, inputs, 'responsibilities', [options.rows, stage.components]),
      shape: (b: number) => [b, stage.components],
      rowAxis: 0,
    },
  ];
  const shared = scalesIn(scope, inputs, given, options);
  const totals = [{ name: 'sums', shape: [layout.statisticFeatures, stage.components] }];
  const step = (inner: Scope, rows: number, part: PartOf): readonly Edge[] => {
    const block = blockOf(inner, given, rows, part, inFull);
    let phi = features(inner, given, block);
    if (block.weights !== undefined) phi = op.binary(inner, 'weighted', 'Mul', phi, block.weights);
    return [op.matMul(inner, 'sums', phi, part('responsibilities'))];
  };
  return summedGraph(scope, inputs, totals, sumOverRows(scope, options, perRow, shared, totals, step));
}

/**
 * Row by row, for as many rows from `start` as there are in `lanes` blocks: inputs `rows`, `eta`, `labels` as above and
 * `start` int32 []; outputs `responsibilities` int32 [n, K, 2] and `logDensity` int32 [n, 2].
 */
export function buildRowGraph(stage: FeatureStage, options: GraphOptions): GraphModel {
  const layout = featureLayout(stage);
  const scope = op.newScope();
  const inputs: Door[] = [];
  const perRow = rowInputs(scope, inputs, { ...stage, weighted: false }, options.rows);
  const eta = etaIn(scope, inputs, [layout.logitFeatures, stage.components], options);
  const scales = scalesIn(scope, inputs, stage, options);
  const lanes = inLanes(scope, inputs, options, perRow, (part) => {
    const all: PartOf = (name) => scales.find((s) => s.name === name)?.edge ?? part(name);
    const block = blockOf(scope, { ...stage, weighted: false }, undefined, all, options);
    return posterior(scope, stage, logitsOf(scope, stage, features(scope, stage, block), eta), block.labels);
  });
  const byRow = lanes.map((lane) => op.transpose(scope, 'byRow', lane.responsibilities, [1, 0]));
  const flat = lanes.map((lane) => op.reshape(scope, 'flat', lane.logDensity, [-1]));
  const joined = (name: string, parts: readonly Edge[]): Edge =>
    op.cast(scope, name, op.concat(scope, name, parts, 0), 'double');
  const responsibilities = joined('responsibilities', byRow);
  const logDensity = joined('logDensity', flat);
  const outputs = [
    output(scope, 'responsibilities', responsibilities, [-1, stage.components]),
    output(scope, 'logDensity', logDensity, [-1]),
  ];
  return { nodes: scope.nodes, functions: [...scope.functions.values()], inputs, outputs };
}

function rowInputs(scope: Scope, inputs: Door[], stage: FeatureStage, rows: number): readonly PerRow[] {
  const perRow: PerRow[] = [];
  const add = (name: string, edge: Edge, rowAxis: number, shape: (b: number) => Shape): void => {
    perRow.push({ name, edge, rowAxis, shape });
  };
  add('rows', doubles(scope, inputs, 'rows', [stage.columns, rows]), 1, (b) => [stage.columns, b]);
  if (stage.weighted) add('weights', doubles(scope, inputs, 'weights', [1, rows]), 1, (b) => [1, b]);
  if (stage.labelled) {
    const edge = op.placeholder(scope, 'labels', 'int32', [rows]);
    inputs.push({ name: 'labels', edge, shape: [rows] });
    add('labels', edge, 0, (b) => [b]);
  }
  return perRow;
}

/** η, in the precision of the blocks. */
const etaIn = (scope: Scope, inputs: Door[], shape: Shape, options: GraphOptions): Edge =>
  op.cast(scope, 'eta', doubles(scope, inputs, 'eta', shape), floatOf(options));

const floatOf = ({ precision }: GraphOptions): 'float' | 'double' =>
  precision === 'float32' ? 'float' : 'double';

/** What the columns are standardised with. */
function scalesIn(
  scope: Scope,
  inputs: Door[],
  stage: FeatureStage,
  options: GraphOptions,
): readonly Shared[] {
  if (options.standardise !== true) return [];
  const shape = [stage.columns, 1];
  return ['shift', 'factor'].map((name) => ({ name, edge: doubles(scope, inputs, name, shape), shape }));
}

function blockOf(
  scope: Scope,
  stage: FeatureStage,
  rows: number | undefined,
  part: PartOf,
  options: GraphOptions,
): Block {
  const raw = part('rows');
  const columns =
    options.standardise === true
      ? op.binary(
          scope,
          'scaled',
          'Mul',
          op.binary(scope, 'shifted', 'Sub', raw, part('shift')),
          part('factor'),
        )
      : raw;
  return {
    rows,
    columns: op.cast(scope, 'columns', columns, floatOf(options)),
    weights: stage.weighted ? part('weights') : undefined,
    labels: stage.labelled ? part('labels') : undefined,
  };
}
