/** The EM loop of one start. One step is an E-step and an M-step; the objective is that of the parameters reached. */
import { updateFunctions } from '../engine/javascript/parameter-functions.js';
import type { Expectation, RowData, Session } from '../engine/types.js';
import { parameterStage } from '../plan/parameter-stage.js';
import type { Rounds, StageFailure } from '../plan/parameter-stage.js';
import { evaluateFloat64 } from '../plan/evaluate-float64.js';
import { frameOf } from '../plan/frame.js';
import type { Moments, Parameters, Program } from '../plan/types.js';
import { classified } from './classification.js';
import { gradientAscent, marginalGradient } from './gradient.js';
import type { Place } from './gradient.js';
import type { Algorithm } from './types.js';
import { accelerator } from './accelerate.js';
import type { Accelerator } from './accelerate.js';
import { findCollapse, findImproper } from './collapse.js';
import type { Collapse } from './collapse.js';
import { findConcentration } from './concentrations.js';
import { host } from '../host/host.js';

export interface EmInput {
  readonly program: Program;
  readonly session: Session;
  readonly start:
    | { readonly kind: 'parameters'; readonly parameters: Parameters }
    | { readonly kind: 'responsibilities'; readonly responsibilities: Float64Array };
  /** parameters that an M-step may look at before it has made its own (conditional maximisations) */
  readonly initial: Parameters;
  readonly data: RowData;
  readonly algorithm: Algorithm;
  /** extrapolates the sequence of EM steps */
  readonly accelerate: boolean;
  readonly maxIterations: number;
  readonly tolerance: number;
  /** machine epsilon of the engine's precision */
  readonly epsilon: number;
  /** sum of the row weights */
  readonly weight: number;
  /** the columns' variances, for the test of collapse */
  readonly variances: Float64Array;
  readonly onStep?: (iteration: number, objective: number) => void;
  readonly aborted: () => boolean;
}

export type EmFailure =
  | { readonly kind: 'collapse'; readonly collapse: Collapse }
  | { readonly kind: 'stage'; readonly failure: StageFailure }
  | { readonly kind: 'not-finite' };

export interface EmRun {
  readonly parameters: Parameters;
  readonly expectation: Expectation;
  readonly objective: number;
  readonly trace: readonly number[];
  readonly iterationsMs: readonly number[];
  readonly converged: boolean;
  readonly interrupted: boolean;
  /** components (from 1) that own no row of a hard assignment, and so kept their parameters */
  readonly empty: readonly number[];
}

export type EmOutcome =
  | { readonly kind: 'done'; readonly run: EmRun }
  | { readonly kind: 'failed'; readonly failure: EmFailure; readonly iterations: number };

/** The first M-step begins nowhere in particular: Newton steps are repeated until they are where it wants to be. */
/**
 * Rise of a step, per row, below which steps are extrapolated. Before that EM is on its way to one of several maxima, and a
 * long step may lead to another.
 */
const SETTLING = 1e-3;

const START_ROUNDS: Rounds = { cycle: 200, newton: 50, tangents: 20, mixed: 20 };

export async function runEm(input: EmInput): Promise<EmOutcome> {
  const { program, session } = input;
  const hard = program.plan.assignment === 'hard';
  const failed = (failure: EmFailure, iterations: number): EmOutcome => ({
    kind: 'failed',
    failure,
    iterations,
  });
  // for a limit the E-step is hard already
  const isClassified = input.algorithm === 'hard' && !hard;
  const expectationAt = (at: Parameters): Promise<Expectation> | Expectation =>
    isClassified ? classified(session, program, input.data, at) : session.expectation(at);
  const functions = updateFunctions(program);
  let parameters = input.initial;
  let empty: readonly number[] = [];
  const maximisation = (moments: Expectation['moments'], rounds?: Rounds): EmFailure | undefined => {
    const result = parameterStage(program, moments, parameters, rounds, functions);
    empty = hard ? emptyComponents(result.failures) : [];
    const fatal = result.failures.find((f) => !hard || f.reason !== 'empty');
    parameters = result.parameters;
    // a component without rows is told from one whose scale vanished by its weight
    const unbounded = fatal?.reason === 'empty' ? unboundedAt(program, fatal, moments) : undefined;
    if (unbounded !== undefined) return { kind: 'collapse', collapse: unbounded };
    if (fatal !== undefined) return { kind: 'stage', failure: fatal };
    const collapse = findCollapse(program, parameters, input.variances);
    return collapse === undefined ? undefined : { kind: 'collapse', collapse };
  };
  if (input.start.kind === 'parameters') {
    parameters = input.start.parameters;
    const collapse = findCollapse(program, parameters, new Float64Array(program.columns.length));
    if (collapse !== undefined) return failed({ kind: 'collapse', collapse }, 0);
  } else {
    const problem = maximisation(await session.momentsOf(input.start.responsibilities), START_ROUNDS);
    if (problem !== undefined) return failed(problem, 0);
  }
  const placeAt = async (at: Parameters): Promise<Place | undefined> => {
    if (findCollapse(program, at, input.variances) !== undefined) return undefined;
    const found = await session.expectation(at);
    const height = objectiveOf(program, at, found);
    return Number.isFinite(height) ? { parameters: at, expectation: found, objective: height } : undefined;
  };
  let expectation = await expectationAt(parameters);
  let objective = objectiveOf(program, parameters, expectation);
  if (!Number.isFinite(objective)) return failed(notFinite(program, parameters), 0);
  const concentration = (): Promise<Collapse | undefined> =>
    findConcentration(program, parameters, input.data, input.variances, () => session.posterior(parameters));
  const ascent =
    input.algorithm === 'gradient'
      ? gradientAscent(program, marginalGradient(program, session, input.data), placeAt)
      : undefined;
  let extrapolation: Accelerator | undefined;
  const trace = [objective];
  const iterationsMs: number[] = [];
  let converged = false;
  let interrupted = false;
  let rested = performance.now();
  while (iterationsMs.length < input.maxIterations && !converged) {
    // let signals and other work have their turn
    if (performance.now() - rested > host.spell) {
      await host.rest();
      rested = performance.now();
    }
    if (input.aborted()) {
      interrupted = true;
      break;
    }
    const begin = performance.now();
    const before = parameters;
    let next: number;
    // what the step after this one may still gain: EM's last change says that itself
    let ahead = 0;
    if (ascent === undefined) {
      const problem = maximisation(expectation.moments);
      if (problem !== undefined) return failed(problem, iterationsMs.length + 1);
      expectation = await expectationAt(parameters);
      next = objectiveOf(program, parameters, expectation);
    } else {
      const place = await ascent.step({ parameters, expectation, objective });
      ({ parameters, expectation, objective: next, gain: ahead } = place);
    }
    if (!Number.isFinite(next)) return failed(notFinite(program, parameters), iterationsMs.length + 1);
    converged =
      hasConverged(trace, next, hard, () => areEqual(parameters, before), input) &&
      ahead <= input.tolerance * input.weight;
    const tried = converged ? undefined : extrapolation?.after(parameters);
    if (input.accelerate && ascent === undefined && next - objective < SETTLING * input.weight)
      extrapolation ??= accelerator(program, parameters);
    if (tried !== undefined) {
      const place = await placeAt(tried);
      const taken = place !== undefined && place.objective > next;
      if (taken) ({ parameters, expectation, objective: next } = place);
      extrapolation!.judged(taken, parameters);
    }
    iterationsMs.push(performance.now() - begin);
    // now and then, since it may want the posterior: after 8, 16, 32, … steps
    if (isOccasion(iterationsMs.length)) {
      const collapse = await concentration();
      if (collapse !== undefined) return failed({ kind: 'collapse', collapse }, iterationsMs.length);
    }
    trace.push(next);
    objective = next;
    input.onStep?.(iterationsMs.length, objective);
  }
  const collapse = await concentration();
  if (collapse !== undefined) return failed({ kind: 'collapse', collapse }, iterationsMs.length);
  // what is reported beside the objective is the log-likelihood of the model
  if (isClassified) expectation = await session.expectation(parameters);
  return {
    kind: 'done',
    run: { parameters, expectation, objective, trace, iterationsMs, converged, interrupted, empty },
  };
}

const isOccasion = (steps: number): boolean => steps >= 8 && Number.isInteger(Math.log2(steps));

function notFinite(program: Program, parameters: Parameters): EmFailure {
  const collapse = findImproper(program, parameters);
  return collapse === undefined ? { kind: 'not-finite' } : { kind: 'collapse', collapse };
}

/** A positive parameter that is divided by a sum over rows which is 0, of a component that has rows: it has no bound. */
function unboundedAt(program: Program, failure: StageFailure, { weight }: Moments): Collapse | undefined {
  const { parameter, component } = failure;
  const { model, axes } = program.plan;
  const own = model.parameters.find((p) => p.name === parameter);
  const isAlone = axes.length < 2 && (component === undefined || weight.length >= component);
  const rows = component === undefined ? weight.reduce((a, b) => a + b, 0) : weight[component - 1];
  if (own?.type.domain !== 'positive' || !isAlone || !(rows > 0)) return undefined;
  return { parameter, component, column: undefined, kind: 'unbounded' };
}

const emptyComponents = (failures: readonly StageFailure[]): readonly number[] => [
  ...new Set(
    failures.flatMap((f) => (f.reason === 'empty' && f.component !== undefined ? [f.component] : [])),
  ),
];

/** Log-likelihood, log posterior, or inertia (−2 × the sum of the largest leading logits). */
export function objectiveOf(program: Program, parameters: Parameters, expectation: Expectation): number {
  if (program.plan.assignment === 'hard') return Math.max(0, -2 * expectation.logLikelihood);
  return expectation.logLikelihood + logPrior(program, parameters);
}

export function logPrior(program: Program, parameters: Parameters): number {
  return program.plan.hasPrior
    ? evaluateFloat64(program.plan.logPrior, frameOf(program, parameters)).data[0]
    : 0;
}

/** Steps over which a change must stay at rounding level: one small step of a slow EM is not yet the end. */
const WINDOW = 20;

/**
 * After a step from f, the end of the trace, to f': |f' − f| <= T W (inertia: T f), where that is above the rounding of f itself. Below it a
 * single difference says nothing, so there the objective must not have moved by more than its rounding, 4 ε max(W, |f|)
 * (inertia: 4 ε f), over the last twenty steps, or not at all while the parameters stand still.
 * A tolerance of 0 switches all of it off.
 */
export function hasConverged(
  trace: readonly number[],
  after: number,
  hard: boolean,
  standsStill: () => boolean,
  input: Pick<EmInput, 'tolerance' | 'epsilon' | 'weight'>,
): boolean {
  if (input.tolerance === 0) return false;
  const before = trace[trace.length - 1];
  const change = Math.abs(after - before);
  const rounding = 4 * input.epsilon * (hard ? after : Math.max(input.weight, Math.abs(after)));
  const wanted = input.tolerance * (hard ? before : input.weight);
  if (change === 0 && standsStill()) return true;
  if (wanted >= rounding) return change <= wanted;
  const long = trace[trace.length - WINDOW];
  return long !== undefined && Math.abs(after - long) <= rounding;
}

function areEqual(a: Parameters, b: Parameters): boolean {
  return [...a].every(([name, array]) => {
    const other = b.get(name);
    return other !== undefined && array.data.every((x, n) => x === other.data[n]);
  });
}
