/** Sums over the rows, and points of a median, that no moment gives: the score of a regression on a log scale. */
import { frameOf } from '../../plan/frame.js';
import { setStratum } from '../../plan/program.js';
import { rowEntries, rowFunction } from '../../plan/row-function.js';
import type { RowFrame } from '../../plan/row-function.js';
import type { Program, RowPoints, RowSumPlace } from '../../plan/types.js';
import type { Expr } from '../../algebra/types.js';
import type { RowData } from '../types.js';

/** Σ_i w r e, entry by entry; `responsibilities` is [N, K]. */
export function rowSum(
  body: Expr,
  at: RowSumPlace,
  program: Program,
  data: RowData,
  responsibilities: Float64Array,
): Float64Array {
  const { shared, entries } = rowEntries(body, frameAt(at, program, data));
  const sums = new Float64Array(entries.length);
  forEachRow(at, program, data, responsibilities, (i, w) => {
    const x = w * shared(i);
    if (x !== 0) for (let e = 0; e < entries.length; e++) sums[e] = sums[e] + x * entries[e](i);
  });
  return sums;
}

/** The values of an expression in the rows, each with w r times another one. */
export function rowPoints(
  value: Expr,
  weight: Expr,
  at: RowSumPlace,
  program: Program,
  data: RowData,
  responsibilities: Float64Array,
): RowPoints {
  const frame = frameAt(at, program, data);
  const [valueOf, weightOf] = [rowFunction(value, frame), rowFunction(weight, frame)];
  const [values, weights] = [new Float64Array(data.rows), new Float64Array(data.rows)];
  let n = 0;
  forEachRow(at, program, data, responsibilities, (i, w) => {
    values[n] = valueOf(i);
    weights[n++] = w * weightOf(i);
  });
  return { values: values.subarray(0, n), weights: weights.subarray(0, n) };
}

function frameAt(at: RowSumPlace, program: Program, data: RowData): RowFrame {
  const frame = frameOf(program, at.parameters);
  Object.assign(frame.indices, at.indices);
  if (at.stratum > 0) setStratum(program, frame.indices, at.stratum, at.combination);
  return { program, frame, columns: data.columns };
}

/** Calls with w r of each row of the place, where it is not 0. */
function forEachRow(
  at: RowSumPlace,
  program: Program,
  data: RowData,
  responsibilities: Float64Array,
  body: (row: number, weight: number) => void,
): void {
  const codes = at.stratum > 0 ? data.strata![at.stratum - 1] : undefined;
  const k = program.components;
  for (let i = 0; i < data.rows; i++) {
    if (codes !== undefined && codes[i] !== at.combination) continue;
    let w = data.weights === undefined ? 1 : data.weights[i];
    if (at.component !== undefined) w *= responsibilities[i * k + at.component];
    if (w !== 0) body(i, w);
  }
}
