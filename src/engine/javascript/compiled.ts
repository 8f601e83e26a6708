/** Generated text becomes functions here, and nowhere else. */
import { makeExponential } from '../../algebra/exponential.js';
import { makeGammaFunctions } from '../../algebra/gamma-functions.js';
import { functions } from '../../algebra/functions.js';
import { cholesky, inverseCholesky, inverseLower } from '../../linear-algebra/cholesky.js';
import { solveSymmetric } from '../../linear-algebra/symmetric.js';

const values = Object.fromEntries(Object.entries(functions).map(([name, f]) => [name, f.value]));
const linear = { cholesky, inverseLower, inverseCholesky, solveSymmetric };

/** The text names no input of the user's: numbers of nodes, columns, slots and parameters only. */
export function made<T>(source: string): T {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- made by emit/javascript
  return new Function('functions', 'linear', source)(values, linear) as T;
}

/** The functions that kernels of rows call, as a text: threads make them for themselves. */
export const KERNEL_FUNCTIONS = `({
  exponential: (${makeExponential.toString()})(),
  ...(${makeGammaFunctions.toString()})(),
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
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- made by emit/javascript
  return new Function('functions', source)(ofKernels) as unknown;
}

/** Whether this process lets text become functions; some forbid it, as a content security policy does. */
export function mayGenerate(): boolean {
  try {
    made<undefined>('');
    return true;
  } catch {
    return false;
  }
}
