/** What the kernels of a program on its rows are made from. */
import type { KernelShape } from '../../emit/javascript/kernel.js';
import { lowerLogits } from '../../plan/lower-rows.js';
import type { Program } from '../../plan/types.js';
import { groupCombinations } from '../groups.js';
import type { RowData } from '../types.js';

export function kernelShape(program: Program, data: RowData): KernelShape {
  const { plan, components } = program;
  const { body, logit } = lowerLogits(program);
  return {
    body,
    logit,
    components,
    columns: program.columns.length,
    axisSizes: program.axisSizes,
    groupCombinations: groupCombinations(program),
    strata: plan.strata.map((s, n) => ({ combinations: program.strataSizes[n], pairs: s.pairs })),
    weighted: data.weights !== undefined,
    labelled: data.labels.map((l) => l?.some((label) => label > 0) ?? false),
    hard: plan.assignment === 'hard',
  };
}
