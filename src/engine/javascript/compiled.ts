/** Generated text becomes functions here, and nowhere else. */
import { functions } from '../../algebra/functions.js';
import { componentKernelSource } from '../../emit/javascript/component-kernel.js';
import { kernelSource } from '../../emit/javascript/kernel.js';
import type { KernelShape } from '../../emit/javascript/kernel-shape.js';
import { cholesky, inverseCholesky, inverseLower } from '../../linear-algebra/cholesky.js';
import { solveSymmetric } from '../../linear-algebra/symmetric.js';
import type { RowData } from '../types.js';

type Columns = readonly Float64Array[];
type Codes = readonly Int32Array[];

/** What the text of `emit/javascript/kernel.ts` returns. */
export interface Kernels {
  /** there unless rows belong to groups; returns the log-likelihood */
  readonly step?: (
    n: number,
    columns: Columns,
    codes: Codes,
    supports: readonly Uint8Array[],
    weights: Float64Array | undefined,
    labels: RowData['labels'],
    slots: Float64Array,
    sums: Columns,
    centres: Columns,
  ) => number;
  readonly posterior: (
    n: number,
    columns: Columns,
    codes: Codes,
    supports: readonly Uint8Array[],
    labels: RowData['labels'],
    slots: Float64Array,
    responsibilities: Float64Array,
    ofRow: Float64Array,
  ) => void;
  readonly moments: (
    n: number,
    columns: Columns,
    codes: Codes,
    weights: Float64Array | undefined,
    responsibilities: Float64Array,
    sums: Columns,
    centres: Columns,
  ) => void;
}

const values = Object.fromEntries(Object.entries(functions).map(([name, f]) => [name, f.value]));
const linear = { cholesky, inverseLower, inverseCholesky, solveSymmetric };

/** What was made lately of which text, the oldest first: code that is made anew has to become fast anew in every fit. */
const latest = new Map<string, unknown>();
const KEPT = 64;

/** The text names no input of the user's: numbers of nodes, columns, slots and parameters only. */
export function made<T>(source: string): T {
  const found = latest.has(source) ? latest.get(source) : evaluated(source);
  latest.delete(source);
  latest.set(source, found);
  if (latest.size > KEPT) latest.delete(latest.keys().next().value!);
  return found as T;
}

const evaluated = (source: string): unknown =>
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- made by emit/javascript
  new Function('functions', 'linear', source)(values, linear);

/** Whether this process lets text become functions; some forbid it, as a content security policy does. */
export function mayGenerate(): boolean {
  try {
    evaluated('');
    return true;
  } catch {
    return false;
  }
}

/** What the text of `emit/javascript/component-kernel.ts` returns. */
export interface ComponentKernels {
  readonly logits: (
    from: number,
    to: number,
    columns: Columns,
    codes: Codes,
    supports: readonly Uint8Array[],
    slots: Float64Array,
    component: number,
    add: number,
    responsibilities: Float64Array,
  ) => void;
  readonly posterior: (
    n: number,
    labels: RowData['labels'],
    responsibilities: Float64Array,
    ofRow: Float64Array,
  ) => void;
  readonly sums: (
    from: number,
    to: number,
    columns: Columns,
    codes: Codes,
    weights: Float64Array | undefined,
    responsibilities: Float64Array,
    component: number,
    places: readonly (readonly number[])[],
    spreads: readonly (readonly number[])[],
    sums: Columns,
    centres: Columns,
  ) => void;
}

export const compileComponentKernels = (shape: KernelShape): ComponentKernels =>
  made<ComponentKernels>(componentKernelSource(shape));

export const compileKernels = (shape: KernelShape): Kernels => made<Kernels>(kernelSource(shape));
