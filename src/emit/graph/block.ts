/**
 * What is done with one block of rows. Columns run along the first axis and rows along the second, so that maxima and
 * sums over components go over whole vectors of rows.
 */
import {
  binary,
  cast,
  choose,
  concat,
  constant,
  defineFunction,
  equal,
  integer,
  less,
  matMul,
  oneHot,
  reduce,
  reshape,
  select,
  slice,
  unary,
} from './operations.js';
import type { Scope } from './operations.js';
import { featureLayout } from './feature-stage.js';
import type { ColumnPair, FeatureStage } from './feature-stage.js';
import type { Edge } from './types.js';

export interface Block {
  /** number of rows, where it is known beforehand */
  readonly rows: number | undefined;
  /** [C, B] */
  readonly columns: Edge;
  /** [1, B] */
  readonly weights: Edge | undefined;
  /** [B] */
  readonly labels: Edge | undefined;
}

export interface BlockPosterior {
  /** [K, B] */
  readonly responsibilities: Edge;
  /** [1, B] */
  readonly logDensity: Edge;
  /** −log max_k r, [1, B]; undefined where every row goes whole to a component */
  readonly belowOne: Edge | undefined;
}

/** Φ, [P, B]. */
export function features(scope: Scope, stage: FeatureStage, block: Block): Edge {
  const { columns } = block;
  const all = (first: number, length: number): Edge =>
    length === stage.columns ? columns : slice(scope, 'run', columns, [first, 0], [length, -1]);
  const ones =
    block.rows === undefined
      ? unary(scope, 'one', 'OnesLike', slice(scope, 'firstColumn', columns, [0, 0], [1, -1]))
      : constant(scope, columns.type, [1, block.rows], [1]);
  const products = productRuns(featureLayout(stage).pairs).map((run) =>
    binary(
      scope,
      'product',
      'Mul',
      all(run.a, run.along === 'diagonal' ? run.length : 1),
      all(run.b, run.length),
    ),
  );
  return concat(scope, 'features', [ones, columns, ...products], 0);
}

/** Consecutive products that are one product of runs of columns: u_a u_{b+i}, or u_{a+i} u_{b+i}. */
export interface ProductRun {
  readonly along: 'row' | 'diagonal';
  readonly a: number;
  readonly b: number;
  readonly length: number;
}

export function productRuns(pairs: readonly ColumnPair[]): readonly ProductRun[] {
  const runs: ProductRun[] = [];
  for (let at = 0; at < pairs.length;) {
    const [a, b] = pairs[at];
    const lengthOf = (step: number): number => {
      let n = 1;
      while (at + n < pairs.length && pairs[at + n][0] === a + step * n && pairs[at + n][1] === b + n) n++;
      return n;
    };
    const row = lengthOf(0);
    const diagonal = lengthOf(1);
    const along = row > diagonal ? 'row' : 'diagonal';
    const length = Math.max(row, diagonal);
    runs.push({ along, a, b, length });
    at += length;
  }
  return runs;
}

/** ηᵀ Φ: [K, B], of several starts [starts K, B]. */
export const logitsOf = (scope: Scope, stage: FeatureStage, phi: Edge, eta: Edge): Edge =>
  matMul(scope, 'logits', eta, firstFeatures(scope, stage, phi, 'logitFeatures'), { a: true });

/**
 * The posterior of the components by their logits [K, B] and the log density, both without the rows' weights. Where several
 * starts stand before that, as in [starts, K, B], the components are along `axis` 1.
 */
export function posterior(
  scope: Scope,
  stage: FeatureStage,
  logits: Edge,
  labels: Edge | undefined,
  axis = 0,
): BlockPosterior {
  const hidden =
    stage.assignment === 'soft' ? softmax(scope, logits, axis) : firstLargest(scope, stage, logits, axis);
  return labels === undefined ? hidden : withLabels(scope, stage, logits, hidden, labels, axis);
}

function softmax(scope: Scope, logits: Edge, axis: number): BlockPosterior {
  const top = reduce(scope, 'top', 'Max', logits, [axis], true);
  const e = unary(scope, 'exponentials', 'Exp', binary(scope, 'belowTop', 'Sub', logits, top));
  const sum = reduce(scope, 'sum', 'Sum', e, [axis], true);
  const logSum = unary(scope, 'logSum', 'Log', sum);
  return {
    responsibilities: binary(scope, 'softmax', 'Mul', e, unary(scope, 'inverseSum', 'Reciprocal', sum)),
    logDensity: binary(scope, 'logSumExp', 'AddV2', top, logSum),
    belowOne: logSum,
  };
}

/**
 * One-hot of the largest logit, of equal ones the first. Comparing with the maximum is four times as fast as ArgMax, and
 * leaves rows with several owners only where logits are equal to the last bit: those blocks are looked at again.
 */
function firstLargest(scope: Scope, stage: FeatureStage, logits: Edge, axis: number): BlockPosterior {
  const top = reduce(scope, 'top', 'Max', logits, [axis], true);
  const nearest = cast(scope, 'nearest', equal(scope, 'isTop', logits, top), logits.type);
  const owners = reduce(scope, 'owners', 'Sum', nearest, [axis], false);
  const one = constant(scope, logits.type, [], [1]);
  const tied = less(
    scope,
    'tied',
    one,
    reduce(scope, 'mostOwners', 'Max', owners, axis === 0 ? [0] : [0, 1], false),
  );
  const keep = defineFunction(scope, 'keep', [{ name: 'nearest', type: logits.type }], (_, x) => [x]);
  const first = defineFunction(scope, 'firstOwner', [{ name: 'nearest', type: logits.type }], (inner, x) => [
    firstOwner(inner, stage.components, x, axis),
  ]);
  return {
    responsibilities: choose(scope, 'untied', tied, [nearest], first, keep, logits.type),
    logDensity: top,
    belowOne: undefined,
  };
}

const floating = (x: Edge): 'double' | 'float' => (x.type === 'float' ? 'float' : 'double');

/** Keeps the first 1 of every row. */
function firstOwner(scope: Scope, components: number, owners: Edge, axis: number): Edge {
  const numbers = Array.from({ length: components }, (_, k) => k);
  const position = constant(scope, 'int32', [components, 1], numbers);
  const isOwner = less(scope, 'isOwner', constant(scope, owners.type, [], [0]), owners);
  const candidates = select(scope, 'candidates', isOwner, position, integer(scope, components));
  return oneHot(
    scope,
    'first',
    reduce(scope, 'lowest', 'Min', candidates, [axis], false),
    components,
    floating(owners),
    axis,
  );
}

/** A label counts from 1; a row with label 0 keeps what was found. */
function withLabels(
  scope: Scope,
  stage: FeatureStage,
  logits: Edge,
  hidden: BlockPosterior,
  labels: Edge,
  axis: number,
): BlockPosterior {
  const known = less(scope, 'known', integer(scope, 0), labels);
  const owner = oneHot(
    scope,
    'owner',
    binary(scope, 'ownerIndex', 'Sub', labels, integer(scope, 1)),
    stage.components,
    'bool',
  );
  // selected, not multiplied by 0 and 1: a logit may be −∞
  const own = select(scope, 'ownOnly', owner, logits, constant(scope, logits.type, [], [0]));
  return {
    responsibilities: select(
      scope,
      'responsibilities',
      known,
      cast(scope, 'ownership', owner, logits.type),
      hidden.responsibilities,
    ),
    logDensity: select(
      scope,
      'logDensity',
      known,
      reduce(scope, 'ownLogit', 'Sum', own, [axis], true),
      hidden.logDensity,
    ),
    belowOne:
      hidden.belowOne &&
      select(scope, 'belowOne', known, constant(scope, logits.type, [], [0]), hidden.belowOne),
  };
}

/** What a block adds to the totals, in float64, whatever it is computed in. */
export interface BlockTotals {
  /** S = Φ (w r)ᵀ [P, K], of several starts side by side [P, starts K] */
  readonly sums: Edge;
  /** L = Σ w l [], of several starts [starts] */
  readonly logLikelihood: Edge;
  /** −Σ w log max_k r, for the ICL, as L; undefined where every row goes whole to a component */
  readonly uncertainty: Edge | undefined;
}

/** `starts`: how many fits have their η side by side, each with its own softmax. */
export function expectationOf(
  scope: Scope,
  stage: FeatureStage,
  block: Block,
  eta: Edge,
  starts = 1,
): BlockTotals {
  const phi = features(scope, stage, block);
  const logits = logitsOf(scope, stage, phi, eta);
  const isOne = starts === 1;
  const each = isOne ? logits : reshape(scope, 'ofStarts', logits, [starts, stage.components, -1]);
  const { responsibilities, logDensity, belowOne } = posterior(
    scope,
    stage,
    each,
    block.labels,
    isOne ? 0 : 1,
  );
  const weigh = (name: string, x: Edge): Edge =>
    block.weights === undefined
      ? x
      : binary(scope, name, 'Mul', x, cast(scope, 'weights', block.weights, x.type));
  const sum = (name: string, x: Edge): Edge =>
    reduce(scope, name, 'Sum', cast(scope, name, x, 'double'), isOne ? [0, 1] : [1, 2], false);
  const weighted = weigh('weighted', responsibilities);
  const rowsOfAll = isOne
    ? weighted
    : reshape(scope, 'sideBySide', weighted, [starts * stage.components, -1]);
  const counted = firstFeatures(scope, stage, phi, 'statisticFeatures');
  return {
    sums: cast(scope, 'sums', matMul(scope, 'sums', counted, rowsOfAll, { b: true }), 'double'),
    logLikelihood: sum('logLikelihood', weigh('weightedLogDensity', logDensity)),
    uncertainty:
      belowOne === undefined ? undefined : sum('uncertainty', weigh('weightedUncertainty', belowOne)),
  };
}

function firstFeatures(
  scope: Scope,
  stage: FeatureStage,
  phi: Edge,
  which: 'logitFeatures' | 'statisticFeatures',
): Edge {
  const layout = featureLayout(stage);
  const count = layout[which];
  return count === 1 + stage.columns + layout.pairs.length
    ? phi
    : slice(scope, which, phi, [0, 0], [count, -1]);
}
