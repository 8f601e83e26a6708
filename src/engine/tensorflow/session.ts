/** One program on one set of rows. The rows go to TensorFlow once; a step is one call with the parameters of that step. */
import { LANES, blockRows } from '../../emit/graph/blocks.js';
import { buildGivenGraph, buildGraph, buildRowGraph } from '../../emit/graph/build.js';
import type { GraphModel } from '../../emit/graph/types.js';
import type { Moments, Parameters, Program } from '../../plan/types.js';
import {
  lowerProgram,
  momentsFromSums,
  stepParameters,
  totalProducts,
  wholeParameters,
} from '../feature-stage.js';
import type { FeatureStage } from '../feature-stage.js';
import { standardisationOf, standardised } from '../standardise.js';
import type { Expectation, RowData, RowPosterior, Session } from '../types.js';
import type { Tfjs } from './load.js';
import { float64Tensor, loadGraph } from './saved-graph.js';
import type { SavedGraph, Tensor } from './saved-graph.js';

export function openSession(tf: Tfjs, program: Program, data: RowData): Session {
  const lowered = lowerProgram(program, data);
  const { step, whole } = lowered;
  const standardisation = standardisationOf(data);
  const u = standardised(data, standardisation);
  const { rows } = data;
  const options = (stage: FeatureStage) => ({ rows, lanes: LANES, block: blockRows(stage) });

  const fixed: Record<string, Tensor> = { rows: float64Tensor(tf, u, [step.columns, rows]) };
  if (data.weights !== undefined) fixed['weights'] = float64Tensor(tf, data.weights.slice(), [1, rows]);
  if (step.labelled) fixed['labels'] = tf.tensor(data.labels[0]!.slice(), [rows], 'int32');

  const loaded: SavedGraph[] = [];
  const load = async (model: GraphModel): Promise<SavedGraph> => {
    const graph = await loadGraph(tf, model);
    loaded.push(graph);
    return graph;
  };
  // each when it is first asked for: a prediction needs no E-step
  const stepGraph = lazily(() => load(buildGraph(step, options(step))));
  const given = lazily(() => load(buildGivenGraph(whole, options(whole))));
  const rowWise = lazily(() => load(buildRowGraph(whole, options(whole))));

  const sharedTotals = totalProducts(u, rows, data.weights, lowered.sharedPairs);
  const pooled =
    lowered.pooledPairs.length === 0
      ? undefined
      : {
          pairs: lowered.pooledPairs,
          totals:
            lowered.pooledPairs === lowered.sharedPairs
              ? sharedTotals
              : totalProducts(u, rows, data.weights, lowered.pooledPairs),
        };

  /** Runs a graph with the tensors it asks for, and `more` that live for this run only. */
  const run = (graph: SavedGraph, names: readonly string[], more: Readonly<Record<string, Tensor>>) => {
    try {
      return graph.run({ ...Object.fromEntries(names.map((name) => [name, fixed[name]])), ...more });
    } finally {
      for (const tensor of Object.values(more)) tensor.dispose();
    }
  };
  const names = (...wanted: readonly string[]): readonly string[] => wanted.filter((name) => name in fixed);
  const stepInputs = names('rows', 'weights', 'labels');
  const givenInputs = names('rows', 'weights');
  const rowInputs = names('rows', 'labels');
  const etaShape = (eta: Float64Array): readonly number[] => [eta.length / step.components, step.components];

  return {
    expectation: async (parameters: Parameters): Promise<Expectation> => {
      await use(tf);
      const graph = await stepGraph();
      const { eta, shared } = stepParameters(program, lowered, parameters, standardisation);
      const out = run(graph, stepInputs, { eta: float64Tensor(tf, eta, etaShape(eta)) });
      const sharedPart = shared.reduce((sum, coefficient, p) => sum + coefficient * sharedTotals[p], 0);
      return {
        moments: momentsFromSums(step, out['sums'], standardisation, lowered.statistics, pooled),
        logLikelihood: out['logLikelihood'][0] + sharedPart,
      };
    },
    momentsOf: async (responsibilities): Promise<Moments> => {
      await use(tf);
      const graph = await given();
      const tensor = float64Tensor(tf, responsibilities.slice(), [rows, step.components]);
      const out = run(graph, givenInputs, { responsibilities: tensor });
      const stage = { ...whole, logitPairs: [] };
      return momentsFromSums(stage, out['sums'], standardisation, lowered.statistics);
    },
    posterior: async (parameters: Parameters): Promise<RowPosterior> => {
      await use(tf);
      const eta = wholeParameters(program, lowered, parameters, standardisation);
      const graph = await rowWise();
      const responsibilities = new Float64Array(rows * step.components);
      const logDensity = new Float64Array(rows);
      const atOnce = LANES * blockRows(whole);
      for (let start = 0; start < rows; start += atOnce) {
        const out = run(graph, rowInputs, {
          eta: float64Tensor(tf, eta, etaShape(eta)),
          start: tf.scalar(start, 'int32'),
        });
        responsibilities.set(out['responsibilities'], start * step.components);
        logDensity.set(out['logDensity'], start);
      }
      return { responsibilities, logDensity };
    },
    dispose: () => {
      for (const graph of loaded.splice(0)) graph.dispose();
      for (const tensor of Object.values(fixed)) tensor.dispose();
    },
  };
}

/** The backend is one for the whole process: another engine may have taken it. */
async function use(tf: Tfjs): Promise<void> {
  if (tf.getBackend() !== 'tensorflow') await tf.setBackend('tensorflow');
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
