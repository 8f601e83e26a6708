/** Rows in the order of what they miss. */
import { columnFacts } from './column-facts.js';
import type { Program } from '../plan/types.js';
import { isBlockCode } from './reference/missing.js';
import { someRows } from './some-rows.js';
import type { RowData } from './types.js';

/** Rows [from, to) miss the same columns, and their Gaussian blocks are of the same strata. */
export interface Pattern {
  readonly from: number;
  readonly to: number;
  readonly missing: ReadonlySet<number>;
  /** for each stratum after the first the combination that tells Gaussian blocks apart, 0 where none is */
  readonly codes: readonly number[];
}

export interface PatternRows {
  /** which row of the data stands at each place */
  readonly order: Int32Array;
  /** The rows in that order; within a pattern those side by side that are equal in all strata and supports. */
  readonly data: RowData;
  readonly patterns: readonly Pattern[];
}

/** Those of the rows that are named, or all. */
export function inPatterns(
  program: Program,
  all: RowData,
  rows: Int32Array = Int32Array.from({ length: all.rows }, (_, i) => i),
): PatternRows {
  const given = rows.length === all.rows ? all : someRows(all, rows);
  const n = given.rows;
  const { columns, strata = [], supports = [] } = given;
  const isOfBlock = strata.map((_, s) => isBlockCode(program, s + 1));
  const ofPattern = new Int32Array(n);
  const tellMissing = new Uint8Array(n);
  for (const column of columns) {
    for (let i = 0; i < n; i++) tellMissing[i] = Number(Number.isNaN(column[i]));
    tellApart(ofPattern, tellMissing, 2);
  }
  strata.forEach((codes, s) => {
    if (isOfBlock[s]) tellApart(ofPattern, codes, program.strataSizes[s + 1]);
  });
  const ofSpan = ofPattern.slice();
  strata.forEach((codes, s) => {
    if (!isOfBlock[s]) tellApart(ofSpan, codes, program.strataSizes[s + 1]);
  });
  for (const support of supports) tellApart(ofSpan, support, 2);
  let places: Int32Array = Int32Array.from({ length: n }, (_, i) => i);
  // those on one side of the columns' means side by side: rows that few components own together
  const side = new Int32Array(n);
  const facts = columnFacts(given);
  for (let a = columns.length - 1; a >= 0; a--) {
    for (let i = 0; i < n; i++) side[i] = Number(columns[a][i] > facts[a].mean);
    places = sortedBy(side, places);
  }
  places = sortedBy(ofPattern, sortedBy(ofSpan, places));

  const patterns: Pattern[] = [];
  for (let from = 0, to = 0; from < n; from = to) {
    const first = places[from];
    while (to < n && ofPattern[places[to]] === ofPattern[first]) to++;
    patterns.push({
      from,
      to,
      missing: new Set(columns.flatMap((c, at) => (Number.isNaN(c[first]) ? [at] : []))),
      codes: strata.map((codes, s) => (isOfBlock[s] ? codes[first] : 0)),
    });
  }
  const order = places.map((i) => rows[i]);
  return { order, data: someRows(all, order), patterns };
}

/** Rows of one number that differ in a code get different numbers, in the order of the first rows that have them. */
function tellApart(numbers: Int32Array, codes: ArrayLike<number>, size: number): void {
  const known = new Map<number, number>();
  for (let i = 0; i < numbers.length; i++) {
    const key = numbers[i] * size + codes[i];
    let found = known.get(key);
    if (found === undefined) known.set(key, (found = known.size));
    numbers[i] = found;
  }
}

/** Rows by their numbers, which are none left out; those of one number stay in their order. */
function sortedBy(numbers: Int32Array, rows: Int32Array): Int32Array {
  let most = -1;
  for (let i = 0; i < numbers.length; i++) most = Math.max(most, numbers[i]);
  const starts = new Int32Array(most + 2);
  for (let i = 0; i < numbers.length; i++) starts[numbers[i] + 1]++;
  for (let n = 1; n < starts.length; n++) starts[n] += starts[n - 1];
  const sorted = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) sorted[starts[numbers[rows[i]]]++] = rows[i];
  return sorted;
}
