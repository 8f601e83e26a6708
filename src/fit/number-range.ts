/**
 * Columns whose numbers leave no room for their squares. A variance of numbers around 1e150 is 1e300, and their sum of squares
 * no number at all; differences of 1e-200 have squares of 0. Engines then fail each in its own way, so all refuse such columns.
 */
import type { Engine } from '../engine/types.js';
import type { RowData } from '../engine/types.js';

export interface OutOfRange {
  readonly column: number;
  /** from 0 */
  readonly row: number;
  readonly value: number;
  /** `small`: all numbers of the column are nearer to each other than `limit` */
  readonly size: 'large' | 'small';
  readonly limit: number;
  readonly precision: Engine['precision'];
}

/** Squares, times many rows or the threshold of collapse, keep within 1e±308, in float32 within 1e±38. */
const LIMITS: Readonly<Record<Engine['precision'], number>> = { float64: 1e148, float32: 1e18 };

/** The first column that is out of range for a precision; undefined where there is none. Cells that are not finite are left out. */
export function outOfRange(
  columns: RowData['columns'],
  precision: Engine['precision'],
): OutOfRange | undefined {
  const limit = LIMITS[precision];
  for (const [column, values] of columns.entries()) {
    let [least, most, row, largest] = [Infinity, -Infinity, 0, 0];
    for (let i = 0; i < values.length; i++) {
      const x = values[i];
      if (!Number.isFinite(x)) continue;
      if (x < least) least = x;
      if (x > most) most = x;
      if (Math.abs(x) > largest) [largest, row] = [Math.abs(x), i];
    }
    const found = { column, row, value: values[row], precision };
    if (largest > limit) return { ...found, size: 'large', limit };
    if (most > least && most - least < 1 / limit) return { ...found, size: 'small', limit: 1 / limit };
  }
  return undefined;
}
