/**
 * Sums whose responsibilities add up to one are constants of the data. Where an M-step reads its second moments only as
 * Σ_k S[k] with S[k] = Σ_i r[i,k] (x − mu[k])(x − mu[k])ᵀ, then Σ_k r[i,k] = 1 leaves Σ_i x xᵀ of it, which no step changes, and
 * terms of the first moments. Columns' coefficients must be the same in every component.
 *
 *     before   S[k] for each k, then Sigma = Σ_k S[k] / N:   N K D (D + 1) / 2 multiply-adds a step
 *     after    Σ_i x xᵀ once, before the first step
 */
import { dependsOn, partsOf } from '../../algebra/traverse.js';
import type { Expr, Range } from '../../algebra/types.js';
import type { Pass, Plan, PlannedStatistic, PlannedUpdate } from '../types.js';

export const pooledScatter: Pass = {
  name: 'pooled-scatter',
  apply: (plan) => {
    const { component } = plan;
    const seconds = component === undefined ? [] : secondsOf(plan.statistics, component);
    const isPooled = component !== undefined && arePooled(seconds, plan.updates, component);
    return {
      plan: { ...plan, pooledScatter: isPooled },
      notes: isPooled
        ? seconds.map(
            (s) =>
              `${s.name} is only summed over ${component.index}: products are summed once, not in every step`,
          )
        : [],
    };
  },
};

const secondsOf = (statistics: readonly PlannedStatistic[], component: Range): readonly PlannedStatistic[] =>
  statistics.filter((s) => s.reading.kind === 'second' && s.ranges.some((r) => r.index === component.index));

/** Every second-moment statistic stands under Σ_k only, with coefficients of the columns that do not vary with k. */
function arePooled(
  seconds: readonly PlannedStatistic[],
  updates: Plan['updates'],
  component: Range,
): boolean {
  const coefficientsFixed = seconds.every(
    ({ reading }) =>
      reading.kind === 'second' &&
      [...reading.left.parts, ...reading.right.parts].every(
        (p) => !dependsOn(p.coefficient, component.index),
      ) &&
      (reading.as !== 'trace' || !dependsOn(reading.matrix, component.index)),
  );
  const names = new Set(seconds.map((s) => s.name));
  return (
    coefficientsFixed &&
    updates.every((u) => readBy(u).every((e) => !standsOutsideSum(e, names, component.index)))
  );
}

/** What the M-step of a parameter evaluates. */
function readBy({ value, divisor, held, iteration, joint }: PlannedUpdate): readonly Expr[] {
  // where Q is quadratic its maximum is taken, and its value is not asked for
  const height = joint === undefined || joint.isQuadratic ? [] : [joint.objective];
  return [
    value,
    divisor,
    ...held.map((h) => h.value),
    ...(iteration === undefined ? [] : [iteration.gradient, iteration.hessian, iteration.objective]),
    ...(joint === undefined ? [] : [...joint.gradient, ...joint.hessian.flat(), ...height]),
  ];
}

/** A statistic that is used by itself, not as the whole body of Σ_k. */
function standsOutsideSum(e: Expr, names: ReadonlySet<string>, index: string): boolean {
  if (e.kind === 'symbol') return names.has(e.name);
  if (e.kind === 'sum' && e.range.index === index && e.body.kind === 'symbol' && names.has(e.body.name))
    return false;
  return partsOf(e).some((part) => standsOutsideSum(part, names, index));
}
