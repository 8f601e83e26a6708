/**
 * Columns shifted to their mean and scaled by about their standard deviation, in float64. Products of standardised
 * columns neither overflow nor lose what matters to a large mean. Scales are powers of two, so that scaling is exact.
 */
import type { Moments, Standardisation } from '../plan/types.js';
import type { RowData } from './types.js';

/** A column without spread, or with one too small to be told from its rounding, keeps the scale 1. */
export function standardisationOf(data: RowData): Standardisation {
  const shift = new Float64Array(data.columns.length);
  const scale = new Float64Array(data.columns.length).fill(1);
  data.columns.forEach((column, c) => {
    const mean = weightedMean(column, data.weights);
    const spread = rootMeanSquare(column, mean, data.weights);
    shift[c] = mean;
    if (spread > 0 && Number.isFinite(spread)) scale[c] = powerOfTwo(spread);
  });
  return { shift, scale };
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
  const least = new Float64Array(data.columns.length).fill(Infinity);
  const most = new Float64Array(data.columns.length).fill(-Infinity);
  data.columns.forEach((column, c) => {
    for (const x of column) {
      if (!Number.isFinite(x)) continue;
      if (x < least[c]) least[c] = x;
      if (x > most[c]) most[c] = x;
    }
  });
  return { least, most };
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

/** Two passes: the second takes the rounding out of the first. */
function weightedMean(column: Float64Array, weights: Float64Array | undefined): number {
  const largest = largestMagnitude(column, 0);
  if (!(largest > 0) || !Number.isFinite(largest)) return 0;
  const unit = powerOfTwo(largest);
  const about = (origin: number): number => {
    let sum = 0;
    let total = 0;
    for (let i = 0; i < column.length; i++) {
      const w = weights === undefined ? 1 : weights[i];
      sum += w * ((column[i] - origin) / unit);
      total += w;
    }
    return total > 0 ? (sum / total) * unit : 0;
  };
  const first = about(0);
  return first + about(first);
}

function rootMeanSquare(column: Float64Array, mean: number, weights: Float64Array | undefined): number {
  const largest = largestMagnitude(column, mean);
  if (!(largest > 0) || !Number.isFinite(largest)) return 0;
  let sum = 0;
  let total = 0;
  for (let i = 0; i < column.length; i++) {
    const w = weights === undefined ? 1 : weights[i];
    const d = (column[i] - mean) / largest;
    sum += w * d * d;
    total += w;
  }
  return total > 0 ? largest * Math.sqrt(sum / total) : 0;
}

function largestMagnitude(column: Float64Array, origin: number): number {
  let largest = 0;
  for (const x of column) largest = Math.max(largest, Math.abs(x - origin));
  return largest;
}

/** The power of two nearest below, kept within the range of normal numbers. */
export function powerOfTwo(x: number): number {
  return 2 ** Math.min(1022, Math.max(-1021, Math.floor(Math.log2(x))));
}

/** Columns whose infinities are 0: beside supports, rows that no component which counts them can have. */
export function finiteColumns(data: RowData): RowData {
  if ((data.supports ?? []).length === 0) return data;
  return { ...data, columns: data.columns.map((c) => c.map((x) => (Number.isFinite(x) ? x : 0))) };
}
