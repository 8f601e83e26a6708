/** Whether the cells of a column lie in the domain that its symbol declares. */
import { pointMassesOf } from '../model/point-masses.js';
import type { DataSymbol, Model } from '../model/types.js';
import type { DataProblem, NumericColumn } from './types.js';

export function domainProblems(
  symbol: DataSymbol,
  column: string,
  numbers: NumericColumn,
  model: Model,
): readonly DataProblem[] {
  const rule = ruleOf(symbol);
  if (rule === undefined) return [];
  // what a point mass gives is a value too: the zeros of a hurdle model
  const masses = pointMassesOf(symbol.name, model);
  let first = -1;
  let count = 0;
  numbers.values.forEach((x, row) => {
    if (!Number.isFinite(x) || rule.holds(x) || masses.includes(x)) return;
    count++;
    if (first < 0) first = row;
  });
  if (count === 0) return [];
  return [
    {
      kind: 'out-of-domain',
      column,
      row: first + 1,
      value: String(numbers.values[first]),
      symbol: symbol.name,
      wanted: rule.wanted,
      count,
    },
  ];
}

function ruleOf(
  symbol: DataSymbol,
): { readonly wanted: string; readonly holds: (x: number) => boolean } | undefined {
  if (symbol.as === 'weight')
    return { wanted: 'a weight, zero or positive and not negative', holds: (x) => x >= 0 };
  switch (symbol.type.domain) {
    case 'positive':
      return { wanted: 'positive', holds: (x) => x > 0 };
    case 'unit':
      return { wanted: 'between 0 and 1', holds: (x) => x >= 0 && x <= 1 };
    case 'count':
      return { wanted: 'a whole number, 0 or more', holds: (x) => x >= 0 && Number.isInteger(x) };
    case 'real':
    case 'simplex':
    case 'covariance':
    case 'orthogonal':
    case 'shape':
    case 'boolean':
    case 'category':
    case 'plate':
    case 'unknown':
      return undefined;
  }
}
