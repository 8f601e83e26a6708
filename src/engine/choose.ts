/**
 * Which engine runs a fit. `auto` decides from the plan's size and what is installed, before anything is loaded.
 *
 * Loading TensorFlow costs half a second and 370 MB, generated JavaScript nothing. Measured (docs/performance.md), the two
 * take the same time for a step of about 2e6 multiply-adds, whatever their number; above that TensorFlow is 2 to 25 times
 * faster, and pays unless there are only a few such steps. Starting threads of WebAssembly costs a twentieth of a second, and
 * a step of theirs as much as 2e5 multiply-adds in JavaScript; where they have a kernel for the program, it is no slower than
 * TensorFlow. Few rows need no threads: writing and compiling a kernel costs a hundredth of a second then, and a step half of
 * what JavaScript takes. Where log densities are no polynomials of the columns, TensorFlow takes the numbers of a row one by one
 * too, and JavaScript on as many threads is one to four times as fast, up to some hundred multiply-adds a row.
 */
import { rowsDim } from '../derive/translate.js';
import { numberOf, operationsOf, totalOf } from '../plan/cost.js';
import { whyNotPlain } from '../plan/plain.js';
import type { Program } from '../plan/types.js';
import { exchanging } from './exchange.js';
import { withIncompleteRows } from './incomplete.js';
import { mayGenerate } from './javascript/compiled.js';
import { openJavascript } from './javascript/engine.js';
import { referenceEngine } from './reference/engine.js';
import { isTensorFlowInstalled, openTensorFlow, openTfjs } from './libraries.js';
import type { Engine, EngineName, EngineOptions, EngineProblem } from './types.js';
import { isWasmFastest, isWasmForFew, openWasm, whyNotWasm } from './wasm/engine.js';

export interface EngineRequest {
  readonly engine: EngineName | 'auto';
  readonly precision: 'float64' | 'float32';
  readonly device: 'auto' | 'cpu' | 'gpu';
  readonly threads: number;
  /** EM steps that the fit may take, all starts together */
  readonly steps: number;
}

export interface Choice {
  readonly engine: Engine | undefined;
  readonly problem: EngineProblem | undefined;
  /** one line for `--verbose` */
  readonly why: string;
}

/** Multiply-adds of a step above which TensorFlow, and threads of WebAssembly, are faster than JavaScript. */
const STEP_LIMIT = 2e6;
const WASM_STEP_LIMIT = 2e5;
/** Multiply-adds of all steps above which starting TensorFlow, and threads of WebAssembly, pays. */
const TOTAL_LIMIT = 3e7;
const WASM_TOTAL_LIMIT = 1e7;

/** Multiply-adds of a row up to which JavaScript is faster than TensorFlow, where the latter has no products of matrices for them. */
const ROW_LIMIT = 300;

/** Multiply-adds of the logits and sums of one step, row by row: nothing leaves the softmax, no sum is made once for all. */
export function multiplyAdds({ plan, sizes }: Program, rows: number): number {
  const operations = operationsOf({ ...plan, sharedQuadratic: false, pooledScatter: false });
  const count = totalOf(operations, 'multiplyAdds', ['logits', 'sums']);
  return numberOf(count, { ...sizes, [rowsDim(plan.model)]: rows });
}

/** The name that `auto` stands for, and why. */
export function automatic(
  program: Program,
  rows: number,
  request: EngineRequest,
): { readonly name: EngineName; readonly why: string } {
  if (request.precision === 'float32')
    return isTensorFlowInstalled().ok && whyNotPlain(program.plan) === undefined
      ? { name: 'tensorflow', why: 'float32 was asked for, in which TensorFlow computes too' }
      : { name: 'tfjs', why: 'float32 was asked for, in which the tfjs engine computes' };
  const work = multiplyAdds(program, rows);
  const total = work * request.steps;
  const large = work > STEP_LIMIT && total > TOTAL_LIMIT;
  const size = `${work.toExponential(1)} multiply-adds a step`;
  const name = mayGenerate() ? 'javascript' : 'reference';
  if (work > WASM_STEP_LIMIT && total > WASM_TOTAL_LIMIT && isWasmFastest(program, rows))
    return { name: 'wasm', why: `${size}: WebAssembly on all cores, which has a kernel for this model` };
  if (total > WASM_TOTAL_LIMIT && isWasmForFew(program, rows))
    return { name: 'wasm', why: `${size}: a WebAssembly kernel for few rows` };
  if (!large) return { name, why: `${size}: too few for a larger engine to pay` };
  if (name === 'javascript' && whyNotPlain(program.plan) !== undefined && work <= ROW_LIMIT * rows)
    return { name, why: `${size}: few for each row, which generated code goes through on all cores` };
  const installed = isTensorFlowInstalled();
  if (!installed.ok)
    return {
      name,
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
  switch (picked.name) {
    case 'reference':
      if (request.precision === 'float32')
        return unavailable('reference', 'it computes in float64 only', undefined, why);
      return { engine: referenceEngine, problem: undefined, why };
    case 'javascript':
      if (request.precision === 'float32')
        return unavailable('javascript', 'it computes in float64 only', undefined, why);
      return { ...whole(openJavascript(options)), why };
    case 'tensorflow': {
      const reason = request.precision === 'float32' ? whyNotPlain(program.plan) : undefined;
      if (reason !== undefined)
        return unavailable(
          'tensorflow',
          `its float32 is not for models with ${reason}; --engine tfjs has it for all`,
          undefined,
          why,
        );
      return { ...whole(await openTensorFlow({ ...options, precision: request.precision })), why };
    }
    case 'tfjs':
      return { ...whole(await openTfjs(options)), why };
    case 'wasm': {
      if (request.precision === 'float32')
        return unavailable('wasm', 'its answers are in float64 only', undefined, why);
      const reason = whyNotWasm(program, rows);
      if (reason !== undefined) return unavailable('wasm', reason, undefined, why);
      const opened = openWasm(options);
      return { ...whole(request.engine === 'auto' ? withTensorFlow(opened, options) : opened), why };
    }
    case 'webgpu':
      return { ...whole(await openTfjs({ ...options, backend: 'webgpu' })), why };
  }
}

/** Where it leaves little out, TensorFlow takes turns with it, if it is there. */
const withTensorFlow = (
  opened: Pick<Choice, 'engine' | 'problem'>,
  options: EngineOptions,
): Pick<Choice, 'engine' | 'problem'> => ({
  ...opened,
  engine:
    opened.engine &&
    exchanging(opened.engine, async () =>
      isTensorFlowInstalled().ok ? (await openTensorFlow(options)).engine : undefined,
    ),
});

/** An engine that is there runs data with missing cells too. */
const whole = (opened: Pick<Choice, 'engine' | 'problem'>): Pick<Choice, 'engine' | 'problem'> => ({
  ...opened,
  engine: opened.engine && withIncompleteRows(opened.engine),
});

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
