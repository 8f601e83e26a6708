/**
 * Scales that stand inside other expressions than a Gaussian's: |x − m| / b, log(1 + (x − m)² / (ν s2)), … Each is brought to
 * the form −½ c (x − m)ᵀ M (x − m), whose width says how far the density reaches. Nothing here knows a distribution's name.
 */
import { affine } from '../plan/affine.js';
import { multiply, number, ONE, power, shapeOf } from '../algebra/build.js';
import { printText } from '../algebra/print.js';
import { dependsOn, some } from '../algebra/traverse.js';
import type { Expr } from '../algebra/types.js';
import type { LogitTerm, Plan } from '../plan/types.js';

export type Quadratic = Extract<LogitTerm, { kind: 'quadratic' }>;

const known = new WeakMap<Plan, readonly Quadratic[]>();

/** What tells the widths of the densities of a plan: its quadratic terms, and those inside its other terms. */
export function scaleTerms(plan: Plan): readonly Quadratic[] {
  const found = known.get(plan) ?? plan.logits.flatMap((term) => termsIn(term, plan));
  known.set(plan, found);
  return found;
}

function termsIn(term: LogitTerm, plan: Plan): readonly Quadratic[] {
  if (term.kind === 'quadratic') return [term];
  if (term.kind !== 'general' || plan.rows === undefined) return [];
  const rows = plan.rows.index;
  const found: Quadratic[] = [];
  const { line, per, stratum } = term;
  const keep = (residual: Expr, coefficient: Expr, matrix: Expr): void => {
    const form = dependsOn(matrix, rows) ? undefined : affineOf(residual, rows, plan);
    if (form !== undefined && form.parts.length > 0)
      found.push({ line, per, stratum, kind: 'quadratic', coefficient, residual: form, matrix });
  };
  some(term.value, (e) => {
    if (e.kind === 'quadratic' && shapeOf(e.vector).length > 0) keep(e.vector, number(-0.5), e.matrix);
    else if (e.kind === 'quadratic' && !dependsOn(e.matrix, rows))
      keep(e.vector, multiply(number(-0.5), e.matrix), ONE);
    if (e.kind !== 'multiply') return false;
    const at = e.factors.findIndex((f) => distanceOf(f) !== undefined && dependsOn(f, rows));
    const others = e.factors.filter((f, n) => n !== at && !dependsOn(f, rows));
    if (at < 0) return false;
    const { of, degree } = distanceOf(e.factors[at])!;
    // a distance divided by its scale: squared, where it is not squared already
    keep(of, multiply(number(-0.5), power(multiply(...others), 2 / degree)), ONE);
    return false;
  });
  return found;
}

/** |e| is a distance of degree 1, e² of degree 2. */
function distanceOf(e: Expr): { readonly of: Expr; readonly degree: number } | undefined {
  if (e.kind === 'function' && e.name === 'abs') return { of: e.argument, degree: 1 };
  if (e.kind === 'power' && e.exponent === 2) return { of: e.base, degree: 2 };
  if (e.kind === 'quadratic' && shapeOf(e.vector).length === 0 && e.matrix.kind === 'number')
    return { of: e.vector, degree: 2 };
  return undefined;
}

/** Affine in the columns that the plan has already. */
export function affineOf(e: Expr, rows: string, plan: Plan): ReturnType<typeof affine> {
  const groups = plan.groups;
  const form = affine(e, rows, {
    groups,
    of: (column) =>
      groups.findIndex((g) =>
        column.kind === 'symbol'
          ? column.name === (g.kind === 'symbol' ? g.symbol : g.name)
          : g.kind === 'derived' && g.elements.length === 1 && printText(g.elements[0]) === printText(column),
      ),
  });
  return form?.parts.some((p) => p.group < 0) === true ? undefined : form;
}
