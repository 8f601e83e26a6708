/**
 * The graphs of a program that is no feature stage: its logits are the nodes of a row body, evaluated over blocks of rows;
 * its sums are products of features with responsibilities, for each combination of what tells the rows apart.
 *
 *     raw, codes, slots ──body──▶ logits [K, B] ──softmax──▶ r [K, B] ──per stratum──▶ S = Φ (w r ⊗ [code])ᵀ [P, K M]
 */
import type { NodeId, RowBody } from '../../plan/row-body.js';
import { features } from './block.js';
import type { Block } from './block.js';
import { doubles, inLanes, output, summedGraph } from './borders.js';
import type { GraphOptions } from './borders.js';
import { featureLayout } from './feature-stage.js';
import type { ColumnPair, FeatureStage } from './feature-stage.js';
import { sumOverRows } from './lanes.js';
import type { PartOf, PerRow } from './lanes.js';
import * as op from './operations.js';
import type { Scope } from './operations.js';
import { rowEdge } from './row-edges.js';
import type { Door, Edge, GraphModel } from './types.js';

export interface BodyStage {
  readonly body: RowBody;
  readonly logit: NodeId;
  readonly components: number;
  /** C */
  readonly columns: number;
  /** the columns that the body reads, in the order in which `raw` holds them */
  readonly read: readonly number[];
  readonly supports: number;
  /** number of values of each latent */
  readonly axisSizes: readonly number[];
  readonly labelled: readonly boolean[];
  readonly weighted: boolean;
  readonly hard: boolean;
  /** combinations of the groups' latents; 1 without groups */
  readonly groupCombinations: number;
  readonly strata: readonly { readonly combinations: number; readonly pairs: readonly ColumnPair[] }[];
}

/** The sums of a stratum as those of a feature stage without logits. */
export const sumsOf = (stage: BodyStage, stratum: number): FeatureStage => ({
  columns: stage.columns,
  components: stage.components * stage.strata[stratum].combinations,
  logitPairs: [],
  statisticPairs: stage.strata[stratum].pairs,
  assignment: 'soft',
  weighted: stage.weighted,
  labelled: false,
});

/** Inputs `rows`, `raw`, `slots`, `codes…`, `supports`, `labels…`, `weights`; outputs `sums0`, `sums1`, …, `logLikelihood`. */
export function buildBodyGraph(stage: BodyStage, options: GraphOptions): GraphModel {
  const scope = op.newScope();
  const inputs: Door[] = [];
  const perRow = [
    ...rowsIn(scope, inputs, stage, options.rows),
    ...bodyIn(scope, inputs, stage, options.rows),
  ];
  const shared = [slotsIn(scope, inputs, stage)];
  const totals = [...totalsOf(stage), { name: 'logLikelihood', shape: [] }];
  const step = (inner: Scope, rows: number, part: PartOf): readonly Edge[] => {
    const { responsibilities, ofRow } = posterior(inner, stage, part);
    const weights = stage.weighted ? part('weights') : undefined;
    const density = weights === undefined ? ofRow : op.binary(inner, 'weighted', 'MulNoNan', ofRow, weights);
    return [
      ...sums(inner, stage, rows, part, responsibilities),
      op.reduce(inner, 'logLikelihood', 'Sum', density, [0, 1], false),
    ];
  };
  return summedGraph(scope, inputs, totals, sumOverRows(scope, options, perRow, shared, totals, step));
}

/** Inputs `rows`, `responsibilities` int32 [N, K, 2], `codes…`, `weights`; outputs `sums0`, `sums1`, … */
export function buildBodySums(stage: BodyStage, options: GraphOptions): GraphModel {
  const scope = op.newScope();
  const inputs: Door[] = [];
  const k = stage.components;
  const perRow: readonly PerRow[] = [
    ...rowsIn(scope, inputs, stage, options.rows),
    {
      name: 'responsibilities',
      edge: doubles(scope, inputs, 'responsibilities', [options.rows, k]),
      shape: (b) => [b, k],
      rowAxis: 0,
    },
  ];
  const totals = totalsOf(stage);
  const step = (inner: Scope, rows: number, part: PartOf): readonly Edge[] =>
    sums(inner, stage, rows, part, op.transpose(inner, 'byComponent', part('responsibilities'), [1, 0]));
  return summedGraph(scope, inputs, totals, sumOverRows(scope, options, perRow, [], totals, step));
}

/**
 * As many rows from `start` as there are in `lanes` blocks: inputs `raw`, `slots`, `codes…`, `supports`, `labels…`, `start`;
 * outputs `responsibilities` int32 [n, K, 2] and `ofRow` int32 [n, G, 2], log Σ exp over the rows' own latents.
 */
export function buildBodyRows(stage: BodyStage, options: GraphOptions): GraphModel {
  const scope = op.newScope();
  const inputs: Door[] = [];
  const codes = codesIn(scope, inputs, stage, options.rows);
  const perRow = [...codes, ...bodyIn(scope, inputs, stage, options.rows)];
  const slots = slotsIn(scope, inputs, stage);
  const lanes = inLanes(scope, inputs, options, perRow, (part) =>
    posterior(scope, stage, (name) => (name === 'slots' ? slots.edge : part(name))),
  );
  const outputs = (['responsibilities', 'ofRow'] as const).map((name) => {
    const byRow = lanes.map((lane) => op.transpose(scope, 'byRow', lane[name], [1, 0]));
    const width = name === 'ofRow' ? stage.groupCombinations : stage.components;
    return output(scope, name, op.concat(scope, name, byRow, 0), [-1, width]);
  });
  return { nodes: scope.nodes, functions: [...scope.functions.values()], inputs, outputs };
}

// ------------------------------------------------------------------------------------------------ inputs

const totalsOf = (stage: BodyStage) =>
  stage.strata.map((_, s) => {
    const of = sumsOf(stage, s);
    return { name: `sums${String(s)}`, shape: [featureLayout(of).statisticFeatures, of.components] };
  });

function slotsIn(scope: Scope, inputs: Door[], stage: BodyStage) {
  const shape = [Math.max(1, stage.body.slots)];
  return { name: 'slots', edge: doubles(scope, inputs, 'slots', shape), shape };
}

/** What sums are made of. */
function rowsIn(scope: Scope, inputs: Door[], stage: BodyStage, rows: number): readonly PerRow[] {
  const { columns } = stage;
  return [
    {
      name: 'rows',
      edge: doubles(scope, inputs, 'rows', [columns, rows]),
      rowAxis: 1,
      shape: (b: number) => [columns, b],
    },
    ...(stage.weighted
      ? [
          {
            name: 'weights',
            edge: doubles(scope, inputs, 'weights', [1, rows]),
            rowAxis: 1,
            shape: (b: number) => [1, b],
          },
        ]
      : []),
    ...codesIn(scope, inputs, stage, rows),
  ];
}

function codesIn(scope: Scope, inputs: Door[], stage: BodyStage, rows: number): readonly PerRow[] {
  return stage.strata.flatMap((_, s) =>
    s === 0 ? [] : [wholeNumbers(scope, inputs, `codes${String(s)}`, rows)],
  );
}

function wholeNumbers(scope: Scope, inputs: Door[], name: string, rows: number): PerRow {
  const edge = op.placeholder(scope, name, 'int32', [rows]);
  inputs.push({ name, edge, shape: [rows] });
  return { name, edge, rowAxis: 0, shape: (b) => [b] };
}

/** What logits are made of, beside the codes. */
function bodyIn(scope: Scope, inputs: Door[], stage: BodyStage, rows: number): readonly PerRow[] {
  const table = (name: string, width: number): readonly PerRow[] =>
    width === 0
      ? []
      : [
          {
            name,
            edge: doubles(scope, inputs, name, [width, rows]),
            rowAxis: 1,
            shape: (b: number) => [width, b],
          },
        ];
  return [
    ...table('raw', stage.read.length),
    ...table('supports', stage.supports),
    ...stage.labelled.flatMap((on, axis) =>
      on ? [wholeNumbers(scope, inputs, `labels${String(axis)}`, rows)] : [],
    ),
  ];
}

// ------------------------------------------------------------------------------------------------ one block

interface BlockPosterior {
  /** [K, B] */
  readonly responsibilities: Edge;
  /** [G, B] */
  readonly ofRow: Edge;
}

function posterior(scope: Scope, stage: BodyStage, part: PartOf): BlockPosterior {
  const row = (name: string, at: number): Edge => op.slice(scope, name, part(name), [at, 0], [1, -1]);
  const logit = rowEdge(scope, stage.body, stage.logit, {
    components: stage.components,
    strataSizes: stage.strata.map((s) => s.combinations),
    slots: part('slots'),
    column: (column) => row('raw', stage.read.indexOf(column)),
    codes: (stratum) => part(`codes${String(stratum)}`),
    support: (support) => row('supports', support),
  });
  const { components: k, groupCombinations: g } = stage;
  const spread = op.binary(scope, 'logits', 'AddV2', logit, zeros(scope, stage, part));
  const logits = op.reshape(scope, 'logits', labelled(scope, stage, spread, part), [g, k / g, -1]);
  const top = op.reduce(scope, 'top', 'Max', logits, [1], true);
  const nowhere = op.equal(scope, 'nowhere', top, op.constant(scope, 'double', [], [-Infinity]));
  const none = op.constant(scope, 'double', [], [0]);
  const one = op.constant(scope, 'double', [], [1]);
  // where every logit is −∞, or where the largest takes all, it goes to the first of the largest
  const first = firstOfTop(scope, k / g, op.equal(scope, 'isTop', logits, top));
  const below = op.binary(scope, 'below', 'Sub', logits, op.select(scope, 'from', nowhere, none, top));
  const e = op.unary(scope, 'exponentials', 'Exp', below);
  const total = op.select(scope, 'total', nowhere, one, op.reduce(scope, 'total', 'Sum', e, [1], true));
  const share = op.binary(scope, 'softmax', 'RealDiv', e, total);
  const r = stage.hard ? first : op.select(scope, 'shares', nowhere, first, share);
  const density = stage.hard
    ? top
    : op.binary(scope, 'logSumExp', 'AddV2', top, op.unary(scope, 'log', 'Log', total));
  return {
    responsibilities: op.reshape(scope, 'responsibilities', r, [k, -1]),
    ofRow: op.reshape(scope, 'ofRow', density, [g, -1]),
  };
}

/** [K, B] of zeros: a body need not differ between rows, or components. */
function zeros(scope: Scope, stage: BodyStage, part: PartOf): Edge {
  const inputOfRows = ['raw', 'supports', ...stage.strata.map((_, s) => `codes${String(s)}`)];
  const has = (name: string): boolean =>
    name === 'raw' ? stage.read.length > 0 : name === 'supports' ? stage.supports > 0 : name !== 'codes0';
  const some = part(inputOfRows.find(has)!);
  const flat = some.type === 'int32' ? some : op.slice(scope, 'aRow', some, [0, 0], [1, -1]);
  const double = some.type === 'int32' ? op.cast(scope, 'aRow', flat, 'double') : flat;
  const row = op.reshape(scope, 'aRow', double, [1, -1]);
  const nothing = op.binary(scope, 'nothing', 'MulNoNan', row, op.constant(scope, 'double', [], [0]));
  return op.binary(
    scope,
    'nothing',
    'AddV2',
    nothing,
    op.constant(scope, 'double', [stage.components, 1], [0]),
  );
}

/** Of [G, L, B] the first along L, as 1. */
function firstOfTop(scope: Scope, length: number, isTop: Edge): Edge {
  const position = op.constant(
    scope,
    'int32',
    [1, length, 1],
    Array.from({ length }, (_, l) => l),
  );
  const candidates = op.select(scope, 'candidates', isTop, position, op.integer(scope, length));
  const lowest = op.reduce(scope, 'lowest', 'Min', candidates, [1], true);
  return op.cast(scope, 'first', op.equal(scope, 'isFirst', position, lowest), 'double');
}

/** −∞ for components that a row's labels exclude. */
function labelled(scope: Scope, stage: BodyStage, logits: Edge, part: PartOf): Edge {
  return stage.labelled.reduce((a, on, axis) => {
    if (!on) return a;
    const step = stage.axisSizes.slice(axis + 1).reduce((x, y) => x * y, 1);
    const values = Array.from(
      { length: stage.components },
      (_, k) => 1 + (Math.floor(k / step) % stage.axisSizes[axis]),
    );
    const label = op.reshape(scope, 'label', part(`labels${String(axis)}`), [1, -1]);
    const own = op.constant(scope, 'int32', [stage.components, 1], values);
    const allowed = op.logical(
      scope,
      'allowed',
      'LogicalOr',
      op.equal(scope, 'isHidden', label, op.integer(scope, 0)),
      op.equal(scope, 'isOwn', label, own),
    );
    return op.select(scope, 'allowedLogits', allowed, a, op.constant(scope, 'double', [], [-Infinity]));
  }, logits);
}

/** S of every stratum; r is [K, B]. */
function sums(scope: Scope, stage: BodyStage, rows: number, part: PartOf, r: Edge): readonly Edge[] {
  const weights = stage.weighted ? part('weights') : undefined;
  const share = weights === undefined ? r : op.binary(scope, 'weighted', 'Mul', r, weights);
  const block: Block = { rows, columns: part('rows'), weights: undefined, labels: undefined };
  return stage.strata.map(({ combinations }, s) => {
    const phi = features(scope, sumsOf(stage, s), block);
    if (s === 0) return op.matMul(scope, 'sums', phi, share, { b: true });
    const code = op.oneHot(scope, 'combination', part(`codes${String(s)}`), combinations, 'double');
    const apart = op.binary(
      scope,
      'toldApart',
      'Mul',
      op.reshape(scope, 'share', share, [stage.components, 1, -1]),
      op.reshape(scope, 'combination', code, [1, combinations, -1]),
    );
    const flat = op.reshape(scope, 'toldApart', apart, [stage.components * combinations, -1]);
    return op.matMul(scope, 'sums', phi, flat, { b: true });
  });
}
