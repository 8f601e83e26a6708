/** Columns that are the same number in every row, as the first of `let phi[i] = [1, t[i]]`. */
import type { Program } from './types.js';

/** The number; undefined where the column may vary. */
export function constantColumn({ plan, columns }: Program, column: number): number | undefined {
  const { group, coordinate } = columns[column];
  const of = plan.groups[group];
  if (of.kind !== 'derived') return undefined;
  const element = of.elements[coordinate];
  return element.kind === 'number' ? element.value : undefined;
}
