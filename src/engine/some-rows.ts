/** Some of the rows, in the order given. */
import type { RowData } from './types.js';

export function someRows(data: RowData, rows: ArrayLike<number>): RowData {
  const floats = (x: Float64Array): Float64Array => Float64Array.from(rows, (i) => x[i]);
  const ints = (x: Int32Array): Int32Array => Int32Array.from(rows, (i) => x[i]);
  return {
    ...data,
    rows: rows.length,
    columns: data.columns.map(floats),
    weights: data.weights && floats(data.weights),
    labels: data.labels.map((l) => l && ints(l)),
    groups: data.groups && { count: data.groups.count, of: ints(data.groups.of) },
    strata: (data.strata ?? []).map(ints),
    supports: (data.supports ?? []).map((s) => Uint8Array.from(rows, (i) => s[i])),
  };
}
