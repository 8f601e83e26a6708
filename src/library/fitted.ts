/** A fit in a program's hands: estimates, criteria, and what can be asked of it. Names follow scikit-learn's. */
import type { TableOptions } from '../data/types.js';
import type { FitFile } from '../fit/fit-file.js';
import type { Nested } from '../fit/parameters.js';
import { predictTable } from '../fit/predict.js';
import type { LatentPrediction, Prediction } from '../fit/predict.js';
import { cannotSample, sampleRows } from '../fit/sample.js';
import type { Plan } from '../plan/types.js';
import { FitError } from './errors.js';
import { openInput } from './table.js';
import type { TableInput } from './table.js';

export { FitError } from './errors.js';

export interface PredictOptions extends TableOptions {
  /** which latent, where the model has several */
  readonly latent?: string;
}

export interface FittedModel {
  /** estimates as nested arrays, in the user's units: `mu` is [K][D] */
  readonly parameters: Readonly<Record<string, Nested>>;
  readonly logLikelihood: number | null;
  readonly logPosterior: number | null;
  readonly inertia: number | null;
  readonly iterations: number;
  readonly converged: boolean;
  readonly degreesOfFreedom: number | null;
  readonly bic: number | null;
  readonly aic: number | null;
  readonly icl: number | null;
  readonly warnings: FitFile['warnings'];
  /** component of each row, from 1; of the latent named, or of the file's first. A RangeError where nothing is hidden. */
  readonly predict: (table: TableInput, options?: PredictOptions) => Promise<Int32Array>;
  /** responsibilities, one array of K numbers per row */
  readonly predictProba: (table: TableInput, options?: PredictOptions) => Promise<readonly Float64Array[]>;
  /** log density of each row */
  readonly scoreSamples: (table: TableInput, options?: TableOptions) => Promise<Float64Array>;
  /** `rows` new rows as columns by name; latents are not among them. Throws a RangeError for a model with covariates. */
  readonly sample: (
    rows: number,
    options?: { readonly seed?: string | number },
  ) => Readonly<Record<string, Float64Array>>;
  /** the whole, in the form of a fit file (`gmm-fit/1`) */
  readonly toJSON: () => FitFile;
}

export function fittedModel(plan: Plan, file: FitFile): FittedModel {
  const predict = async (input: TableInput, options: TableOptions = {}): Promise<Prediction> => {
    const table = await openInput(input, options);
    try {
      const outcome = await predictTable(plan, file, table, { bind: {}, engine: 'auto', threads: undefined });
      if (outcome.value === undefined) throw new FitError(outcome.problems);
      return outcome.value;
    } finally {
      table.close();
    }
  };
  const { logLikelihood, logPosterior, inertia, iterations, converged, degreesOfFreedom, bic, aic, icl } =
    file.fit;
  return {
    parameters: file.parameters,
    logLikelihood,
    logPosterior,
    inertia,
    iterations,
    converged,
    degreesOfFreedom,
    bic,
    aic,
    icl,
    warnings: file.warnings,
    predict: async (table, options) => latentOf(await predict(table, options), options).component,
    predictProba: async (table, options) => {
      const prediction = await predict(table, options);
      const { rows } = prediction;
      const { responsibilities, components } = latentOf(prediction, options);
      return Array.from({ length: rows }, (_, i) =>
        responsibilities.slice(i * components, (i + 1) * components),
      );
    },
    scoreSamples: async (table, options) => {
      if (plan.assignment === 'hard')
        throw new RangeError('the limit of a model has no density: scoreSamples does not apply');
      return (await predict(table, options)).logDensity;
    },
    sample: (rows, options = {}) => {
      const reason = cannotSample(plan);
      if (reason !== undefined) throw new RangeError(reason);
      const outcome = sampleRows(plan, file, rows, String(options.seed ?? 1));
      if (outcome.value === undefined) throw new FitError(outcome.problems);
      return Object.fromEntries(outcome.value.columns.map((c) => [c.name, c.values]));
    },
    toJSON: () => file,
  };
}

function latentOf({ latents }: Prediction, { latent }: PredictOptions = {}): LatentPrediction {
  const found = latent === undefined ? latents[0] : latents.find((l) => l.latent === latent);
  if (found === undefined)
    throw new RangeError(
      latent === undefined
        ? 'nothing is hidden in this model: there is no component to tell'
        : `the model has no latent ${latent}`,
    );
  return found;
}
