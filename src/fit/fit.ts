/** A whole fit: starts, the best of them, the order of its components, and the criteria. */
import { expressionsOf } from '../plan/build.js';
import { evaluateFloat64 } from '../plan/evaluate-float64.js';
import { frameOf, shapeOfParameter } from '../plan/frame.js';
import { setComponent } from '../plan/program.js';
import type { Dataset } from '../data/types.js';
import type { Engine, RowData, Session } from '../engine/types.js';
import type { ParameterArray, Parameters, Program } from '../plan/types.js';
import { symbolsOf } from '../algebra/traverse.js';
import type { DataSymbol, SymbolName } from '../model/types.js';
import { runEm } from './em.js';
import type { EmFailure, EmRun } from './em.js';
import { namesComponents } from './names-components.js';
import { parametersFromJson, permuteComponents } from './parameters.js';
import { startResponsibilities } from './starts.js';
import { summarise } from './summary.js';
import type { FitOptions, FitProblem, FitResult, FitWarning, Start } from './types.js';

export interface FitInput {
  readonly program: Program;
  readonly data: RowData;
  readonly dataset: Dataset;
  readonly engine: Engine;
  readonly options: FitOptions;
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

type GivenStart = NonNullable<ReturnType<typeof readStart>['value']>;

async function runStarts(
  input: FitInput,
  session: Session,
  given: GivenStart | undefined,
  begin: number,
): Promise<FitOutcome> {
  const { program, data, options, engine } = input;
  const variances = columnVariances(data);
  const restarts = given !== undefined || program.components === 1 ? 1 : (options.restarts ?? 10);
  const columns = given === undefined ? startColumns(input) : [];
  const axes = program.plan.axes.map(({ per }, n) => ({ per, size: program.axisSizes[n] }));
  const sameKind = program.plan.axes.map((axis) => dataOfItsKind(axis.latent, input));
  const isPossible = supported(program, data);
  const weight = data.weights === undefined ? data.rows : data.weights.reduce((a, b) => a + b, 0);
  const initial = defaultParameters(program, variances);
  const failures: { readonly failure: EmFailure; readonly restart: number }[] = [];
  let best: { readonly run: EmRun; readonly restart: number } | undefined;
  const startMs = performance.now() - begin;
  const hard = program.plan.assignment === 'hard';
  // a missing cell is hidden like a latent: what is in closed form without it is EM with it
  const closedForm =
    program.plan.derivation.closedForm && data.hasMissing !== true && options.algorithm !== 'gradient';
  const [newton, tangents] =
    options.algorithm === 'gradient' ? [[], []] : [newtonParameters(program), minorisedParameters(program)];
  const isGeneralised = options.algorithm === 'em' && newton.length + tangents.length > 0;
  for (let restart = 1; restart <= restarts; restart++) {
    if (restart > 1) await new Promise((resolve) => setImmediate(resolve));
    const start =
      given ??
      ({
        kind: 'responsibilities',
        responsibilities: startResponsibilities(
          { axes, data, columns, sameKind, isPossible, seed: options.seed, init: options.init },
          restart,
        ),
      } as const);
    const outcome = await runEm({
      program,
      session,
      start,
      initial,
      data,
      algorithm: options.algorithm,
      accelerate: options.accelerate,
      maxIterations: closedForm ? 1 : options.maxIterations,
      tolerance: options.tolerance,
      epsilon: engine.precision === 'float64' ? 2 ** -52 : 2 ** -23,
      weight,
      variances,
      onStep: (iteration, objective) => options.onProgress?.({ restart, restarts, iteration, objective }),
      aborted: () => options.signal?.aborted ?? false,
    });
    if (outcome.kind === 'failed') failures.push({ failure: outcome.failure, restart });
    else if (
      best === undefined ||
      (hard ? outcome.run.objective < best.run.objective : outcome.run.objective > best.run.objective)
    )
      best = { run: outcome.run, restart };
    if (options.signal?.aborted === true) break;
  }
  if (best === undefined) {
    const problem = problemOf(failures[0].failure, input, restarts);
    return { value: undefined, problems: [problem] };
  }
  const warnings = warningsOf(best.run, failures, restarts, input);
  const keepOrder = given !== undefined || data.labels.some((l) => l !== undefined);
  const parameters = keepOrder ? best.run.parameters : byShare(best.run, program);
  const summary = await summarise({ program, data, session, run: best.run, weight });
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
      parameters,
      engine: {
        name: engine.name,
        device: engine.device,
        precision: engine.precision,
        threads: engine.threads,
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

/** Which rows a component can give at all, by the supports of its distributions; undefined where every component can. */
function supported(
  program: Program,
  data: RowData,
): ((row: number, component: number) => boolean) | undefined {
  const terms = program.plan.logits.flatMap((t) => (t.kind === 'support' && t.stratum === 0 ? [t] : []));
  if (terms.length === 0) return undefined;
  const frame = frameOf(program, new Map());
  const limits = Array.from({ length: program.components }, (_, c) => {
    setComponent(program, frame.indices, c);
    return terms.flatMap((t) =>
      evaluateFloat64(t.when, frame).data[0] === 0 ? [] : [data.supports![t.support]],
    );
  });
  return (row, component) => limits[component].every((holds) => holds[row] === 1);
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

/** Modelled data that range over a latent's own plate, such as what a rater says of the class that is hidden. */
function dataOfItsKind(latent: SymbolName, { program, dataset }: FitInput): Float64Array | undefined {
  const { model } = program.plan;
  const plate = model.latents.find((l) => l.name === latent)?.type.plate;
  const same = model.data.find((d) => plate !== undefined && d.line !== undefined && d.type.plate === plate);
  return same === undefined ? undefined : dataset.symbols.get(same.name)?.values[0];
}

const rowsThatCount = (data: RowData): number =>
  data.weights === undefined ? data.rows : data.weights.reduce((n, w) => (w > 0 ? n + 1 : n), 0);

/** Weighted variances of the columns, [C]. */
export function columnVariances(data: RowData): Float64Array {
  return Float64Array.from(data.columns, (column) => {
    let w = 0;
    let mean = 0;
    let spread = 0;
    for (let i = 0; i < data.rows; i++) {
      const weight = data.weights === undefined ? 1 : data.weights[i];
      if (weight === 0 || !Number.isFinite(column[i])) continue;
      w += weight;
      const gap = column[i] - mean;
      mean += (weight * gap) / w;
      spread += weight * gap * (column[i] - mean);
    }
    return spread / w;
  });
}

/** Columns for the distances of kmeans++: of the data that the model reads, standardised; in the user's units for a limit. */
function startColumns(input: FitInput): readonly Float64Array[] {
  const { model, groups } = input.program.plan;
  const read = model.data
    .filter((d) => d.as === undefined && !isNamed(d) && isRead(d.name, groups))
    .flatMap((d) => input.dataset.symbols.get(d.name)?.values ?? []);
  if (model.limit !== undefined) return read;
  const variances = columnVariances({ ...input.data, columns: read });
  return read.flatMap((column, c) => {
    const sd = Math.sqrt(variances[c]);
    return sd > 0 ? [observed(column).map((x) => x / sd)] : [];
  });
}

/** A column whose missing cells take the mean of the others: for distances only. */
function observed(column: Float64Array): Float64Array {
  let count = 0;
  let sum = 0;
  for (const x of column)
    if (!Number.isNaN(x)) {
      count++;
      sum += x;
    }
  if (count === column.length) return column;
  const mean = sum / count;
  return column.map((x) => (Number.isNaN(x) ? mean : x));
}

/** Its numbers are names: their differences mean nothing. */
const isNamed = (d: DataSymbol): boolean => d.type.domain === 'category' || d.type.domain === 'plate';

const isRead = (name: SymbolName, groups: Program['plan']['groups']): boolean =>
  groups.some((g) =>
    g.kind === 'symbol'
      ? g.symbol === name
      : g.elements.some((e) => symbolsOf(e).some((s) => s.name === name)),
  );

/** Feasible values that a conditional maximisation may look at before its turn: zero means, the columns' own scale. */
function defaultParameters(program: Program, variances: Float64Array): Parameters {
  const typical = variances.reduce((a, b) => Math.max(a, b), 0) || 1;
  return new Map(
    program.plan.model.parameters.map((p): readonly [SymbolName, ParameterArray] => {
      const shape = shapeOfParameter(program, p.name);
      const data = new Float64Array(shape.reduce((a, b) => a * b, 1));
      const last = shape[shape.length - 1] ?? 1;
      const level =
        p.type.scale === 'sd' ? Math.sqrt(typical) : p.type.scale === 'precision' ? 1 / typical : typical;
      if (p.type.domain === 'simplex') data.fill(1 / last);
      else if (p.type.domain === 'positive') data.fill(level);
      else if (p.type.domain === 'shape') data.fill(1);
      else if (p.type.domain === 'unit') data.fill(0.5);
      else if (p.type.domain === 'covariance' || p.type.domain === 'orthogonal')
        for (let at = 0; at < data.length; at++)
          if (Math.floor(at / last) % last === at % last)
            data[at] = p.type.domain === 'covariance' ? level : 1;
      return [p.name, { shape, data }];
    }),
  );
}

// ------------------------------------------------------------------------------------------------ starts given

function readStart(start: Start, program: Program, data: RowData) {
  const invalid = (symbol: string, reason: string) => ({
    value: undefined,
    problems: [{ kind: 'start-invalid' as const, symbol, reason }],
  });
  if (start.kind === 'parameters') {
    const read = parametersFromJson(start.parameters, program, parametersOfLogits(program));
    if (read.value === undefined) return { value: undefined, problems: read.problems };
    return { value: { kind: 'parameters' as const, parameters: read.value }, problems: [] };
  }
  const { axes } = program.plan;
  const given: Readonly<Record<string, readonly unknown[]>> =
    start.kind === 'labels' ? start.labels : start.responsibilities;
  const unknown = Object.keys(given).find((name) => !axes.some((axis) => axis.latent === name));
  if (axes.length === 0 || unknown !== undefined)
    return invalid(unknown ?? 'z', 'the model has no such latent');
  const shares: Float64Array[] = [];
  for (const [n, { latent }] of axes.entries()) {
    const read = readShares(start.kind, given[latent], program.axisSizes[n], data, data.labels[n]);
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
    const column = collapse.column === undefined ? undefined : columnName(input, collapse.column);
    const detail =
      collapse.kind === 'variance'
        ? `its variance${column === undefined ? '' : ` in column ${column}`} has fallen to zero (rounding level)`
        : `the matrix is not positive definite${column === undefined ? '' : ` at column ${column}`}`;
    return {
      kind: 'collapse',
      parameter: collapse.parameter,
      component: collapse.component,
      detail,
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

function columnName({ program, dataset }: FitInput, column: number): string {
  const { group, coordinate } = program.columns[column];
  const g = program.plan.groups[group];
  if (g.kind === 'symbol') return dataset.symbols.get(g.symbol)!.columns[coordinate];
  const { name } = g;
  return program.groupLength[group] > 1 ? `${name}[${String(coordinate + 1)}]` : name;
}

function warningsOf(
  run: EmRun,
  failures: readonly { readonly failure: EmFailure; readonly restart: number }[],
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
