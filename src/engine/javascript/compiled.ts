/** Generated text becomes functions here, and nowhere else. */
import { makeExponential } from '../../algebra/exponential.js';
import { digamma, lgamma, trigamma } from '../../algebra/gamma-functions.js';
import { functions } from '../../algebra/functions.js';
import { cholesky, inverseCholesky, inverseLower } from '../../linear-algebra/cholesky.js';
import { solveSymmetric } from '../../linear-algebra/symmetric.js';
import { keptLatest } from '../latest.js';

const values = Object.fromEntries(Object.entries(functions).map(([name, f]) => [name, f.value]));
const linear = { cholesky, inverseLower, inverseCholesky, solveSymmetric };

/** By their texts: code that is made anew has to become fast anew in every fit. */
const latest = keptLatest<unknown>(64);

/** The text names no input of the user's: numbers of nodes, columns, slots and parameters only. */
export function made<T>(source: string): T {
  return latest(source, () => evaluated(source, values, linear)) as T;
}

/** The functions that kernels of rows call, as a text: threads make them for themselves. */
export const KERNEL_FUNCTIONS = `({
  exponential: (${makeExponential.toString()})(),
  lgamma: ${lgamma.toString()},
  digamma: ${digamma.toString()},
  trigamma: ${trigamma.toString()},
  cos: Math.cos,
  sin: Math.sin,
  ${(['logistic', 'softplus', 'logbesseli0', 'besselratio'] as const)
    .map((name) => `${name}: ${functions[name].value.toString()},`)
    .join('\n  ')}
})`;
let ofKernels: unknown;

/** What the text of kernels of rows returns. */
export function madeKernels(source: string): unknown {
  ofKernels ??= made<unknown>(`return ${KERNEL_FUNCTIONS};`);
  return latest(source, () => evaluated(source, ofKernels, undefined));
}

const evaluated = (source: string, functions: unknown, algebra: unknown): unknown =>
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- made by emit/javascript
  new Function('functions', 'linear', source)(functions, algebra);

/** Whether this process lets text become functions; some forbid it, as a content security policy does. */
export function mayGenerate(): boolean {
  try {
    evaluated('', undefined, undefined);
    return true;
  } catch {
    return false;
  }
}
