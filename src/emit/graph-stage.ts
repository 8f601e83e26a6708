/** The feature stage of a plan whose sizes are known: what the graph is built from. */
import type { Plan } from '../plan/types.js';
import type { Pairs } from '../plan/types.js';
import { allPairs, squarePairs } from './graph/feature-stage.js';
import type { ColumnPair, FeatureStage } from './graph/feature-stage.js';
import { contextOf, groupLength } from './typescript/context.js';
import type { Values } from './typescript/context.js';

export interface GraphSizes {
  readonly stage: FeatureStage;
  /** a graph is built for one number of rows */
  readonly rows: number;
}

/** The stage, or the names of the sizes that it lacks (the number of rows among them). */
export function planColumns(
  plan: Plan,
  values: Values,
): { readonly sizes: GraphSizes | undefined; readonly missing: readonly string[] } {
  const context = contextOf(plan, values);
  const missing = new Set<string>();
  const length = (dim: number | string): number => {
    const value = typeof dim === 'number' ? dim : context.valueOf(dim);
    if (typeof value === 'number') return value;
    missing.add(String(dim));
    return 0;
  };
  const columns = plan.groups.reduce((sum, _, group) => sum + length(groupLength(group, context)), 0);
  const components = length(context.components);
  const rows = length(context.rows);
  if (missing.size > 0) return { sizes: undefined, missing: [...missing] };
  const stage: FeatureStage = {
    columns,
    components,
    logitPairs: plan.sharedQuadratic ? [] : pairList(plan.pairs.logits, columns),
    statisticPairs: plan.pooledScatter ? [] : pairList(plan.pairs.statistics, columns),
    assignment: plan.assignment,
    weighted: context.hasWeights,
    labelled: context.hasLabels,
  };
  return { sizes: { stage, rows }, missing: [] };
}

function pairList(pairs: Pairs, columns: number): readonly ColumnPair[] {
  switch (pairs) {
    case 'none':
      return [];
    case 'squares':
      return squarePairs(columns);
    case 'all':
      return allPairs(columns);
  }
}
