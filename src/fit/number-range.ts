/**
 * Columns whose numbers leave no room for their squares. A variance of numbers around 1e150 is 1e300, and their sum of squares
 * no number at all; differences of 1e-200 have squares of 0. Engines then fail each in its own way, so all refuse such columns.
 */
import { columnFacts } from '../engine/column-facts.js';
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
  data: Pick<RowData, 'columns' | 'weights'>,
  precision: Engine['precision'],
): OutOfRange | undefined {
  const limit = LIMITS[precision];
  for (const [column, { least, most }] of columnFacts(data).entries()) {
    const largest = Math.max(-least, most);
    const isLarge = largest > limit;
    if (!isLarge && !(most > least && most - least < 1 / limit)) continue;
    const values = data.columns[column];
    const row = values.indexOf(most < largest ? least : most);
    const found = { column, row, value: values[row], precision };
    return isLarge ? { ...found, size: 'large', limit } : { ...found, size: 'small', limit: 1 / limit };
  }
  return undefined;
}
