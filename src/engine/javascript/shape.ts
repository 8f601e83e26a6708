/** What the kernels of a program on its rows are made from. */
import type { KernelShape } from '../../emit/javascript/kernel-shape.js';
import { lowerLogits } from '../../plan/lower-rows.js';
import { neededMoments } from '../../plan/needed-moments.js';
import { hoistRows } from '../../plan/passes/hoist-rows.js';
import type { NodeId, RowBody } from '../../plan/row-body.js';
import { rowValues } from '../../plan/row-values.js';
import { asksRows } from '../../plan/types.js';
import type { Program } from '../../plan/types.js';
import { groupCombinations } from '../groups.js';
import type { RowData } from '../types.js';

/** A shape, and the columns that its body reads: those of the data, then what is computed of them once. */
export interface KernelRows {
  readonly shape: KernelShape;
  readonly columns: readonly Float64Array[];
}

export function kernelRows(program: Program, data: RowData): KernelRows {
  const { body, logit } = lowerLogits(program);
  const hoisted = hoistRows(body, [logit], data.columns.length);
  const once = rowValues(body, hoisted.once, data.rows, data.columns, data.supports ?? []);
  return { shape: shapeOf(program, data, hoisted.body, logit), columns: [...data.columns, ...once] };
}

export const kernelShape = (program: Program, data: RowData): KernelShape => kernelRows(program, data).shape;

export function shapeOf(program: Program, data: RowData, body: RowBody, logit: NodeId): KernelShape {
  const { plan, components } = program;
  return {
    body,
    logit,
    components,
    columns: program.columns.length,
    axisSizes: program.axisSizes,
    groupCombinations: groupCombinations(program),
    strata: plan.strata.map(({ pairs }, n) => ({
      combinations: program.strataSizes[n],
      pairs,
      weightsOnly: n > 0 && !neededMoments(program, n).means.includes(true),
    })),
    weighted: data.weights !== undefined,
    labelled: data.labels.map((l) => l?.some((label) => label > 0) ?? false),
    hard: plan.assignment === 'hard',
    keeps: plan.statistics.some((s) => asksRows(s.reading)),
  };
}
