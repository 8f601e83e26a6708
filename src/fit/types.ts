/** A Fit: estimates with everything needed to judge, repeat and use them. Its JSON form is `gmm-fit/1`. */
import type { EngineName } from '../engine/types.js';
import type { Parameters } from '../plan/types.js';
import type { PrecisionLoss } from './precision-loss.js';

/**
 * `hard`: classification EM, each row whole to its likeliest component. `gradient`: gradient ascent on the marginal
 * likelihood, which uses nothing that was derived.
 */
export type Algorithm = 'em' | 'hard' | 'gradient';

export interface FitOptions {
  readonly seed: string;
  readonly restarts: number | undefined;
  readonly init: 'kmeans++' | 'random';
  /** rows that drawn starts run on before the best goes on with all; undefined: a sample where rows are many */
  readonly startRows: number | 'all' | undefined;
  readonly start: GivenStart | undefined;
  readonly algorithm: Algorithm;
  /** extrapolates the sequence of EM steps, with the objective never falling */
  readonly accelerate: boolean;
  readonly maxIterations: number;
  readonly tolerance: number;
  readonly engine: EngineName | 'auto';
  readonly precision: 'float64' | 'float32';
  readonly device: 'auto' | 'cpu' | 'gpu';
  readonly threads: number;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

export interface Progress {
  readonly restart: number;
  readonly restarts: number;
  readonly iteration: number;
  readonly objective: number;
}

/** The content of a `--start` file. */
export type Start =
  | { readonly kind: 'parameters'; readonly parameters: Readonly<Record<string, unknown>> }
  | { readonly kind: 'labels'; readonly labels: Readonly<Record<string, readonly number[]>> }
  | {
      readonly kind: 'responsibilities';
      readonly responsibilities: Readonly<Record<string, readonly (readonly number[])[]>>;
    };

/** A start as it is given: files do not say its kind. */
export type GivenStart = Start | WithoutKind<Start>;
type WithoutKind<S> = S extends Start ? Omit<S, 'kind'> : never;

export interface FitWarning {
  readonly code: string;
  readonly message: string;
}

export interface FitResult {
  /** what the trace is of */
  readonly objective: 'logLikelihood' | 'logPosterior' | 'inertia' | 'classificationLogLikelihood';
  /** `generalised-em`: steps that raise Q stand in the place of some updates */
  readonly algorithm: Algorithm | 'generalised-em';
  /** the parameters that those steps are for */
  readonly newton: readonly string[];
  /** parameters whose update maximises what lies below Q, where logarithms are replaced by tangents */
  readonly tangents: readonly string[];
  /** rows that the starts ran on, where those were a sample */
  readonly startRows: number | null;
  /** what float32 costs; null in float64 */
  readonly precisionLoss: PrecisionLoss | null;
  readonly logLikelihood: number | null;
  readonly logPosterior: number | null;
  readonly inertia: number | null;
  readonly iterations: number;
  readonly converged: boolean;
  readonly closedForm: boolean;
  readonly degreesOfFreedom: number | null;
  readonly bic: number | null;
  readonly aic: number | null;
  readonly icl: number | null;
  readonly seed: string;
  readonly restarts: number;
  readonly failedRestarts: number;
  readonly bestRestart: number;
  readonly trace: readonly number[];
  readonly parameters: Parameters;
  readonly engine: {
    readonly name: EngineName;
    readonly device: string;
    readonly precision: string;
    /** those that the session has, where it says so; else those that the engine may use */
    readonly threads: number;
    readonly version: string;
  };
  readonly timings: {
    readonly totalMs: number;
    readonly loadMs: number;
    readonly compileMs: number;
    readonly startMs: number;
    /** of each step of the best start; where starts run side by side a step waits for those of the others */
    readonly iterationsMs: readonly number[];
  };
  readonly warnings: readonly FitWarning[];
}

/** What can go wrong while fitting; words are in `diagnostics`. */
export type FitProblem =
  | {
      readonly kind: 'collapse';
      readonly parameter: string;
      readonly component: number | undefined;
      readonly detail: string;
      readonly allStarts: boolean;
      readonly starts: number;
    }
  | {
      readonly kind: 'not-determined';
      readonly parameter: string;
      readonly component: number | undefined;
      readonly detail: string;
    }
  | { readonly kind: 'fewer-rows-than-components'; readonly rows: number; readonly components: number }
  | { readonly kind: 'algorithm-not-possible'; readonly flag: string; readonly reason: string }
  | {
      readonly kind: 'too-many-combinations';
      /** the latents, and how many values each has */
      readonly latents: readonly { readonly name: string; readonly values: number }[];
      readonly limit: number;
    }
  | { readonly kind: 'start-invalid'; readonly symbol: string; readonly reason: string }
  | {
      readonly kind: 'out-of-range';
      readonly column: string;
      /** from 1, of the largest cell */
      readonly row: number;
      readonly value: number;
      /** too large, or all too near to each other */
      readonly size: 'large' | 'small';
      readonly limit: number;
      readonly precision: 'float64' | 'float32';
    }
  | { readonly kind: 'not-converged'; readonly iterations: number; readonly change: number }
  | { readonly kind: 'constant-needed'; readonly name: string }
  | {
      readonly kind: 'equations-contradict';
      readonly parameters: readonly string[];
      readonly equations: readonly string[];
    }
  | {
      readonly kind: 'unknown-constant';
      readonly name: string;
      readonly near: string | undefined;
      readonly known: readonly string[];
    }
  | { readonly kind: 'bad-constant'; readonly name: string; readonly value: string; readonly reason: string }
  | {
      readonly kind: 'missing-not-marginalisable';
      readonly column: string;
      readonly row: number;
      readonly count: number;
      readonly symbol: string;
    }
  | { readonly kind: 'interrupted'; readonly iterations: number };
