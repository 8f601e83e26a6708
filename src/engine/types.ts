/**
 * Engines run a Program over rows. All of them answer the same two questions: the posterior and its weighted moments at
 * given parameters (the data stage), and rows one by one (for predict and score). The parameter stage is shared float64
 * code (`parameter-stage.ts`).
 */
import type { Moments, Parameters, Program } from '../plan/types.js';
import type { PatternRows } from './patterns.js';

export type EngineName = 'reference' | 'javascript' | 'tensorflow' | 'tfjs' | 'wasm' | 'webgpu';

/** Columns as the program orders them, in the user's units, with row weights and known labels. */
export interface RowData {
  readonly rows: number;
  /** C arrays of `rows` float64 numbers; NaN where a cell is missing */
  readonly columns: readonly Float64Array[];
  /** some cell is missing: only engines that integrate cells out may be asked */
  readonly hasMissing?: boolean;
  /** undefined: every weight is 1 */
  readonly weights: Float64Array | undefined;
  /** for each latent (`Plan.axes`) that has labels: per row 0 where it is hidden, else its value from 1 */
  readonly labels: readonly (Int32Array | undefined)[];
  /** the group of each row, from 0 */
  readonly groups?: { readonly count: number; readonly of: Int32Array } | undefined;
  /** for each stratum after the first (`Plan.strata`): the combination of its symbols' values in each row, from 0 */
  readonly strata?: readonly Int32Array[];
  /** for each of `Plan.supports`: 1 where it holds in the row */
  readonly supports?: readonly Uint8Array[];
}

export interface Expectation {
  readonly moments: Moments;
  /** Σ w log p(row); for a hard assignment Σ w max_k logit (the objective is made of it) */
  readonly logLikelihood: number;
  /** Σ w log max_k r, for the ICL; left out by engines that do not compute it on the way */
  readonly sumLogLargest?: number;
  /** the share of the pairs of rows and components that were looked at to the end, by engines that leave some out */
  readonly active?: number;
}

export interface Session {
  /** threads that work at once on a step; undefined: those of the engine */
  readonly threads?: number;
  /** E-step at these parameters, and the moments of the columns under it. */
  readonly expectation: (parameters: Parameters) => Promise<Expectation> | Expectation;
  /**
   * E-steps of so many starts in one batch; undefined where it would be no faster than one after the other. Asked with the
   * parameters of fewer, as when some have ended, it answers those.
   */
  readonly together?: (starts: number) => StepsTogether | undefined;
  /** Moments under given responsibilities ([N, K] row-major), for a start that begins with an M-step. */
  readonly momentsOf: (responsibilities: Float64Array) => Promise<Moments> | Moments;
  /** Responsibilities [N, K] and log densities [N] of the rows. */
  readonly posterior: (parameters: Parameters) => Promise<RowPosterior> | RowPosterior;
  readonly dispose: () => void;
}

/** The expectation at the parameters of each start, in their order. */
export type StepsTogether = (at: readonly Parameters[]) => Promise<readonly Expectation[]>;

export interface RowPosterior {
  readonly responsibilities: Float64Array;
  readonly logDensity: Float64Array;
}

export interface EngineOptions {
  readonly threads: number;
  readonly device: 'auto' | 'cpu' | 'gpu';
}

export interface Engine {
  readonly name: EngineName;
  readonly precision: 'float64' | 'float32';
  readonly device: 'cpu' | 'gpu';
  readonly threads: number;
  readonly version: string;
  readonly open: (program: Program, data: RowData) => Promise<Session>;
  /** Rows with missing cells, in the order of their patterns; undefined where it leaves them to generated JavaScript. */
  readonly openIncomplete?: (program: Program, rows: PatternRows) => Session | undefined;
}

/** Why an engine cannot be used here; words are in `diagnostics`. */
export type EngineProblem = {
  readonly kind: 'engine-unavailable';
  readonly engine: EngineName;
  readonly reason: string;
  readonly command: string | undefined;
};
