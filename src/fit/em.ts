/** The EM loop of one start. One step is an E-step and an M-step; the objective is that of the parameters reached. */
import type { Expectation, Session } from '../engine/types.js';
import { parameterStage } from '../plan/parameter-stage.js';
import type { StageFailure } from '../plan/parameter-stage.js';
import { evaluateFloat64 } from '../plan/evaluate-float64.js';
import { frameOf } from '../plan/parameter-stage.js';
import type { Parameters, Program } from '../plan/types.js';
import { findCollapse } from './collapse.js';
import type { Collapse } from './collapse.js';

export interface EmInput {
  readonly program: Program;
  readonly session: Session;
  readonly start:
    | { readonly kind: 'parameters'; readonly parameters: Parameters }
    | { readonly kind: 'responsibilities'; readonly responsibilities: Float64Array };
  /** parameters that an M-step may look at before it has made its own (conditional maximisations) */
  readonly initial: Parameters;
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

export async function runEm(input: EmInput): Promise<EmOutcome> {
  const { program, session } = input;
  const hard = program.plan.assignment === 'hard';
  const failed = (failure: EmFailure, iterations: number): EmOutcome => ({
    kind: 'failed',
    failure,
    iterations,
  });
  let parameters = input.initial;
  let empty: readonly number[] = [];
  const maximisation = (moments: Expectation['moments']): EmFailure | undefined => {
    const result = parameterStage(program, moments, parameters);
    empty = hard ? emptyComponents(result.failures) : [];
    const fatal = result.failures.find((f) => !hard || f.reason !== 'empty');
    parameters = result.parameters;
    // a component without rows is told from one whose scale vanished by its weight
    if (fatal !== undefined) return { kind: 'stage', failure: fatal };
    const collapse = findCollapse(program, parameters, input.variances);
    return collapse === undefined ? undefined : { kind: 'collapse', collapse };
  };
  if (input.start.kind === 'parameters') {
    parameters = input.start.parameters;
    const collapse = findCollapse(program, parameters, new Float64Array(program.columns.length));
    if (collapse !== undefined) return failed({ kind: 'collapse', collapse }, 0);
  } else {
    const problem = maximisation(await session.momentsOf(input.start.responsibilities));
    if (problem !== undefined) return failed(problem, 0);
  }
  let expectation = await session.expectation(parameters);
  let objective = objectiveOf(program, parameters, expectation);
  if (!Number.isFinite(objective)) return failed({ kind: 'not-finite' }, 0);
  const trace = [objective];
  const iterationsMs: number[] = [];
  let converged = false;
  let interrupted = false;
  while (iterationsMs.length < input.maxIterations && !converged) {
    if (input.aborted()) {
      interrupted = true;
      break;
    }
    const begin = performance.now();
    const problem = maximisation(expectation.moments);
    if (problem !== undefined) return failed(problem, iterationsMs.length + 1);
    expectation = await session.expectation(parameters);
    const next = objectiveOf(program, parameters, expectation);
    iterationsMs.push(performance.now() - begin);
    if (!Number.isFinite(next)) return failed({ kind: 'not-finite' }, iterationsMs.length);
    trace.push(next);
    converged = hasConverged(objective, next, hard, input);
    objective = next;
    input.onStep?.(iterationsMs.length, objective);
  }
  return {
    kind: 'done',
    run: { parameters, expectation, objective, trace, iterationsMs, converged, interrupted, empty },
  };
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

/** |f' − f| <= T W (inertia: T f), or only rounding: 4 ε max(W, |f'|) (inertia: 4 ε f). A tolerance of 0 switches both off. */
export function hasConverged(
  before: number,
  after: number,
  hard: boolean,
  input: Pick<EmInput, 'tolerance' | 'epsilon' | 'weight'>,
): boolean {
  if (input.tolerance === 0) return false;
  const change = Math.abs(after - before);
  if (hard) return change <= Math.max(input.tolerance, 4 * input.epsilon) * before;
  return (
    change <= input.tolerance * input.weight ||
    change <= 4 * input.epsilon * Math.max(input.weight, Math.abs(after))
  );
}
