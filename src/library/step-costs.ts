/** The counts of a plan for a program: formulas in the sizes, with their values where all sizes are known. */
import { printText } from '../algebra/print.js';
import { operationsOf } from '../plan/cost.js';
import type { OperationName } from '../plan/cost.js';
import { sizesOf } from '../plan/program.js';
import type { Plan } from '../plan/types.js';
import { valueOf } from '../plan/work.js';
import type { Count } from '../plan/work.js';

export interface CostCount {
  readonly formula: string;
  /** undefined where a size has no value */
  readonly value: number | undefined;
}

/** One operation of an EM step. */
export interface StepCost {
  readonly name: OperationName;
  /** the statistic or the parameter, where there are several such operations */
  readonly of: string | undefined;
  /** once a step, or in every round of Newton's method inside of one */
  readonly per: 'step' | 'round';
  /** any arithmetic on one or two numbers is one */
  readonly multiplyAdds: CostCount;
  /** exponentials, logarithms and other functions */
  readonly functions: CostCount;
  /** read and written of the rows when it is done by itself, in float64 */
  readonly bytes: CostCount;
}

export function stepCosts(plan: Plan, sizes: Readonly<Record<string, number>> = {}): readonly StepCost[] {
  const known = { ...sizesOf(plan.model), ...sizes };
  const count = (c: Count): CostCount => ({ formula: printText(c), value: valueOf(c, known) });
  return operationsOf(plan).map((o) => ({
    name: o.name,
    of: o.of,
    per: o.per,
    multiplyAdds: count(o.multiplyAdds),
    functions: count(o.functions),
    bytes: count(o.bytes),
  }));
}
