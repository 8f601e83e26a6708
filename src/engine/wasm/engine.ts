/**
 * The WebAssembly engine: kernels with SIMD on all cores, over rows in one memory that the threads share. Each kernel runs
 * the programs of one shape; what none of them runs is another engine's.
 */
import type { Program } from '../../plan/types.js';
import type { Engine, EngineOptions, EngineProblem } from '../types.js';
import { wasmFeatures } from './features.js';
import { kMeansKernel } from './k-means/kernel.js';
import type { Kernel } from './kernel.js';
import { bodyKernel, ROWS_PER_LANE } from './mixture/body-kernel.js';
import { mixtureKernel } from './mixture/kernel.js';
import { openPatterns } from './patterns/session.js';
import { whitenedKernel } from './whitened/kernel.js';
import { host } from '../../host/host.js';

const KERNELS: readonly Kernel[] = [kMeansKernel, whitenedKernel, mixtureKernel, bodyKernel];

/** Rows up to which what comes between the steps takes longer than they do; no thread is started for so few. */
const FEW = ROWS_PER_LANE;
const forFew: readonly Kernel[] = [bodyKernel, ...KERNELS];

/** Operations of a step for incomplete rows that repay writing and compiling a kernel of their own, in some fifty steps. */
const LEAST_INCOMPLETE = 1e6;

/** Whether a step of so few rows is done by the calling thread, without the others. */
export const isWasmForFew = (program: Program, rows: number): boolean =>
  wasmFeatures().ok && rows <= FEW && bodyKernel.whyNot(program, rows) === undefined;

/** Why no kernel runs the program on that many rows; undefined where one does. */
export function whyNotWasm(program: Program, rows: number): string | undefined {
  const features = wasmFeatures();
  if (!features.ok) return features.reason;
  const reasons = KERNELS.map((k) => k.whyNot(program, rows));
  // kernels may have the same reason
  return reasons.includes(undefined) ? undefined : [...new Set(reasons)].join('; ');
}

const kernelFor = (program: Program, rows: number): Kernel | undefined =>
  (rows <= FEW ? forFew : KERNELS).find((k) => k.whyNot(program, rows) === undefined);

/** Whether this engine was measured to be the fastest for large data of the program's shape. */
export const isWasmFastest = (program: Program, rows: number): boolean =>
  wasmFeatures().ok && kernelFor(program, rows)?.isFastest(program, rows) === true;

/** The engine, where the host can run it. Opening it for a program of which `whyNotWasm` says a reason is an error. */
export function openWasm(options: EngineOptions): {
  readonly engine: Engine | undefined;
  readonly problem: EngineProblem | undefined;
} {
  const unavailable = (reason: string) => ({
    engine: undefined,
    problem: { kind: 'engine-unavailable', engine: 'wasm', reason, command: undefined } as const,
  });
  if (options.device === 'gpu') return unavailable('it runs on the processor only');
  const features = wasmFeatures();
  if (!features.ok) return unavailable(features.reason);
  const { fused } = features;
  const threads = features.shared ? options.threads : 1;
  const engine: Engine = {
    name: 'wasm',
    precision: 'float64',
    device: 'cpu',
    threads,
    version: `${host.version}, SIMD${fused ? ' with fused multiply-add' : ''}`,
    open: (program, data) => {
      const kernel = kernelFor(program, data.rows);
      if (kernel === undefined) throw new Error(whyNotWasm(program, data.rows));
      return Promise.resolve(kernel.open(program, data, { threads, fused }));
    },
    openIncomplete: (program, rows) => {
      const opened = openPatterns(program, rows, { threads, fused }, LEAST_INCOMPLETE);
      return typeof opened === 'string' ? undefined : opened;
    },
  };
  return { engine, problem: undefined };
}
