/**
 * Which engine runs a fit. `auto` decides from the plan's size and what is installed, before anything is loaded.
 *
 * Loading TensorFlow costs half a second and 370 MB, plain JavaScript nothing. Measured on two cores, the reference engine
 * does about 1.5e8 multiply-adds a second and the TensorFlow graph 20 to 50 times that, so TensorFlow pays where a step
 * has more than 1e6 multiply-adds, or where the steps expected would take more than half a second in JavaScript.
 */
import { whyNotEmitted, whyNotPlain } from '../plan/plain.js';
import type { Program } from '../plan/types.js';
import { referenceEngine } from './reference/engine.js';
import { isTensorFlowInstalled } from './tensorflow/load.js';
import type { Engine, EngineName, EngineProblem } from './types.js';

export interface EngineRequest {
  readonly engine: EngineName | 'auto';
  readonly precision: 'float64' | 'float32';
  readonly device: 'auto' | 'cpu' | 'gpu';
  readonly threads: number;
  /** some cells are missing: the reference engine integrates them out */
  readonly hasMissing: boolean;
  /** EM steps that the fit may take, all starts together */
  readonly steps: number;
}

export interface Choice {
  readonly engine: Engine | undefined;
  readonly problem: EngineProblem | undefined;
  /** one line for `--verbose` */
  readonly why: string;
}

const STEP_LIMIT = 1e6;
const TOTAL_LIMIT = 7.5e7;

/** Multiply-adds of one step: every row, component and feature, twice (logits and sums). */
export function multiplyAdds(program: Program, rows: number): number {
  const c = program.columns.length;
  const { statistics, logits } = program.plan.pairs;
  const pairs =
    statistics === 'all' || logits === 'all'
      ? (c * (c + 1)) / 2
      : statistics === 'squares' || logits === 'squares'
        ? c
        : 0;
  return rows * program.components * (1 + c + pairs);
}

/** The name that `auto` stands for, and why. */
export function automatic(
  program: Program,
  rows: number,
  request: EngineRequest,
): { readonly name: EngineName; readonly why: string } {
  if (request.hasMissing)
    return { name: 'reference', why: 'some cells are missing, which it integrates out' };
  if (request.precision === 'float32')
    return { name: 'tfjs', why: 'float32 was asked for, which the tfjs engine computes in' };
  const special = whyNotPlain(program.plan);
  if (special !== undefined) return { name: 'reference', why: `it alone runs ${special}` };
  const work = multiplyAdds(program, rows);
  const large = work > STEP_LIMIT || work * request.steps > TOTAL_LIMIT;
  const size = `${work.toExponential(1)} multiply-adds a step`;
  if (!large) return { name: 'reference', why: `${size}: done before TensorFlow would be loaded` };
  const installed = isTensorFlowInstalled();
  if (!installed.ok)
    return {
      name: 'reference',
      why: `${size}: TensorFlow would be faster, but ${installed.reason} (gmm doctor --setup)`,
    };
  return { name: 'tensorflow', why: `${size}: large enough for TensorFlow` };
}

export async function chooseEngine(program: Program, rows: number, request: EngineRequest): Promise<Choice> {
  const picked =
    request.engine === 'auto'
      ? automatic(program, rows, request)
      : { name: request.engine, why: 'asked for' };
  const why = `engine ${picked.name}: ${picked.why}`;
  const options = { threads: request.threads, device: request.device };
  if (request.hasMissing && picked.name !== 'reference')
    return unavailable(
      picked.name,
      'it does not integrate missing cells out; --engine reference does',
      undefined,
      why,
    );
  const special =
    picked.name === 'reference'
      ? undefined
      : picked.name === 'tfjs'
        ? whyNotEmitted(program.plan)
        : whyNotPlain(program.plan);
  if (special !== undefined)
    return unavailable(picked.name, `it does not run ${special}; --engine reference does`, undefined, why);
  switch (picked.name) {
    case 'reference':
      if (request.precision === 'float32')
        return unavailable('reference', 'it computes in float64 only', undefined, why);
      return { engine: referenceEngine, problem: undefined, why };
    case 'tensorflow': {
      if (request.precision === 'float32')
        return unavailable(
          'tensorflow',
          'its graph computes in float64 only; --engine tfjs has float32',
          undefined,
          why,
        );
      const { openTensorFlow } = await import('./tensorflow/engine.js');
      return { ...(await openTensorFlow(options)), why };
    }
    case 'tfjs': {
      const { openTfjs } = await import('./tfjs/engine.js');
      return { ...(await openTfjs(options)), why };
    }
    case 'javascript':
    case 'wasm':
    case 'webgpu':
      return unavailable(picked.name, 'it is not part of this version', undefined, why);
  }
}

const unavailable = (
  engine: EngineName,
  reason: string,
  command: string | undefined,
  why: string,
): Choice => ({
  engine: undefined,
  problem: { kind: 'engine-unavailable', engine, reason, command },
  why,
});
