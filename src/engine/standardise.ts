/**
 * Columns shifted to their mean and scaled by about their standard deviation, in float64. Products of standardised
 * columns neither overflow nor lose what matters to a large mean. Scales are powers of two, so that scaling is exact.
 */
import type { Moments, Standardisation } from '../plan/types.js';
import { powerOfTwo } from '../linear-algebra/columns.js';
import { columnFacts } from './column-facts.js';
import type { RowData } from './types.js';

/** A column without spread keeps the scale 1. */
export function standardisationOf(data: RowData): Standardisation {
  const facts = columnFacts(data);
  return {
    shift: Float64Array.from(facts, (f) => f.mean),
    scale: Float64Array.from(facts, ({ spread }) => (spread > 0 ? powerOfTwo(spread) : 1)),
  };
}

/** The rows of u = (c − shift) / scale side by side, [C, N]. */
export function standardised(
  data: Pick<RowData, 'rows' | 'columns'>,
  { shift, scale }: Standardisation,
): Float64Array {
  const u = new Float64Array(data.columns.length * data.rows);
  data.columns.forEach((column, c) => {
    const from = c * data.rows;
    const origin = shift[c];
    const factor = 1 / scale[c];
    for (let i = 0; i < data.rows; i++) u[from + i] = (column[i] - origin) * factor;
  });
  return u;
}

/** The least and the largest value of each column, of those that are finite. */
export interface ColumnRanges {
  readonly least: Float64Array;
  readonly most: Float64Array;
}

export function rangesOf(data: RowData): ColumnRanges {
  const facts = columnFacts(data);
  return {
    least: Float64Array.from(facts, (f) => f.least),
    most: Float64Array.from(facts, (f) => f.most),
  };
}

/**
 * A mean lies among the values it is the mean of. Sums around an origin may put it outside by a rounding, and a proportion
 * of 1 + 1e-16 has no logarithm of what is left.
 */
export function keepMeansWithin({ least, most }: ColumnRanges, moments: Moments): Moments {
  const { weight, mean, columns } = moments;
  for (let at = 0; at < mean.length; at++) {
    const c = at % columns;
    if (weight[(at - c) / columns] > 0) mean[at] = Math.min(Math.max(mean[at], least[c]), most[c]);
  }
  return moments;
}

/** Columns whose infinities are 0: beside supports, rows that no component which counts them can have. */
export function finiteColumns(data: RowData): RowData {
  if ((data.supports ?? []).length === 0) return data;
  return { ...data, columns: data.columns.map((c) => c.map((x) => (Number.isFinite(x) ? x : 0))) };
}
