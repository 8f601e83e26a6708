/** Responsibilities, components and log densities of new rows, from a fit file alone. */
import { bind } from '../data/bind.js';
import type { Table } from '../data/types.js';
import { chooseEngine } from '../engine/choose.js';
import type { EngineName } from '../engine/types.js';
import type { Plan, Program } from '../plan/types.js';
import type { FitFile } from './fit-file.js';
import { parametersOfLogits } from './fit.js';
import { parametersFromJson } from './parameters.js';
import { constantValues, prepare } from './prepare.js';
import { defaultOptions, missingProblems } from './run.js';
import type { RunProblem } from './run.js';

export interface PredictRequest {
  readonly bind: Readonly<Record<string, readonly string[]>>;
  readonly engine: EngineName | 'auto';
  readonly threads: number | undefined;
}

/** What is known of one latent. */
export interface LatentPrediction {
  readonly latent: string;
  /** number of its values */
  readonly components: number;
  /** [N, K] */
  readonly responsibilities: Float64Array;
  /** 1-based number of the largest responsibility per row, ties to the lowest */
  readonly component: Int32Array;
  /** labels of the values, where the latent has them */
  readonly levels: readonly string[] | undefined;
}

export interface Prediction {
  readonly rows: number;
  /** in the order of the file; empty where nothing is hidden */
  readonly latents: readonly LatentPrediction[];
  /** [N]; of a row in a group: that of the whole group, shared out evenly over its rows */
  readonly logDensity: Float64Array;
}

/** `plan` is the plan of the fit file's own source. Columns are found by the names that the fit recorded. */
export async function predictTable(
  plan: Plan,
  file: Pick<FitFile, 'model' | 'parameters' | 'data'>,
  table: Table,
  request: PredictRequest,
): Promise<{ readonly value: Prediction | undefined; readonly problems: readonly RunProblem[] }> {
  const constants = constantValues(plan.model, file.model.constants);
  if (constants.problems.length > 0) return { value: undefined, problems: constants.problems };
  const bound = await bind(plan.model, table, {
    bind: request.bind,
    constants: constants.value,
    use: 'predict',
    columns: file.data.columns,
    levels: file.data.levels,
  });
  if (bound.value === undefined || bound.problems.length > 0)
    return { value: undefined, problems: bound.problems };
  const missing = missingProblems(plan, bound.value);
  if (missing.length > 0) return { value: undefined, problems: missing };
  const prepared = prepare(plan, bound.value, constants.value);
  const { program } = prepared;
  // a known label of a new row is not used: the question is what the columns say
  const data = { ...prepared.data, labels: plan.axes.map(() => undefined), weights: undefined };
  const parameters = parametersFromJson(file.parameters, program, parametersOfLogits(program));
  if (parameters.value === undefined) return { value: undefined, problems: parameters.problems };
  const options = defaultOptions(request.threads);
  const choice = await chooseEngine(program, data.rows, {
    ...options,
    engine: request.engine,
    steps: 1,
  });
  if (choice.engine === undefined)
    return { value: undefined, problems: choice.problem === undefined ? [] : [choice.problem] };
  const session = await choice.engine.open(program, data);
  try {
    const posterior = await session.posterior(parameters.value);
    const latents = plan.model.latents.map((l) => {
      const marginal = marginalOf(l.name, posterior.responsibilities, program, data.rows);
      // labels of its own, or of data that range over the same plate
      const alike = plan.model.data.find((d) => l.type.plate !== undefined && d.type.plate === l.type.plate);
      const levels =
        l.type.domain === 'boolean'
          ? ['false', 'true']
          : (file.data.levels[l.name] ?? file.data.levels[alike?.name ?? '']);
      return { ...marginal, latent: l.name, levels };
    });
    return { value: { rows: data.rows, latents, logDensity: posterior.logDensity }, problems: [] };
  } finally {
    session.dispose();
  }
}

/** Responsibilities of one latent, the others summed out, and the largest of each row. */
function marginalOf(
  latent: string,
  joint: Float64Array,
  program: Program,
  rows: number,
): Pick<LatentPrediction, 'components' | 'responsibilities' | 'component'> {
  const axis = program.plan.axes.findIndex((a) => a.latent === latent);
  const size = program.axisSizes[axis];
  const step = program.axisSizes.slice(axis + 1).reduce((a, b) => a * b, 1);
  const k = program.components;
  const responsibilities = new Float64Array(rows * size);
  joint.forEach(
    (r, at) => (responsibilities[Math.floor(at / k) * size + (Math.floor((at % k) / step) % size)] += r),
  );
  const component = Int32Array.from({ length: rows }, (_, i) => {
    let best = 0;
    for (let j = 1; j < size; j++)
      if (responsibilities[i * size + j] > responsibilities[i * size + best]) best = j;
    return best + 1;
  });
  return { components: size, responsibilities, component };
}
