/** How components fill rows with missing cells, as the numbers that `emit/javascript/component-kernel.ts` reads. */
import type { Pairs, Program } from '../../plan/types.js';
import type { Filling } from './filling.js';
import type { Lanes } from './lanes.js';

/** For each pattern how every component fills its rows. */
export type Rules = readonly (readonly Filling[])[];

export interface WrittenRules {
  /** where those of each pattern and component begin in the numbers */
  readonly starts: Int32Array;
  /** Returns the array that holds them, the same one as long as they find room in it. */
  readonly write: (rules: Rules) => Float64Array;
}

export function writtenRules({ plan, columns }: Program, lanes: Lanes, count: number): WrittenRules {
  const starts = lanes.ints(count);
  let numbers = lanes.floats(0);
  return {
    starts,
    write: (rules) => {
      const list: number[] = [];
      rules.flat().forEach((filling, n) => {
        starts[n] = list.length;
        writeCells(filling, list);
        for (const { pairs } of plan.strata) writeSpread(filling, columns.length, pairs, list);
      });
      if (list.length > numbers.length) numbers = lanes.floats(2 * list.length);
      numbers.set(list);
      return numbers;
    },
  };
}

function writeCells({ logVolume, cells }: Filling, list: number[]): void {
  list.push(logVolume, cells.length);
  for (const { column, at, sources, origins, coefficients } of cells) {
    list.push(column, at, 0);
    const count = list.length - 1;
    // a column that is left out may have no number there
    sources.forEach((source, s) => {
      if (coefficients[s] === 0) return;
      list.push(source, origins[s], coefficients[s]);
      list[count]++;
    });
  }
}

/** Where the products of filled cells stand among a component's sums: after n and Σ r d. */
function writeSpread({ spread }: Filling, columns: number, pairs: Pairs, list: number[]): void {
  list.push(0);
  const count = list.length - 1;
  if (pairs === 'none') return;
  for (const { columns: own, covariance } of spread)
    for (let i = 0; i < own.length; i++)
      for (let j = i; j < (pairs === 'all' ? own.length : i + 1); j++) {
        const [a, b] = [Math.min(own[i], own[j]), Math.max(own[i], own[j])];
        const place = pairs === 'all' ? a * columns - (a * (a - 1)) / 2 + b - a : a;
        list.push(1 + columns + place, covariance[i * own.length + j]);
        list[count]++;
      }
}
