/** Generated text becomes functions here, and nowhere else. */
import { functions } from '../../algebra/functions.js';
import { partsOf } from '../../algebra/traverse.js';
import type { Expr } from '../../algebra/types.js';
import { componentKernelSource } from '../../emit/javascript/component-kernel.js';
import { kernelSource } from '../../emit/javascript/kernel.js';
import type { KernelShape } from '../../emit/javascript/kernel-shape.js';
import { sumKernelSource } from '../../emit/javascript/sum-kernel.js';
import { cholesky, inverseCholesky, inverseLower } from '../../linear-algebra/cholesky.js';
import { solveSymmetric } from '../../linear-algebra/symmetric.js';
import { lowerSum } from '../../plan/lower-rows.js';
import { hoistRows } from '../../plan/passes/hoist-rows.js';
import { nodeText } from '../../plan/row-body.js';
import type { NodeId, RowBody } from '../../plan/row-body.js';
import { rowValues } from '../../plan/row-values.js';
import { setStratum } from '../../plan/program.js';
import { fillSlots } from '../../plan/slots.js';
import type { Moments, Program, RowSumPlace } from '../../plan/types.js';
import { rowPoints, rowSum } from '../reference/row-sums.js';
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

type SumKernel = (
  n: number,
  columns: Columns,
  weights: Float64Array | undefined,
  code: Int32Array | undefined,
  combination: number,
  responsibilities: Float64Array | undefined,
  width: number,
  component: number,
  slots: Float64Array,
  out: Float64Array,
) => void;

interface CompiledSum {
  /** those of the data, then what is computed of them once */
  readonly columns: Columns;
  readonly body: RowBody;
  readonly kernel: SumKernel;
  readonly slots: Float64Array;
  readonly entries: number;
}

/** What moments read of the rows themselves, under responsibilities [N, K]. */
export function rowReading(
  program: Program,
  data: RowData,
): (responsibilities: Float64Array) => Pick<Moments, 'rowSum' | 'rowPoints'> {
  const sumOf = rowSums(program, data);
  return (responsibilities) => ({
    rowSum: (e, at) => sumOf(e, at, responsibilities),
    rowPoints: (value, weight, at) => rowPoints(value, weight, at, program, data, responsibilities),
  });
}

/** Sums over the rows, compiled when they are first asked for. */
type RowSums = (body: Expr, at: RowSumPlace, responsibilities: Float64Array) => Float64Array;

function rowSums(program: Program, data: RowData): RowSums {
  if (!mayGenerate()) return (e, at, responsibilities) => rowSum(e, at, program, data, responsibilities);
  const compiled = new WeakMap<Expr, Map<string, CompiledSum>>();
  const known = new Map<string, Float64Array>();
  return (e, at, responsibilities) => {
    const indices: Record<string, number> = { ...at.indices };
    if (at.stratum > 0) setStratum(program, indices, at.stratum, at.combination);
    const found = compiledSum(compiled, e, program, indices, data, known);
    fillSlots(found.body, program, at.parameters, found.slots, indices);
    const out = new Float64Array(found.entries);
    found.kernel(
      data.rows,
      found.columns,
      data.weights,
      at.stratum > 0 ? data.strata![at.stratum - 1] : undefined,
      at.combination,
      at.component === undefined ? undefined : responsibilities,
      program.components,
      at.component ?? 0,
      found.slots,
      out,
    );
    return out;
  };
}

/** The indices say which coordinate of a vector is meant, so each combination of them may be code of its own. */
function compiledSum(
  compiled: WeakMap<Expr, Map<string, CompiledSum>>,
  e: Expr,
  program: Program,
  indices: Readonly<Record<string, number>>,
  data: RowData,
  known: Map<string, Float64Array>,
): CompiledSum {
  const own = compiled.get(e) ?? new Map<string, CompiledSum>();
  compiled.set(e, own);
  const key = coordinatesIn(e)
    .map((index) => `${index} ${String(indices[index])}`)
    .join();
  const found = own.get(key);
  if (found !== undefined) return found;
  const lowered = lowerSum(e, program, indices);
  const { body, once } = hoistRows(lowered.body, [lowered.shared, ...lowered.entries], data.columns.length);
  const result = {
    body,
    columns: [...data.columns, ...once.map((id) => onceIn(lowered.body, id, data, known))],
    kernel: made<SumKernel>(sumKernelSource({ ...lowered, body })),
    slots: new Float64Array(lowered.body.slots),
    entries: lowered.entries.length,
  };
  own.set(key, result);
  return result;
}

/** The values of a node in all rows; sums that read the same expression of the data share them. */
function onceIn(body: RowBody, id: NodeId, data: RowData, known: Map<string, Float64Array>): Float64Array {
  const key = nodeText(body, id);
  const found = known.get(key) ?? rowValues(body, [id], data.rows, data.columns, data.supports ?? [])[0];
  known.set(key, found);
  return found;
}

const coordinates = new WeakMap<Expr, readonly string[]>();

/** The running indices that choose coordinates of data. */
function coordinatesIn(e: Expr): readonly string[] {
  const known = coordinates.get(e);
  if (known !== undefined) return known;
  const found = new Set<string>();
  const visit = (part: Expr): void => {
    if (part.kind === 'element')
      for (const c of part.coordinates) if (c.kind === 'running') found.add(c.index);
    partsOf(part).forEach(visit);
  };
  visit(e);
  const list = [...found].sort();
  coordinates.set(e, list);
  return list;
}
