/** Rows in the order of what they miss. */
import type { Program } from '../../plan/types.js';
import { blockCodes } from '../reference/missing.js';
import type { RowData } from '../types.js';

/** Rows [from, to) miss the same columns, and their Gaussian blocks are of the same strata. */
export interface Pattern {
  readonly from: number;
  readonly to: number;
  readonly missing: ReadonlySet<number>;
  readonly codes: readonly number[];
}

export interface Patterns {
  /** which row stands at each place */
  readonly order: Int32Array;
  readonly patterns: readonly Pattern[];
}

export function patternsOf(program: Program, data: RowData): Patterns {
  const rows = new Map<string, Pick<Pattern, 'missing' | 'codes'> & { readonly rows: number[] }>();
  for (let i = 0; i < data.rows; i++) {
    const missing = data.columns.flatMap((c, at) => (Number.isNaN(c[i]) ? [at] : []));
    const codes = blockCodes(program, data, i);
    const key = `${missing.join()} ${codes.join()}`;
    const known = rows.get(key);
    if (known === undefined) rows.set(key, { missing: new Set(missing), codes, rows: [i] });
    else known.rows.push(i);
  }
  let from = 0;
  const found = [...rows.values()];
  return {
    order: Int32Array.from(found.flatMap((f) => f.rows)),
    patterns: found.map(({ missing, codes, rows: own }): Pattern => {
      const to = from + own.length;
      const pattern = { from, to, missing, codes };
      from = to;
      return pattern;
    }),
  };
}

/** Numbers of rows, `width` each, as they stand in an order. */
export function ordered(values: Float64Array, order: Int32Array, width: number): Float64Array {
  const found = new Float64Array(values.length);
  order.forEach((row, at) => {
    for (let e = 0; e < width; e++) found[at * width + e] = values[row * width + e];
  });
  return found;
}

/** The order that takes an order back. */
export function inverse(order: Int32Array): Int32Array {
  const back = new Int32Array(order.length);
  order.forEach((row, at) => (back[row] = at));
  return back;
}
