/** Rows in groups of eight that are alike, as `emit/wasm/patterns` reads them. */
import { GROUP } from '../../../emit/wasm/grouped/types.js';
import { heldColumns, heldPlace, kindNumbers } from '../../../emit/wasm/patterns/types.js';
import type { PatternLayout, PatternShape } from '../../../emit/wasm/patterns/types.js';
import type { Memory } from '../../../host/webassembly.js';
import type { PatternRows } from '../../patterns.js';
import type { RowData } from '../../types.js';
import { float64In, int32In } from '../memory.js';

export interface Groups {
  /** the first row of each, and the end of the rows */
  readonly firsts: Int32Array;
  /** the pattern of each */
  readonly patterns: Int32Array;
}

/** A group ends with its pattern, and where a stratum or support changes. */
export function groupsOf({ data, patterns }: PatternRows): Groups {
  const kinds = kindsOf(data);
  const firsts: number[] = [];
  const ofGroups: number[] = [];
  patterns.forEach(({ from, to }, pattern) => {
    for (let first = from, next = from; first < to; first = next) {
      firsts.push(first);
      ofGroups.push(pattern);
      const end = Math.min(first + GROUP, to);
      for (next++; next < end; next++) if (kinds.some((codes) => codes[next] !== codes[first])) break;
    }
  });
  return { firsts: Int32Array.from([...firsts, data.rows]), patterns: Int32Array.from(ofGroups) };
}

const kindsOf = ({ strata = [], supports = [] }: RowData): readonly (Int32Array | Uint8Array)[] => [
  ...strata,
  ...supports,
];

/** `columns`: those that the body reads. Where a group has less than eight rows its last stands again, with weight 0. */
export function writeRows(
  memory: Memory,
  regions: PatternLayout['regions'],
  shape: PatternShape,
  { firsts, patterns }: Groups,
  data: RowData,
  columns: readonly Float64Array[],
): void {
  /** [groups, `width`, 8], of which it writes place `at`. */
  const write = (into: Float64Array, width: number, at: number, numbers: ArrayLike<number>): void => {
    for (let g = 0; g < shape.groups; g++) {
      const [first, last] = [firsts[g], firsts[g + 1] - 1];
      const to = (g * width + at) * GROUP;
      for (let n = 0; n < GROUP; n++) into[to + n] = numbers[Math.min(first + n, last)];
    }
  };
  const rows = float64In(memory, regions.rows);
  columns.forEach((column, a) => {
    write(rows, heldColumns(shape), heldPlace(shape, a), column);
  });
  if (shape.labelled) write(float64In(memory, regions.labels), 1, 0, data.labels[0]!);
  const weights = float64In(memory, regions.weights);
  for (let g = 0; g < shape.groups; g++)
    for (let i = firsts[g], to = GROUP * g; i < firsts[g + 1]; i++) weights[to++] = data.weights?.[i] ?? 1;
  const into = int32In(memory, regions.kinds);
  const kinds = kindsOf(data);
  const width = kindNumbers(shape);
  patterns.forEach((pattern, g) => {
    into[g * width] = pattern;
    kinds.forEach((codes, n) => {
      into[g * width + 1 + n] = codes[firsts[g]];
    });
  });
}
