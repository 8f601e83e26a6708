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
      const most = rules.reduce(
        (sum, of) => of.reduce((n, filling) => n + lengthAtMost(filling, plan), sum),
        0,
      );
      if (most > numbers.length) numbers = lanes.floats(2 * most);
      let at = 0;
      let n = 0;
      for (const of of rules)
        for (const filling of of) {
          starts[n++] = at;
          at = writeCells(filling, numbers, at);
          for (const { pairs } of plan.strata) at = writeSpread(filling, columns.length, pairs, numbers, at);
        }
      return numbers;
    },
  };
}

/** Of what is written for a filling. */
function lengthAtMost({ cells, spread }: Filling, { strata }: Program['plan']): number {
  const pairs = spread.reduce((n, { columns }) => n + columns.length ** 2, 0);
  return cells.reduce((n, { sources }) => n + 3 + 3 * sources.length, 2) + strata.length * (1 + 2 * pairs);
}

function writeCells({ logVolume, cells }: Filling, into: Float64Array, from: number): number {
  let at = from;
  into[at++] = logVolume;
  into[at++] = cells.length;
  for (const { column, at: first, sources, origins, coefficients } of cells) {
    into[at++] = column;
    into[at++] = first;
    const count = at++;
    into[count] = 0;
    // a column that is left out may have no number there
    for (let s = 0; s < sources.length; s++) {
      if (coefficients[s] === 0) continue;
      into[at++] = sources[s];
      into[at++] = origins[s];
      into[at++] = coefficients[s];
      into[count]++;
    }
  }
  return at;
}

/** Where the products of filled cells stand among a component's sums: after n and Σ r d. */
function writeSpread(
  { spread }: Filling,
  columns: number,
  pairs: Pairs,
  into: Float64Array,
  from: number,
): number {
  const count = from;
  let at = from + 1;
  into[count] = 0;
  if (pairs === 'none') return at;
  for (const { columns: own, covariance } of spread)
    for (let i = 0; i < own.length; i++)
      for (let j = i; j < (pairs === 'all' ? own.length : i + 1); j++) {
        const [a, b] = [Math.min(own[i], own[j]), Math.max(own[i], own[j])];
        const place = pairs === 'all' ? a * columns - (a * (a - 1)) / 2 + b - a : a;
        into[at++] = 1 + columns + place;
        into[at++] = covariance[i * own.length + j];
        into[count]++;
      }
  return at;
}
