/** Generated text becomes functions here, and nowhere else. */
import { makeExponential } from '../../algebra/exponential.js';
import { functions } from '../../algebra/functions.js';
import { cholesky, inverseCholesky, inverseLower } from '../../linear-algebra/cholesky.js';
import { solveSymmetric } from '../../linear-algebra/symmetric.js';

const values = {
  ...Object.fromEntries(Object.entries(functions).map(([name, f]) => [name, f.value])),
  exponential: makeExponential(),
};
const linear = { cholesky, inverseLower, inverseCholesky, solveSymmetric };

/** The text names no input of the user's: numbers of nodes, columns, slots and parameters only. */
export function made<T>(source: string): T {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- made by emit/javascript
  return new Function('functions', 'linear', source)(values, linear) as T;
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
