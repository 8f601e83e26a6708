/** Some of the rows, in the order given. */
import type { RowData } from './types.js';

export function someRows(data: RowData, rows: ArrayLike<number>): RowData {
  const n = rows.length;
  /** of large data there are many: no call for each */
  const taken = <T extends Float64Array | Int32Array | Uint8Array>(from: T, into: T): T => {
    for (let at = 0; at < n; at++) into[at] = from[rows[at]];
    return into;
  };
  const floats = (x: Float64Array): Float64Array => taken(x, new Float64Array(n));
  const ints = (x: Int32Array): Int32Array => taken(x, new Int32Array(n));
  return {
    ...data,
    rows: n,
    columns: data.columns.map(floats),
    weights: data.weights && floats(data.weights),
    labels: data.labels.map((l) => l && ints(l)),
    groups: data.groups && { count: data.groups.count, of: ints(data.groups.of) },
    strata: (data.strata ?? []).map(ints),
    supports: (data.supports ?? []).map((s) => taken(s, new Uint8Array(n))),
  };
}
