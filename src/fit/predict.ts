/** Responsibilities, components and log densities of new rows, from a fit file alone. */
import { bind } from '../data/bind.js';
import type { Table } from '../data/types.js';
import { chooseEngine } from '../engine/choose.js';
import type { EngineName, RowPosterior } from '../engine/types.js';
import type { Plan } from '../plan/types.js';
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

export interface Prediction extends RowPosterior {
  readonly rows: number;
  readonly components: number;
  readonly latent: string | undefined;
  /** 1-based number of the largest responsibility per row, ties to the lowest; empty where nothing is hidden */
  readonly component: Int32Array;
  /** labels of the components, where the latent had them */
  readonly levels: readonly string[] | undefined;
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
  });
  if (bound.value === undefined || bound.problems.length > 0)
    return { value: undefined, problems: bound.problems };
  const missing = missingProblems(plan, bound.value);
  if (missing.length > 0) return { value: undefined, problems: missing };
  const prepared = prepare(plan, bound.value, constants.value);
  const { program } = prepared;
  // a known label of a new row is not used: the question is what the columns say
  const data = { ...prepared.data, labels: undefined, weights: undefined };
  const parameters = parametersFromJson(file.parameters, program, parametersOfLogits(program));
  if (parameters.value === undefined) return { value: undefined, problems: parameters.problems };
  const options = defaultOptions(request.threads);
  const choice = await chooseEngine(program, data.rows, {
    ...options,
    engine: request.engine,
    hasMissing: data.hasMissing === true,
    steps: 1,
  });
  if (choice.engine === undefined)
    return { value: undefined, problems: choice.problem === undefined ? [] : [choice.problem] };
  const session = await choice.engine.open(program, data);
  try {
    const posterior = await session.posterior(parameters.value);
    const k = program.components;
    const component = Int32Array.from({ length: plan.latent === undefined ? 0 : data.rows }, (_, i) => {
      let best = 0;
      for (let j = 1; j < k; j++)
        if (posterior.responsibilities[i * k + j] > posterior.responsibilities[i * k + best]) best = j;
      return best + 1;
    });
    const levels = plan.latent === undefined ? undefined : file.data.levels[plan.latent];
    return {
      value: { ...posterior, rows: data.rows, components: k, latent: plan.latent, component, levels },
      problems: [],
    };
  } finally {
    session.dispose();
  }
}
