/**
 * Parameters that stand in each other's terms, one of them without a closed form, are moved together: a shape and a
 * rate of a gamma density pull each other along a ridge, and by turns they would climb it in very small steps.
 */
import { add, multiply, number, ONE } from '../algebra/build.js';
import { derivatives } from '../algebra/differentiate.js';
import { containsSymbol } from '../algebra/traverse.js';
import type { Expr, NormalForm, SymbolExpr } from '../algebra/types.js';
import { termKey } from '../algebra/normal.js';
import { gather } from './collect.js';
import type { CollectContext } from './collect.js';
import type { Maximised } from './maximise.js';
import type { Iteration, JointIteration } from './types.js';

/** Undefined where the members cannot be moved as one: other plates, values held, matrices. Sums are not yet named. */
export function jointIteration(
  members: readonly Maximised[],
  context: CollectContext,
): JointIteration | undefined {
  const [first] = members;
  const isEligible = members.every(
    (m) =>
      m.target.held.length === 0 &&
      m.floors.length === 0 &&
      (m.target.shape.length === 0 || (m.target.shape.length === 1 && m.target.fact === undefined)) &&
      m.solution.iteration?.coupled !== true &&
      m.target.ranges.map((r) => r.index).join() === first.target.ranges.map((r) => r.index).join(),
  );
  if (members.length < 2 || !isEligible || members.every((m) => m.solution.iteration === undefined))
    return undefined;
  const thetas = members.flatMap((m) => (m.target.symbol.kind === 'symbol' ? [m.target.symbol] : []));
  const gradient: Expr[] = [];
  const hessian: Expr[][] = [];
  for (const [i, m] of members.entries()) {
    const found = secondDerivatives(m.stripped, thetas, i, context);
    if (found === undefined) return undefined;
    gradient.push(found.gradient);
    hessian.push([...found.row]);
  }
  const terms = new Map(members.flatMap((m) => m.terms.map((t) => [termKey(t), t] as const)));
  return {
    parameters: members.map((m) => m.parameter.name),
    ranges: first.target.ranges,
    gradient,
    hessian,
    objective: add(
      ...[...terms.values()].map((t) =>
        multiply(number(t.coefficient), gather(t.sums, t.factors, ONE, context)),
      ),
    ),
    scales: members.map((m) => scaleOf(m)),
  };
}

export const scaleOf = (m: Maximised): Iteration['scale'] =>
  m.target.fact === 'positive' ? 'logarithm' : m.target.fact === 'unit' ? 'log odds' : 'real';

/** Of the terms of parameter i: its gradient, and the derivatives of that in parameters 0 to i. */
function secondDerivatives(
  terms: NormalForm,
  thetas: readonly SymbolExpr[],
  i: number,
  context: CollectContext,
): { readonly gradient: Expr; readonly row: readonly Expr[] } | undefined {
  const gradients: Expr[] = [];
  const rows: Expr[][] = thetas.slice(0, i + 1).map(() => []);
  for (const t of terms) {
    const isOwn = (f: Expr): boolean => thetas.some((theta) => containsSymbol(f, theta.name));
    const own = multiply(...t.factors.filter(isOwn));
    const others = t.factors.filter((f) => !isOwn(f));
    const found = derivatives(own, thetas);
    if (found === undefined) return undefined;
    const gathered = (e: Expr): readonly Expr[] =>
      (e.kind === 'add' ? e.terms : [e]).map((part) =>
        multiply(number(t.coefficient), gather(t.sums, others, part, context)),
      );
    gradients.push(...gathered(found.gradient[i]));
    rows.forEach((row, j) => row.push(...gathered(found.hessian[i][j])));
  }
  return { gradient: add(...gradients), row: rows.map((row) => add(...row)) };
}
