/**
 * Parameters that are solved together, all copies of all of them stacked in one vector θ: with g the derivative of Q and H
 * its second derivative, the step is −H⁻¹ g. Three reasons bring them together:
 *
 * - the coefficients of one mean (a[k] + b t): Q is quadratic in all of them, and one step solves the normal equations;
 * - an equation that binds them (mu[2] = −mu[3]): with a multiplier for each row of C θ = d, the step solves
 *   H δ + Cᵀ λ = −g, C δ = d − C θ. Source: Nocedal, Wright: Numerical Optimization (2006), 16.1;
 * - a ridge: a shape and a rate of a gamma density pull each other, and by turns would climb it in very small steps.
 */
import { add, multiply, number, ONE } from '../algebra/build.js';
import { derivatives } from '../algebra/differentiate.js';
import { termKey } from '../algebra/normal.js';
import { printKey } from '../algebra/print.js';
import { containsSymbol, symbolsOf } from '../algebra/traverse.js';
import type { Expr, NormalForm, SymbolExpr, Term } from '../algebra/types.js';
import type { SymbolName } from '../model/types.js';
import { gather, strip } from './collect.js';
import type { CollectContext } from './collect.js';
import type { Maximised } from './maximise.js';
import type { Iteration, JointIteration, LinearConstraint } from './types.js';

/** Undefined where the members cannot be stacked: matrices, bounds, ties, copies that see each other. Sums are not yet named. */
export function jointIteration(
  members: readonly Maximised[],
  constraints: readonly LinearConstraint[],
  context: CollectContext,
): JointIteration | undefined {
  const isEligible = members.every(
    (m) =>
      m.bounds.length === 0 &&
      m.target.ties.length === 0 &&
      (m.target.shape.length === 0 || (m.target.shape.length === 1 && m.target.fact === undefined)) &&
      m.solution.iteration?.coupled !== true,
  );
  if (!isEligible) return undefined;
  const common = commonFactors(members);
  const without = (t: Term): Term => ({
    ...t,
    factors: t.factors.filter((f) => !common.has(printKey(f))),
  });
  const gradient: Expr[] = [];
  const hessian: (readonly Expr[])[] = [];
  for (const [i, m] of members.entries()) {
    const own = sumOfDerivatives(m.stripped.map(without), [symbolOf(m)], context, (d) => d.gradient[0]);
    const cut = { ...m, stripped: m.stripped.map(without) };
    const row = members.slice(0, i + 1).map((other) => between(cut, other, context));
    if (own === undefined || row.some((x) => x === undefined)) return undefined;
    gradient.push(own);
    hessian.push(row as readonly Expr[]);
  }
  const terms = new Map(members.flatMap((m) => m.terms.map((t) => [termKey(t), t] as const)));
  const names = members.map((m) => m.parameter.name);
  return {
    parameters: names,
    ranges: members.map((m) => m.target.ranges),
    gradient,
    hessian,
    objective: add(
      ...[...terms.values()].map((t) =>
        multiply(number(t.coefficient), gather(t.sums, t.factors, ONE, context)),
      ),
    ),
    scales: members.map((m) => scaleOf(m)),
    isQuadratic:
      members.every((m) => m.target.fact === undefined) &&
      !hessian.flat().some((h) => names.some((name) => containsSymbol(h, name))),
    constraints,
    held: members.map((m) => m.target.held),
  };
}

export const scaleOf = (m: Maximised): Iteration['scale'] =>
  m.target.fact === 'positive' ? 'logarithm' : m.target.fact === 'unit' ? 'log odds' : 'real';

/** Other parameters that a joint step looks at. */
export const usesOf = (j: JointIteration): readonly SymbolName[] => [
  ...new Set(
    [...j.gradient, ...j.hessian.flat()].flatMap((e) =>
      symbolsOf(e).flatMap((s) =>
        s.role === 'parameter' && !j.parameters.includes(s.name as SymbolName) ? [s.name as SymbolName] : [],
      ),
    ),
  ),
];

const symbolOf = (m: Maximised): SymbolExpr => {
  if (m.target.symbol.kind !== 'symbol') throw new Error('a parameter that is no symbol');
  return m.target.symbol;
};

/** The derivative in `other` of the derivative in `m`, free in the plates of both. */
function between(m: Maximised, other: Maximised, context: CollectContext): Expr | undefined {
  if (m.parameter === other.parameter)
    return sumOfDerivatives(m.stripped, [symbolOf(m)], context, (d) => d.hessian[0][0]);
  const both = m.stripped.filter((t) => t.factors.some((f) => containsSymbol(f, other.parameter.name)));
  const cut = both.map((t) => strip(t, other.parameter.name, other.target.ranges));
  if (cut.some((t) => t === undefined)) return undefined;
  return sumOfDerivatives(cut as NormalForm, [symbolOf(m), symbolOf(other)], context, (d) => d.hessian[0][1]);
}

/**
 * A positive number that stands in every term and varies with nothing, such as 1 / s2: it scales g and H alike, so the
 * step does not depend on it. Only for means, whose objective is never asked for.
 */
function commonFactors(members: readonly Maximised[]): ReadonlySet<string> {
  if (members.some((m) => m.target.fact !== undefined || m.solution.iteration !== undefined))
    return new Set();
  const isPlain = (f: Expr): boolean => {
    const base = f.kind === 'power' ? f.base : f;
    return base.kind === 'symbol' && base.fact === 'positive' && base.indices.length === 0;
  };
  const lists = members.flatMap((m) =>
    m.stripped.map((t) => new Set(t.factors.filter(isPlain).map(printKey))),
  );
  const [first, ...others] = lists;
  return new Set([...first].filter((key) => others.every((list) => list.has(key))));
}

/** Σ over terms of a derivative of the factors that hold the parameters. */
function sumOfDerivatives(
  terms: NormalForm,
  thetas: readonly SymbolExpr[],
  context: CollectContext,
  of: (d: NonNullable<ReturnType<typeof derivatives>>) => Expr,
): Expr | undefined {
  const parts: Expr[] = [];
  for (const t of terms) {
    const isOwn = (f: Expr): boolean => thetas.some((theta) => containsSymbol(f, theta.name));
    const found = derivatives(multiply(...t.factors.filter(isOwn)), thetas);
    if (found === undefined) return undefined;
    const e = of(found);
    const others = t.factors.filter((f) => !isOwn(f));
    for (const part of e.kind === 'add' ? e.terms : [e])
      parts.push(multiply(number(t.coefficient), gather(t.sums, others, part, context)));
  }
  return add(...parts);
}
