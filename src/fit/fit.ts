/** A whole fit: starts, the best of them, the order of its components, and the criteria. */
import { expressionsOf } from '../plan/build.js';
import type { Dataset } from '../data/types.js';
import type { RowData, Session } from '../engine/types.js';
import type { Parameters, Program } from '../plan/types.js';
import { symbolsOf } from '../algebra/traverse.js';
import type { Collapse } from './collapse.js';
import type { EmFailure, EmRun } from './em.js';
import { namesComponents } from './names-components.js';
import { parametersFromJson, permuteComponents } from './parameters.js';
import { precisionLoss } from './precision-loss.js';
import { sampledStarts } from './sampled-starts.js';
import type { FailedStart } from './sampled-starts.js';
import { isBetter, searchOver } from './search.js';
import type { SearchInput } from './search.js';
import { summarise } from './summary.js';
import { eachStart } from './side-by-side.js';
import { startOf } from './fit-file.js';
import type { FitOptions, FitProblem, FitResult, FitWarning, GivenStart } from './types.js';

export interface FitInput extends SearchInput {
  readonly dataset: Dataset;
  /** told where starts run on a sample of the rows: one line */
  readonly onStarts?: ((said: string) => void) | undefined;
  /** milliseconds spent before: loading the data and the engine, compiling the model */
  readonly spent: { readonly loadMs: number; readonly compileMs: number };
}

export interface FitOutcome {
  readonly value: FitResult | undefined;
  readonly problems: readonly FitProblem[];
}

export async function fit(input: FitInput): Promise<FitOutcome> {
  const { program, data, options } = input;
  const begin = performance.now();
  const rows = rowsThatCount(data);
  const few = tooFewRows(program, data, rows);
  if (few !== undefined) return { value: undefined, problems: [few] };
  const given = options.start === undefined ? undefined : readStart(options.start, program, data);
  if (given !== undefined && given.problems.length > 0) return { value: undefined, problems: given.problems };
  const refused = impossible(program, data, options);
  if (refused !== undefined) return { value: undefined, problems: [refused] };
  const session = await input.engine.open(program, data);
  try {
    return await runStarts(input, session, given?.value, begin);
  } finally {
    session.dispose();
  }
}

type StartRead = NonNullable<ReturnType<typeof readStart>['value']>;

async function runStarts(
  input: FitInput,
  session: Session,
  given: StartRead | undefined,
  begin: number,
): Promise<FitOutcome> {
  const { program, data, options, engine } = input;
  const search = searchOver(input, session);
  const restarts = given !== undefined || program.components === 1 ? 1 : (options.restarts ?? 10);
  const failures: FailedStart[] = [];
  const hard = program.plan.assignment === 'hard';
  // a missing cell is hidden like a latent: what is in closed form without it is EM with it
  const closedForm =
    program.plan.derivation.closedForm && data.hasMissing !== true && options.algorithm !== 'gradient';
  const [newton, tangents] =
    options.algorithm === 'gradient' ? [[], []] : [newtonParameters(program), minorisedParameters(program)];
  const isGeneralised = options.algorithm === 'em' && newton.length + tangents.length > 0;
  const { tolerance } = options;
  const limits = { restarts, tolerance, maxIterations: closedForm ? 1 : options.maxIterations };
  const sampled =
    given === undefined && program.components > 1 ? await sampledStarts(input, search, restarts) : undefined;
  let best: { readonly run: EmRun; readonly restart: number } | undefined;
  const startMs = performance.now() - begin;
  if (sampled !== undefined) {
    input.onStarts?.(sampled.said);
    failures.push(...sampled.failures);
    for (const { restart, parameters } of sampled.best) {
      const outcome = await search.run({ kind: 'parameters', parameters }, { ...limits, restart });
      if (outcome.kind === 'done') {
        best = { run: outcome.run, restart };
        break;
      }
      failures.push({ failure: outcome.failure, restart });
    }
  }
  const isSampled = best !== undefined;
  if (!isSampled) {
    failures.splice(0);
    const outcomes = await eachStart(
      restarts,
      session,
      (restart, over) => search.run(given ?? search.startOf(restart), { ...limits, restart }, over),
      () => options.signal?.aborted === true,
    );
    outcomes.forEach((outcome, at) => {
      const restart = at + 1;
      if (outcome.kind === 'failed') failures.push({ failure: outcome.failure, restart });
      else if (best === undefined || isBetter(outcome.run, best.run, hard))
        best = { run: outcome.run, restart };
    });
  }
  if (best === undefined) {
    const problem = problemOf(failures[0].failure, input, restarts);
    return { value: undefined, problems: [problem] };
  }
  const warnings = warningsOf(best.run, failures, restarts, input);
  const keepOrder = given !== undefined || data.labels.some((l) => l !== undefined);
  const parameters = keepOrder ? best.run.parameters : byShare(best.run, program);
  const summary = await summarise({ program, data, session, run: best.run, weight: search.weight });
  return {
    value: {
      ...summary,
      ...(options.algorithm === 'hard' && !hard ? { objective: 'classificationLogLikelihood' as const } : {}),
      iterations: best.run.iterationsMs.length,
      converged: best.run.converged || closedForm,
      closedForm,
      seed: options.seed,
      restarts,
      failedRestarts: failures.length,
      bestRestart: best.restart,
      trace: best.run.trace,
      algorithm: isGeneralised ? 'generalised-em' : options.algorithm,
      newton,
      tangents,
      startRows: isSampled ? sampled!.rows : null,
      precisionLoss: (await precisionLoss(input, best.run.parameters)) ?? null,
      parameters,
      engine: {
        name: engine.name,
        device: engine.device,
        precision: engine.precision,
        threads: session.threads ?? engine.threads,
        version: engine.version,
      },
      timings: {
        totalMs: performance.now() - begin + input.spent.loadMs + input.spent.compileMs,
        loadMs: input.spent.loadMs,
        compileMs: input.spent.compileMs,
        startMs,
        iterationsMs: best.run.iterationsMs,
      },
      warnings,
    },
    problems: best.run.interrupted ? [{ kind: 'interrupted', iterations: best.run.iterationsMs.length }] : [],
  };
}

/** Parameters whose M-step maximises what lies below Q. */
const minorisedParameters = (program: Program): readonly string[] =>
  program.plan.updates.filter((u) => u.minorised).map((u) => u.parameter);

/** Parameters whose M-step has no closed form. */
function newtonParameters(program: Program): readonly string[] {
  return program.plan.updates
    .filter((u) => (u.joint === undefined ? u.iteration !== undefined : !u.joint.isQuadratic))
    .map((u) => u.parameter);
}

function impossible(program: Program, data: RowData, options: FitOptions): FitProblem | undefined {
  const isLimit = program.plan.assignment === 'hard';
  const refuse = (flag: string, reason: string): FitProblem => ({
    kind: 'algorithm-not-possible',
    flag,
    reason,
  });
  if (typeof options.startRows === 'number' && data.groups !== undefined)
    return refuse('--start-rows', 'rows of one group belong together and cannot be drawn one by one');
  if (options.algorithm === 'gradient') {
    if (isLimit) return refuse('--algorithm gradient', 'a limit has no likelihood to climb');
    if (data.hasMissing === true)
      return refuse('--algorithm gradient', 'rows with missing cells are summed over by EM only');
  }
  if (options.accelerate && (isLimit || options.algorithm !== 'em'))
    return refuse(
      '--accelerate',
      isLimit || options.algorithm === 'hard'
        ? 'where rows go whole to a component, steps jump, and there is nothing to extrapolate'
        : 'it extrapolates the steps of EM, and gradient ascent takes others',
    );
  return undefined;
}

/** The values of each latent by decreasing share of the data, unless the model speaks of them by number. */
function byShare(run: EmRun, program: Program): Parameters {
  const { weight } = run.expectation.moments;
  let { parameters } = run;
  program.plan.axes.forEach((axis, n) => {
    if (namesComponents(program, axis)) return;
    const size = program.axisSizes[n];
    const step = program.axisSizes.slice(n + 1).reduce((a, b) => a * b, 1);
    const share = new Float64Array(size);
    weight.forEach((w, c) => (share[Math.floor(c / step) % size] += w));
    const order = Array.from({ length: size }, (_, k) => k).sort((a, b) => share[b] - share[a] || a - b);
    parameters = permuteComponents(parameters, order, program, axis);
  });
  return parameters;
}

/** A latent of K values needs K rows, or K groups of rows. */
export function tooFewRows(program: Program, data: RowData, rows: number): FitProblem | undefined {
  const short = program.plan.axes.findIndex(
    (axis, n) =>
      program.axisSizes[n] > (axis.per === 'row' ? rows : data.groups!.count) && program.axisSizes[n] > 1,
  );
  if (rows === 0 || short >= 0)
    return {
      kind: 'fewer-rows-than-components',
      rows: short >= 0 && program.plan.axes[short].per === 'group' ? data.groups!.count : rows,
      components: short >= 0 ? program.axisSizes[short] : 1,
    };
  return undefined;
}

const rowsThatCount = (data: RowData): number =>
  data.weights === undefined ? data.rows : data.weights.reduce((n, w) => (w > 0 ? n + 1 : n), 0);

// ------------------------------------------------------------------------------------------------ starts given

function readStart(given: GivenStart, program: Program, data: RowData) {
  const invalid = (symbol: string, reason: string) => ({
    value: undefined,
    problems: [{ kind: 'start-invalid' as const, symbol, reason }],
  });
  // who calls the library from JavaScript may hand over anything
  const start = startOf(given);
  if (typeof start === 'string') return invalid('start', start);
  if (start.kind === 'parameters') {
    const read = parametersFromJson(start.parameters, program, parametersOfLogits(program));
    if (read.value === undefined) return { value: undefined, problems: read.problems };
    return { value: { kind: 'parameters' as const, parameters: read.value }, problems: [] };
  }
  const { axes } = program.plan;
  const lists: Readonly<Record<string, readonly unknown[]>> =
    start.kind === 'labels' ? start.labels : start.responsibilities;
  const unknown = Object.keys(lists).find((name) => !axes.some((axis) => axis.latent === name));
  if (axes.length === 0 || unknown !== undefined)
    return invalid(unknown ?? 'z', 'the model has no such latent');
  const shares: Float64Array[] = [];
  for (const [n, { latent }] of axes.entries()) {
    const read = readShares(start.kind, lists[latent], program.axisSizes[n], data, data.labels[n]);
    if (typeof read === 'string') return invalid(latent, read);
    shares.push(read);
  }
  // several latents are taken as independent
  const k = program.components;
  const steps = program.axisSizes.map((_, n) => program.axisSizes.slice(n + 1).reduce((a, b) => a * b, 1));
  const responsibilities = Float64Array.from({ length: data.rows * k }, (_, at) =>
    shares.reduce((p, share, n) => {
      const size = program.axisSizes[n];
      return p * share[Math.floor(at / k) * size + (Math.floor((at % k) / steps[n]) % size)];
    }, 1),
  );
  return { value: { kind: 'responsibilities' as const, responsibilities }, problems: [] };
}

/** [N, size] for one latent, or why not. */
function readShares(
  kind: 'labels' | 'responsibilities',
  list: readonly unknown[] | undefined,
  size: number,
  data: RowData,
  known: Int32Array | undefined,
): Float64Array | string {
  if (list === undefined) return 'the start says nothing of it';
  if (list.length !== data.rows)
    return `the start has ${String(list.length)} entries and the data ${String(data.rows)} rows`;
  const shares = new Float64Array(data.rows * size);
  for (const [i, entry] of list.entries()) {
    const label = known === undefined ? 0 : known[i];
    if (kind === 'labels') {
      if (typeof entry !== 'number' || !Number.isInteger(entry) || entry < 1 || entry > size)
        return `label ${JSON.stringify(entry)} of row ${String(i + 1)} is not one of 1 to ${String(size)}`;
      shares[i * size + (label > 0 ? label : entry) - 1] = 1;
      continue;
    }
    const row: readonly number[] = Array.isArray(entry) ? (entry as number[]) : [];
    const total = row.reduce((a, b) => a + b, 0);
    if (row.length !== size || row.some((x) => !(x >= 0)) || !(Math.abs(total - 1) < 1e-6))
      return `responsibilities of row ${String(i + 1)} must be ${String(size)} numbers >= 0 that sum to 1`;
    row.forEach((x, j) => (shares[i * size + j] = label > 0 ? (j === label - 1 ? 1 : 0) : x / total));
  }
  return shares;
}

/** The parameters that the E-step reads. */
export function parametersOfLogits(program: Program): ReadonlySet<string> {
  return new Set(
    program.plan.logits
      .flatMap(expressionsOf)
      .flatMap(symbolsOf)
      .filter((s) => s.role === 'parameter')
      .map((s) => s.name),
  );
}

// ------------------------------------------------------------------------------------------------ problems and warnings

function problemOf(failure: EmFailure, input: FitInput, starts: number): FitProblem {
  const allStarts = starts > 1;
  if (failure.kind === 'not-finite')
    return {
      kind: 'collapse',
      parameter: 'the objective',
      component: undefined,
      detail: 'it is not a finite number',
      allStarts,
      starts,
    };
  if (failure.kind === 'collapse') {
    const { collapse } = failure;
    return {
      kind: 'collapse',
      parameter: collapse.parameter,
      component: collapse.component,
      detail: detailOf(collapse, input),
      allStarts,
      starts,
    };
  }
  const { parameter, component, reason } = failure.failure;
  if (reason === 'empty')
    return {
      kind: 'collapse',
      parameter,
      component,
      detail: 'the component owns no rows: its responsibilities sum to zero',
      allStarts,
      starts,
    };
  if (reason === 'singular')
    return {
      kind: 'not-determined',
      parameter,
      component,
      detail:
        'its equations are singular: columns of the covariates depend on each other, or too few rows differ',
    };
  return {
    kind: 'collapse',
    parameter,
    component,
    detail: 'its update is not a finite number',
    allStarts,
    starts,
  };
}

function detailOf({ kind, column, parameter }: Collapse, input: FitInput): string {
  const name = column === undefined ? undefined : columnName(input.program, input.dataset, column);
  const within = name === undefined ? '' : ` in column ${name}`;
  switch (kind) {
    case 'variance': {
      const type = input.program.plan.model.parameters.find((p) => p.name === parameter)?.type;
      const isScale = type?.domain === 'positive' && type.scale === undefined;
      return `its ${isScale ? 'scale' : 'variance'}${within} has fallen to zero (rounding level)`;
    }
    case 'not-positive-definite':
      return `the matrix is not positive definite${name === undefined ? '' : ` at column ${name}`}`;
    case 'one-value':
      return `its estimate has no bound: the rows that the component owns all have one value${within}`;
    case 'zero':
      return 'its estimate has fallen to zero';
    case 'unbounded':
      return 'its estimate has no bound: the rows that the component owns do not vary';
  }
}

/** A column of the program as the user knows it. */
export function columnName(program: Program, dataset: Pick<Dataset, 'symbols'>, column: number): string {
  const { group, coordinate } = program.columns[column];
  const g = program.plan.groups[group];
  if (g.kind === 'symbol') return dataset.symbols.get(g.symbol)!.columns[coordinate];
  const { name } = g;
  return program.groupLength[group] > 1 ? `${name}[${String(coordinate + 1)}]` : name;
}

function warningsOf(
  run: EmRun,
  failures: readonly FailedStart[],
  restarts: number,
  input: FitInput,
): readonly FitWarning[] {
  const warnings: FitWarning[] = [];
  if (failures.length > 0) {
    const first = problemOf(failures[0].failure, input, restarts);
    const detail =
      first.kind === 'collapse' || first.kind === 'not-determined'
        ? `${first.parameter}${first.component === undefined ? '' : `[${String(first.component)}]`}: ${first.detail}`
        : '';
    warnings.push({
      code: 'GMM0510',
      message: `${String(failures.length)} of ${String(restarts)} starts failed and were dropped (${detail})`,
    });
  }
  for (const k of run.empty)
    warnings.push({
      code: 'GMM0511',
      message: `component ${String(k)} owns no row; it keeps the parameters it had`,
    });
  return warnings;
}
