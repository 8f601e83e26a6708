/** Weighted moments of the columns per component, in two passes: means first, then scatter around them. */
import type { Moments, Program } from '../../plan/types.js';
import type { RowData } from '../types.js';
import type { Fill, Filled } from './missing.js';

/** Rows that are not complete, and how each component fills them. */
export interface Incomplete {
  readonly rows: ReadonlySet<number>;
  readonly fill: readonly Fill[];
}

/** `responsibilities` is [N, K] row-major, without the row weights; of a stratum per combination of its values. */
export function momentsOf(
  program: Program,
  data: RowData,
  responsibilities: Float64Array,
  incomplete?: Incomplete,
  stratum = 0,
): Moments {
  const combinations = program.strataSizes[stratum];
  const k = program.components * combinations;
  const c = program.columns.length;
  const { pairs } = program.plan.strata[stratum];
  const weight = new Float64Array(k);
  const mean = new Float64Array(k * c);
  const scatter = new Float64Array(pairs === 'none' ? 0 : pairs === 'squares' ? k * c : k * c * c);
  const rows = weightedRows(program, data, responsibilities, incomplete, stratum);
  rows((j, r, x) => {
    weight[j] += r;
    for (let a = 0; a < c; a++) mean[j * c + a] += r * x[a];
  });
  for (let j = 0; j < k; j++)
    for (let a = 0; a < c; a++) mean[j * c + a] = weight[j] > 0 ? mean[j * c + a] / weight[j] : 0;
  if (pairs === 'none') return { components: k, columns: c, weight, mean, scatter };
  const d = new Float64Array(c);
  rows((j, r, x, filled) => {
    for (let a = 0; a < c; a++) d[a] = x[a] - mean[j * c + a];
    if (pairs === 'squares') for (let a = 0; a < c; a++) scatter[j * c + a] += r * d[a] * d[a];
    else
      for (let a = 0; a < c; a++) {
        const rd = r * d[a];
        const at = (j * c + a) * c;
        for (let b = a; b < c; b++) scatter[at + b] += rd * d[b];
      }
    if (filled !== undefined) addSpread(filled, j, r, c, pairs, scatter);
  });
  if (pairs === 'all')
    for (let j = 0; j < k; j++)
      for (let a = 0; a < c; a++)
        for (let b = 0; b < a; b++) scatter[(j * c + a) * c + b] = scatter[(j * c + b) * c + a];
  return { components: k, columns: c, weight, mean, scatter };
}

type Visit = (component: number, weight: number, values: Float64Array, filled: Filled | undefined) => void;

/** Visits every row and component of positive weight, with the row's values as the component has them. */
function weightedRows(
  program: Program,
  data: RowData,
  responsibilities: Float64Array,
  incomplete: Incomplete | undefined,
  stratum: number,
): (visit: Visit) => void {
  const k = program.components;
  const combinations = program.strataSizes[stratum];
  const codes = stratum === 0 ? undefined : data.strata![stratum - 1];
  const { columns, weights } = data;
  const values = new Float64Array(columns.length);
  return (visit) => {
    for (let i = 0; i < data.rows; i++) {
      const w = weights === undefined ? 1 : weights[i];
      if (w === 0) continue;
      const isComplete = incomplete === undefined || !incomplete.rows.has(i);
      if (isComplete) for (let a = 0; a < columns.length; a++) values[a] = columns[a][i];
      for (let j = 0; j < k; j++) {
        const r = w * responsibilities[i * k + j];
        if (r === 0) continue;
        const filled = isComplete ? undefined : incomplete.fill[j](i);
        visit(j * combinations + (codes === undefined ? 0 : codes[i]), r, filled?.values ?? values, filled);
      }
    }
  };
}

/** The spread of filled cells: upper triangle only, like the rest of the scatter. */
function addSpread(
  filled: Filled,
  component: number,
  r: number,
  c: number,
  pairs: 'squares' | 'all',
  scatter: Float64Array,
): void {
  for (const { columns, covariance } of filled.spread)
    columns.forEach((a, m) => {
      columns.forEach((b, n) => {
        const x = r * covariance[m * columns.length + n];
        if (pairs === 'squares') {
          if (a === b) scatter[component * c + a] += x;
        } else if (a <= b) scatter[(component * c + a) * c + b] += x;
      });
    });
}
