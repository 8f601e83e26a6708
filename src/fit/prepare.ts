/** From a bound table to what an engine runs over: numbers for sizes and constants, and the plan's columns. */
import { sizeOf } from '../algebra/evaluate.js';
import { plateDim, rowsDim } from '../derive/translate.js';
import type { Dataset } from '../data/types.js';
import type { RowData } from '../engine/types.js';
import type { Model, SymbolName } from '../model/types.js';
import { program } from '../plan/program.js';
import type { ParameterArray, Plan, Program, Stratum } from '../plan/types.js';
import { derivedColumn } from './derived-column.js';
import type { FitProblem } from './types.js';

export type ConstantValue = number | readonly number[] | readonly (readonly number[])[];

/** Values of the model's constants: those of the file, overridden by `set`. */
export function constantValues(
  model: Model,
  set: Readonly<Record<string, ConstantValue>>,
): { readonly value: ReadonlyMap<SymbolName, ConstantValue>; readonly problems: readonly FitProblem[] } {
  const problems: FitProblem[] = [];
  const value = new Map<SymbolName, ConstantValue>();
  for (const name of Object.keys(set))
    if (!model.constants.some((c) => c.name === name))
      problems.push({
        kind: 'unknown-constant',
        name,
        near: undefined,
        known: model.constants.map((c) => c.name),
      });
  for (const constant of model.constants) {
    const given = set[constant.name] ?? constant.value;
    if (given === undefined) {
      if (model.limit?.constant !== constant.name)
        problems.push({ kind: 'constant-needed', name: constant.name });
      continue;
    }
    const reason = badConstant(constant, given);
    if (reason !== undefined)
      problems.push({ kind: 'bad-constant', name: constant.name, value: JSON.stringify(given), reason });
    else value.set(constant.name, given);
  }
  return { value, problems };
}

function badConstant(constant: Model['constants'][number], given: ConstantValue): string | undefined {
  const numbers = (Array.isArray(given) ? given.flat() : [given]) as readonly unknown[];
  if (numbers.some((x) => typeof x !== 'number' || !Number.isFinite(x)))
    return 'it is not a number, vector or matrix of finite numbers';
  if (constant.isSize && (typeof given !== 'number' || !Number.isInteger(given) || given < 1))
    return 'it must be a whole number, 1 or more';
  if (
    Array.isArray(given) &&
    given.some((row) => Array.isArray(row) && row.length !== (given[0] as readonly number[]).length)
  )
    return 'its rows have different lengths';
  const depth = Array.isArray(given) ? (Array.isArray(given[0]) ? 2 : 1) : 0;
  if (
    !constant.untyped &&
    depth !== constant.type.shape.length &&
    !(depth === 0 && constant.type.shape.length === 1)
  )
    return `it must be ${['a number', 'a vector', 'a matrix'][constant.type.shape.length] ?? 'an array'}`;
  if (constant.type.domain === 'positive' && numbers.some((x) => !((x as number) > 0)))
    return 'it must be positive';
  return undefined;
}

const toArray = (value: ConstantValue): ParameterArray => {
  if (typeof value === 'number') return { shape: [], data: Float64Array.of(value) };
  const isMatrix = Array.isArray(value[0]);
  const rows = value as readonly (readonly number[])[];
  return isMatrix
    ? { shape: [rows.length, rows[0].length], data: Float64Array.from(rows.flat()) }
    : { shape: [value.length], data: Float64Array.from(value as readonly number[]) };
};

/** Constants as arrays, for expressions. */
export const constantArrays = (
  constants: ReadonlyMap<string, ConstantValue>,
): ReadonlyMap<string, ParameterArray> =>
  new Map([...constants].map(([name, value]) => [name, toArray(value)]));

export interface Prepared {
  readonly program: Program;
  readonly data: RowData;
}

/** The sizes that a table tells, beside those that the model has: its rows, the columns of vectors, the groups. */
export function sizesOfData(model: Model, dataset: Dataset): Record<string, number> {
  const sizes: Record<string, number> = { [rowsDim(model)]: dataset.rows };
  for (const size of model.sizes) if (size.value !== undefined) sizes[size.name] = size.value;
  for (const [name, value] of dataset.sizes) sizes[name] = value;
  for (const [name, group] of dataset.groups) sizes[String(plateDim(name, model))] = group.levels.length;
  return sizes;
}

/** Joins plan, constants and data. The columns of plain data symbols are the dataset's own arrays, not copies. */
export function prepare(
  plan: Plan,
  dataset: Dataset,
  constants: ReadonlyMap<SymbolName, ConstantValue>,
): Prepared {
  const sizes = sizesOfData(plan.model, dataset);
  for (const [name, value] of constants) if (typeof value === 'number') sizes[name] = value;
  const missing = missingOf(plan, dataset);
  // N counts the rows that have something observed
  if (missing.hasMissing === true)
    sizes[rowsDim(plan.model)] = missing.weights!.reduce((n, w) => (w > 0 ? n + 1 : n), 0);
  const joined = program(plan, sizes, constantArrays(constants));
  return {
    program: joined,
    data: {
      ...missing,
      rows: dataset.rows,
      columns: columnsOf(joined, dataset),
      labels: plan.axes.map((axis) => dataset.labels.get(axis.latent)?.values),
      groups: groupsOf(plan, dataset),
      strata: plan.strata.slice(1).map((s) => combinations(s, joined, dataset)),
      supports: plan.supports.map((e) => Uint8Array.from(derivedColumn(e, joined, dataset))),
    },
  };
}

/** The group of each row, from 0. */
function groupsOf(plan: Plan, dataset: Dataset): RowData['groups'] {
  if (plan.grouping === undefined) return undefined;
  const codes = dataset.symbols.get(plan.grouping.symbol)!.values[0];
  const group = dataset.groups.get(plan.grouping.range.index as SymbolName)!;
  const of = new Int32Array(codes.length);
  for (let i = 0; i < of.length; i++) of[i] = codes[i] - 1;
  return { count: group.levels.length, of };
}

/** The combination of a stratum's values in each row, the last symbol fastest. */
function combinations(stratum: Stratum, joined: Program, dataset: Dataset): Int32Array {
  const parts = stratum.symbols.map(({ symbol, value }) => ({
    codes: dataset.symbols.get(symbol)!.values[0],
    size: sizeOf(value.dim, joined.sizes),
  }));
  return Int32Array.from({ length: dataset.rows }, (_, row) =>
    parts.reduce((at, p) => at * p.size + p.codes[row] - 1, 0),
  );
}

/** Weights, and whether cells are missing. A row with nothing observed has density 1: weight 0 leaves it out. */
function missingOf(plan: Plan, dataset: Dataset): Pick<RowData, 'weights' | 'hasMissing'> {
  const weights = dataset.weights?.values;
  const modelled = plan.model.data
    .filter((d) => d.line !== undefined)
    .map((d) => dataset.symbols.get(d.name)!);
  if (modelled.every((b) => b.missing === 0)) return { weights, hasMissing: false };
  const isEmpty = (row: number): boolean =>
    modelled.every((b) => b.values.every((v) => Number.isNaN(v[row])));
  const kept = Float64Array.from({ length: dataset.rows }, (_, row) =>
    isEmpty(row) ? 0 : (weights?.[row] ?? 1),
  );
  return { weights: kept, hasMissing: true };
}

function columnsOf(joined: Program, dataset: Dataset): readonly Float64Array[] {
  return joined.plan.groups.flatMap((group): readonly Float64Array[] => {
    if (group.kind === 'symbol') return dataset.symbols.get(group.symbol)!.values;
    return group.elements.map((expression) => derivedColumn(expression, joined, dataset));
  });
}
