/** A Plan with numbers for its sizes and constants. */
import type { SymbolName } from '../model/types.js';
import { rowsDim } from '../derive/translate.js';
import type { ParameterArray, Plan, Program } from './types.js';

/**
 * Joins a plan with numbers. `sizes` holds a value for every named size and constant that is a size (`D`, `K`, and the
 * number of rows); `constants` holds every constant the plan reads.
 */
export function program(
  plan: Plan,
  sizes: Readonly<Record<string, number>>,
  constants: ReadonlyMap<string, ParameterArray>,
): Program {
  const length = (dim: string | number | undefined): number => {
    if (dim === undefined) return 1;
    const value = typeof dim === 'number' ? dim : sizes[dim];
    if (value === undefined) throw new Error(`the size ${String(dim)} has no value`);
    return value;
  };
  const groupLength = plan.groups.map((g) => (g.kind === 'symbol' ? length(g.dim) : g.elements.length));
  const groupStart: number[] = [];
  let next = 0;
  for (const n of groupLength) {
    groupStart.push(next);
    next += n;
  }
  const axisSizes = plan.axes.map((axis) => length(axis.value.dim));
  const columns = groupLength.flatMap((n, group) =>
    Array.from({ length: n }, (_, coordinate) => ({ group, coordinate })),
  );
  return {
    plan,
    sizes,
    constants,
    components: axisSizes.reduce((a, b) => a * b, 1),
    axisSizes,
    strataSizes: plan.strata.map((s) => s.symbols.reduce((n, x) => n * length(x.value.dim), 1)),
    columns,
    groupStart,
    groupLength,
  };
}

/** Sets the indices of the latents to those of a component. */
export function setComponent(p: Program, indices: Record<string, number>, component: number): void {
  let rest = component;
  for (let n = p.axisSizes.length - 1; n >= 0; n--) {
    indices[p.plan.axes[n].value.index] = rest % p.axisSizes[n];
    rest = Math.floor(rest / p.axisSizes[n]);
  }
}

/** Sets the indices of a stratum's symbols to those of a combination of their values. */
export function setStratum(
  p: Program,
  indices: Record<string, number>,
  stratum: number,
  combination: number,
): void {
  const { symbols } = p.plan.strata[stratum];
  let rest = combination;
  for (let n = symbols.length - 1; n >= 0; n--) {
    const { value } = symbols[n];
    const size = typeof value.dim === 'number' ? value.dim : p.sizes[value.dim];
    indices[value.index] = rest % size;
    rest = Math.floor(rest / size);
  }
}

/** The same program for another number of rows: predicting for new data. */
export const withRows = (p: Program, rows: number): Program => ({
  ...p,
  sizes: { ...p.sizes, [rowsDim(p.plan.model)]: rows },
});

/** Sizes, and constants that may be one, whose values stand in the model itself. */
export const sizesOf = (model: Plan['model']): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...model.sizes, ...model.constants].flatMap(({ name, value }): [string, number][] =>
      typeof value === 'number' ? [[name, value]] : [],
    ),
  );

export const parameterNames = (plan: Plan): readonly SymbolName[] => plan.model.parameters.map((p) => p.name);
