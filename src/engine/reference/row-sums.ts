/** Sums over the rows of expressions that no moment gives, such as the score of a regression on a log scale. */
import { frameOf } from '../../plan/frame.js';
import { setStratum } from '../../plan/program.js';
import { rowEntries } from '../../plan/row-function.js';
import type { RowSumPlace, Program } from '../../plan/types.js';
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
  const frame = frameOf(program, at.parameters);
  Object.assign(frame.indices, at.indices);
  if (at.stratum > 0) setStratum(program, frame.indices, at.stratum, at.combination);
  const codes = at.stratum > 0 ? data.strata![at.stratum - 1] : undefined;
  const { shared, entries } = rowEntries(body, { program, frame, columns: data.columns });
  const sums = new Float64Array(entries.length);
  const k = program.components;
  for (let i = 0; i < data.rows; i++) {
    if (codes !== undefined && codes[i] !== at.combination) continue;
    let w = data.weights === undefined ? 1 : data.weights[i];
    if (at.component !== undefined) w *= responsibilities[i * k + at.component];
    if (w === 0) continue;
    const x = w * shared(i);
    if (x !== 0) for (let e = 0; e < entries.length; e++) sums[e] = sums[e] + x * entries[e](i);
  }
  return sums;
}
