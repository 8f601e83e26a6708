/** One program on one set of rows. The rows go to TensorFlow once; a step is one call with the parameters of that step. */
import { LANES, blockRows } from '../../emit/graph/blocks.js';
import { buildGivenGraph, buildGraph, buildRowGraph } from '../../emit/graph/build.js';
import { featureLayout } from '../../emit/graph/feature-stage.js';
import { whyNotPlain } from '../../plan/plain.js';
import type { Moments, Parameters, Program } from '../../plan/types.js';
import {
  lowerProgram,
  momentsFromSums,
  stepParameters,
  totalProducts,
  wholeParameters,
} from '../feature-stage.js';
import type { FeatureStage, LoweredProgram, PackedParameters } from '../feature-stage.js';
import { sideBySide } from '../../linear-algebra/columns.js';
import { keepMeansWithin, rangesOf, standardisationOf } from '../standardise.js';
import type { Engine, Expectation, RowData, RowPosterior, Session } from '../types.js';
import type { Tfjs } from './load.js';
import { openBodySession } from './body-session.js';
import { openGraphs } from './graphs.js';
import { float64Tensor } from './saved-graph.js';
import type { Tensor } from './saved-graph.js';

/**
 * Plain programs as features × coefficients. Where a coefficient is not finite, as log 0 of what never occurs, the
 * polynomial says nothing, and the logits are computed as they stand on paper; so they are where coefficients are so large
 * that what is left of them is rounding, as beside one cell of 1e20. In float32 are the blocks of plain programs
 * alone, which is where time goes: columns are standardised, and blocks added, in float64.
 */
export function openSession(
  tf: Tfjs,
  program: Program,
  data: RowData,
  { precision, threads }: Pick<Engine, 'precision' | 'threads'>,
): Session {
  if (whyNotPlain(program.plan) !== undefined) return openBodySession(tf, program, data, threads);
  const features = openFeatureSession(tf, program, data, precision);
  let opened: Session | undefined;
  const asStated = (): Session => (opened ??= openBodySession(tf, program, data, threads));
  const orStated = async (parameters: Parameters, found: Expectation | undefined): Promise<Expectation> =>
    found ?? asStated().expectation(parameters);
  return {
    expectation: async (parameters) => orStated(parameters, await features.expectation(parameters)),
    together: (starts) => {
      const answers = features.together(starts);
      return (
        answers &&
        (async (at) => {
          const found = await answers(at);
          return Promise.all(at.map((parameters, n) => orStated(parameters, found[n])));
        })
      );
    },
    momentsOf: features.momentsOf,
    posterior: async (parameters) =>
      (await features.posterior(parameters)) ?? (await asStated().posterior(parameters)),
    dispose: () => {
      features.dispose();
      opened?.dispose();
    },
  };
}

/** Multiply-adds of a step up to which most of it is what TensorFlow takes for a call of any size. */
const FEW_MULTIPLY_ADDS = 1e7;

/** A session whose answers are undefined where the coefficients are not finite, or too large. */
interface FeatureSession extends Pick<Session, 'momentsOf' | 'dispose'> {
  readonly expectation: (parameters: Parameters) => Promise<Expectation | undefined>;
  readonly together: (
    starts: number,
  ) => ((at: readonly Parameters[]) => Promise<readonly (Expectation | undefined)[]>) | undefined;
  readonly posterior: (parameters: Parameters) => Promise<RowPosterior | undefined>;
}

/**
 * What a logit may be at the mean of the columns, where the polynomial has its origin: rows that are near their component lose
 * as many digits as this one has more than theirs. Beyond it less than seven decimals of a logit would be left, in float32 two.
 */
const LARGEST = { float64: 1e-7 * 2 ** 52, float32: 1e-2 * 2 ** 23 };

const isUsable = (eta: Float64Array, components: number, precision: Engine['precision']): boolean =>
  eta.every((x) => Number.isFinite(x)) &&
  eta.subarray(0, components).every((constant) => Math.abs(constant) <= LARGEST[precision]);

function openFeatureSession(
  tf: Tfjs,
  program: Program,
  data: RowData,
  precision: Engine['precision'],
): FeatureSession {
  const lowered = lowerProgram(program, data);
  const { step, whole } = lowered;
  const standardisation = standardisationOf(data);
  const ranges = rangesOf(data);
  const { rows } = data;
  const options = (stage: FeatureStage) => ({
    rows,
    lanes: LANES,
    block: blockRows(stage, precision),
    standardise: true,
    precision,
  });

  const perColumn = (values: Float64Array): Tensor => float64Tensor(tf, values, [step.columns, 1]);
  const fixed: Record<string, Tensor> = {
    // the columns as they are, where they lie: a standardised copy would be as large as the data
    rows: float64Tensor(tf, sideBySide(data.columns), [step.columns, rows]),
    shift: perColumn(standardisation.shift),
    factor: perColumn(standardisation.scale.map((x) => 1 / x)),
  };
  if (data.weights !== undefined) fixed['weights'] = float64Tensor(tf, data.weights, [1, rows]);
  if (step.labelled) fixed['labels'] = tf.tensor(data.labels[0]!, [rows], 'int32');

  const graphs = openGraphs(tf, fixed);
  const stepGraph = graphs.graph(() => buildGraph(step, options(step)));
  const given = graphs.graph(() => buildGivenGraph(whole, options(whole)));
  const rowWise = graphs.graph(() => buildRowGraph(whole, options(whole)));

  const totals = (pairs: LoweredProgram['sharedPairs']): Float64Array =>
    totalProducts(data, standardisation, pairs);
  const sharedTotals = totals(lowered.sharedPairs);
  const pooled =
    lowered.pooledPairs.length === 0
      ? undefined
      : {
          pairs: lowered.pooledPairs,
          totals: lowered.pooledPairs === lowered.sharedPairs ? sharedTotals : totals(lowered.pooledPairs),
        };

  const etaShape = (eta: Float64Array): readonly number[] => [eta.length / step.components, step.components];
  const etaAt = (parameters: Parameters): PackedParameters | undefined => {
    const packed = stepParameters(program, lowered, parameters, standardisation);
    return isUsable(packed.eta, step.components, precision) ? packed : undefined;
  };
  /** What start n of those in a run gets. */
  const expectationIn = (
    out: Readonly<Record<string, Float64Array>>,
    n: number,
    { shared }: PackedParameters,
  ): Expectation => {
    const sharedPart = shared.reduce((sum, coefficient, p) => sum + coefficient * sharedTotals[p], 0);
    const sums = columnsOf(out['sums'], step.components, n, out['logLikelihood'].length);
    return {
      moments: keepMeansWithin(
        ranges,
        momentsFromSums(step, sums, standardisation, lowered.statistics, pooled),
      ),
      logLikelihood: out['logLikelihood'][n] + sharedPart,
      ...(step.assignment === 'soft' ? { sumLogLargest: -out['uncertainty'][n] } : {}),
    };
  };

  return {
    expectation: async (parameters) => {
      const packed = etaAt(parameters);
      if (packed === undefined) return undefined;
      const out = await stepGraph({ eta: float64Tensor(tf, packed.eta, etaShape(packed.eta)) });
      return expectationIn(out, 0, packed);
    },
    together: (starts) => {
      const { logitFeatures, statisticFeatures } = featureLayout(step);
      if (rows * step.components * (logitFeatures + statisticFeatures) > FEW_MULTIPLY_ADDS) return undefined;
      const graph = graphs.graph(() => {
        const wide = { ...step, components: starts * step.components };
        return buildGraph(step, { ...options(step), block: blockRows(wide, precision) }, starts);
      });
      return async (at) => {
        const all = at.map(etaAt);
        const usable = all.filter((packed) => packed !== undefined);
        if (usable.length === 0) return at.map(() => undefined);
        // those that have ended are given the numbers of another
        const eta = wideOf(
          Array.from({ length: starts }, (_, n) => usable[n % usable.length].eta),
          step.components,
        );
        const shape = [eta.length / (starts * step.components), starts * step.components];
        const out = await graph({ eta: float64Tensor(tf, eta, shape) });
        let n = 0;
        return all.map((packed) => packed && expectationIn(out, n++, packed));
      };
    },
    momentsOf: async (responsibilities): Promise<Moments> => {
      const tensor = float64Tensor(tf, responsibilities, [rows, step.components]);
      const out = await given({ responsibilities: tensor });
      const stage = { ...whole, logitPairs: [] };
      return keepMeansWithin(
        ranges,
        momentsFromSums(stage, out['sums'], standardisation, lowered.statistics),
      );
    },
    posterior: async (parameters) => {
      const eta = wholeParameters(program, lowered, parameters, standardisation);
      if (!isUsable(eta, step.components, precision)) return undefined;
      const responsibilities = new Float64Array(rows * step.components);
      const logDensity = new Float64Array(rows);
      const atOnce = LANES * blockRows(whole, precision);
      for (let start = 0; start < rows; start += atOnce) {
        const out = await rowWise({
          eta: float64Tensor(tf, eta, etaShape(eta)),
          start: tf.scalar(start, 'int32'),
        });
        responsibilities.set(out['responsibilities'], start * step.components);
        logDensity.set(out['logDensity'], start);
      }
      return { responsibilities, logDensity };
    },
    dispose: graphs.dispose,
  };
}

// ------------------------------------------------------------------------------------------------ several starts

/** Matrices [P, K] side by side, [P, n K]. */
function wideOf(each: readonly Float64Array[], k: number): Float64Array {
  const wide = new Float64Array(each.length * each[0].length);
  each.forEach((own, n) => {
    for (let p = 0; p * k < own.length; p++)
      wide.set(own.subarray(p * k, (p + 1) * k), (p * each.length + n) * k);
  });
  return wide;
}

/** The n-th of `count` matrices [P, K] that stand side by side. */
function columnsOf(wide: Float64Array, k: number, n: number, count: number): Float64Array {
  if (count === 1) return wide;
  const own = new Float64Array(wide.length / count);
  for (let p = 0; p * k < own.length; p++)
    own.set(wide.subarray((p * count + n) * k, (p * count + n + 1) * k), p * k);
  return own;
}
