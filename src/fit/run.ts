/** From a plan and a table to a fit: bind, check, choose the engine, run. What the `fit` verb and the library both call. */
import { bind } from '../data/bind.js';
import type { DataProblem, Dataset, Table } from '../data/types.js';
import { chooseEngine } from '../engine/choose.js';
import type { EngineProblem } from '../engine/types.js';
import { printText } from '../algebra/print.js';
import { systemOf } from '../plan/joint-stage.js';
import { canBeMissing } from '../plan/marginal.js';
import type { Plan, Program } from '../plan/types.js';
import { columnName, fit, tooFewRows } from './fit.js';
import { outOfRange } from './number-range.js';
import type { OutOfRange } from './number-range.js';
import { constantValues, prepare } from './prepare.js';
import type { ConstantValue } from './prepare.js';
import type { FitOptions, FitProblem, FitResult } from './types.js';
import { host } from '../host/host.js';

export interface FitRequest {
  readonly set: Readonly<Record<string, ConstantValue>>;
  readonly bind: Readonly<Record<string, readonly string[]>>;
  readonly options: Partial<FitOptions>;
  /** told once the engine is chosen: one line that says which and why */
  readonly onEngine?: (why: string) => void;
  /** told where starts run on a sample of the rows: one line that says so */
  readonly onStarts?: (said: string) => void;
  /** told once all that is wanted of the table is in memory */
  readonly onRead?: () => void;
  readonly compileMs?: number;
}

export interface TableFit {
  readonly fit: FitResult;
  readonly dataset: Dataset;
  readonly program: Program;
  readonly constants: ReadonlyMap<string, ConstantValue>;
}

export type RunProblem = DataProblem | FitProblem | EngineProblem;

export interface RunOutcome {
  readonly value: TableFit | undefined;
  readonly problems: readonly RunProblem[];
}

export const defaultOptions = (threads = host.processors()): FitOptions => ({
  seed: '1',
  restarts: undefined,
  init: 'kmeans++',
  startRows: undefined,
  start: undefined,
  algorithm: 'em',
  accelerate: false,
  maxIterations: 10000,
  tolerance: 1e-10,
  engine: 'auto',
  precision: 'float64',
  device: 'auto',
  threads,
});

/** Rows from which on threads are started while the table is still being read. */
const MANY = 20_000;
/** So many of them at most: those beyond come when the engine wants them. */
const READY = 3;

export async function fitTable(plan: Plan, table: Table, request: FitRequest): Promise<RunOutcome> {
  const options: FitOptions = { ...defaultOptions(), ...defined(request.options) };
  const isThreaded =
    options.engine === 'auto' || options.engine === 'wasm' || options.engine === 'javascript';
  const release =
    isThreaded && options.threads > 1 && table.rows >= MANY && host.sharesMemory
      ? host.readyThreads(Math.min(options.threads - 1, READY))
      : undefined;
  try {
    return await fitRows(plan, table, request, options);
  } finally {
    release?.();
  }
}

async function fitRows(
  plan: Plan,
  table: Table,
  request: FitRequest,
  options: FitOptions,
): Promise<RunOutcome> {
  const begin = performance.now();
  const constants = constantValues(plan.model, request.set);
  if (constants.problems.length > 0) return { value: undefined, problems: constants.problems };
  const bound = await bind(plan.model, table, { bind: request.bind, constants: constants.value, use: 'fit' });
  if (bound.value === undefined || bound.problems.length > 0)
    return { value: undefined, problems: bound.problems };
  // what reads the table is not needed any more, and holds memory
  request.onRead?.();
  const missing = missingProblems(plan, bound.value);
  if (missing.length > 0) return { value: undefined, problems: missing };
  const { program, data } = prepare(plan, bound.value, constants.value);
  const contradiction = contradicted(program);
  if (contradiction !== undefined) return { value: undefined, problems: [contradiction] };
  const combinations = tooManyCombinations(program);
  if (combinations !== undefined) return { value: undefined, problems: [combinations] };
  const counted = tooFewRows(program, data, data.rows);
  if (counted !== undefined) return { value: undefined, problems: [counted] };
  const notFinite = derivedNotFinite(program, data);
  if (notFinite !== undefined) return { value: undefined, problems: [notFinite] };
  const beyond = outOfRange(data, 'float64');
  if (beyond !== undefined)
    return { value: undefined, problems: [rangeProblem(beyond, program, bound.value)] };
  // a tolerance of 0 asks for all of them
  const each = options.tolerance === 0 ? options.maxIterations : Math.min(options.maxIterations, 100);
  const steps = each * (options.start === undefined ? (options.restarts ?? 10) : 1);
  const choice = await chooseEngine(program, data.rows, {
    ...options,
    steps: program.plan.derivation.closedForm ? 1 : steps,
  });
  request.onEngine?.(choice.why);
  if (choice.engine === undefined)
    return { value: undefined, problems: choice.problem === undefined ? [] : [choice.problem] };
  // tensors of these are made of the cells as they are
  const { name, precision } = choice.engine;
  const narrow = precision === 'float32' && name !== 'tensorflow' ? outOfRange(data, precision) : undefined;
  if (narrow !== undefined)
    return { value: undefined, problems: [rangeProblem(narrow, program, bound.value)] };
  const loadMs = performance.now() - begin;
  const outcome = await fit({
    program,
    data,
    dataset: bound.value,
    engine: choice.engine,
    options,
    onStarts: request.onStarts,
    spent: { loadMs, compileMs: request.compileMs ?? 0 },
  });
  return {
    value:
      outcome.value === undefined
        ? undefined
        : { fit: outcome.value, dataset: bound.value, program, constants: constants.value },
    problems: outcome.problems,
  };
}

const rangeProblem = (found: OutOfRange, program: Program, dataset: Dataset): FitProblem => ({
  ...found,
  kind: 'out-of-range',
  column: columnName(program, dataset, found.column),
  row: found.row + 1,
});

/** Leaves out options that are there but undefined, so that defaults show through. */
const defined = (options: Partial<FitOptions>): Partial<FitOptions> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** Several latents of a row are enumerated together: their sizes multiply. */
const COMBINATIONS = 10_000;

function tooManyCombinations({ plan, axisSizes, components }: Program): FitProblem | undefined {
  if (plan.axes.length < 2 || components <= COMBINATIONS) return undefined;
  const latents = plan.axes.map(({ latent }, n) => ({ name: latent, values: axisSizes[n] }));
  return { kind: 'too-many-combinations', latents, limit: COMBINATIONS };
}

/** Equations between parameters that cannot all hold, once every constant and size is a number. */
function contradicted(program: Program): FitProblem | undefined {
  const joints = [...new Set(program.plan.updates.flatMap((u) => u.joint ?? []))];
  const bad = joints.find((joint) => !systemOf(joint, program).equations.canHold);
  return bad === undefined
    ? undefined
    : {
        kind: 'equations-contradict',
        parameters: bad.parameters,
        equations: bad.constraints.map((c) => `${printText(c.value)} = 0`),
      };
}

/** Missing cells of modelled data that this plan cannot integrate out. */
export function missingProblems(plan: Plan, dataset: Dataset): readonly FitProblem[] {
  return plan.model.data.flatMap((d): readonly FitProblem[] => {
    const bound = dataset.symbols.get(d.name);
    if (bound === undefined || bound.missing === 0 || canBeMissing(plan, d.name)) return [];
    for (let row = 0; row < dataset.rows; row++) {
      const at = bound.values.findIndex((v) => Number.isNaN(v[row]));
      if (at >= 0)
        return [
          {
            kind: 'missing-not-marginalisable',
            column: bound.columns[at],
            row: row + 1,
            count: bound.missing,
            symbol: d.name,
          },
        ];
    }
    return [];
  });
}

/** A derived column such as log t may not be finite where its data are fine. */
function derivedNotFinite(
  program: Program,
  data: { readonly columns: readonly Float64Array[] },
): DataProblem | undefined {
  for (const [at, column] of data.columns.entries()) {
    const { group, coordinate } = program.columns[at];
    const g = program.plan.groups[group];
    if (g.kind === 'symbol') continue;
    // beside a point mass, a row need not be one that the density has: log 0 where the value 0 is its own
    const isOdd = (x: number): boolean =>
      program.plan.supports.length === 0 ? !Number.isFinite(x) : Number.isNaN(x);
    const row = column.findIndex(isOdd);
    if (row < 0) continue;
    const name = `${g.name}[${String(coordinate + 1)}]`;
    return {
      kind: 'not-finite',
      column: name,
      row: row + 1,
      text: String(column[row]),
      count: column.filter(isOdd).length,
    };
  }
  return undefined;
}
