/**
 * Reading a scale that is decomposed, Σ = λ Q diag(A) Qᵀ: its quadratic forms are λ⁻¹ eᵀ Q diag(1/A) Qᵀ e, or
 * λ⁻¹ eᵀ diag(1/A) e without axes. Shared by the forms of the shape and of the axes.
 */
import { diagonal, multiply, outer, power, product, shapeOf, transpose } from '../../algebra/build.js';
import { dependsOn } from '../../algebra/traverse.js';
import type { Expr, Term } from '../../algebra/types.js';
import { gather, gatherOuter } from '../collect.js';
import type { CollectContext } from '../collect.js';

export interface Decomposed {
  readonly residual: Expr;
  /** Q; undefined where the axes are those of the columns */
  readonly axes: Expr | undefined;
  /** the diagonal in the middle, 1 / A */
  readonly weights: Expr;
}

/** eᵀ diag(w) e or eᵀ Q diag(w) Qᵀ e. */
export function readDecomposed(factor: Expr): Decomposed | undefined {
  if (factor.kind !== 'quadratic') return undefined;
  const { vector, matrix } = factor;
  if (matrix.kind === 'diag') return { residual: vector, axes: undefined, weights: matrix.of };
  if (matrix.kind !== 'product' || matrix.factors.length !== 3) return undefined;
  const [left, middle, right] = matrix.factors;
  if (left.kind !== 'symbol' || middle.kind !== 'diag' || right.kind !== 'transpose') return undefined;
  if (right.of.kind !== 'symbol' || right.of.name !== left.name) return undefined;
  return { residual: vector, axes: left, weights: middle.of };
}

/** What varies with the row, gathered over the rows alone; the rest stays for the sums outside. */
export function overRows(
  t: Term,
  own: Expr,
  body: Expr,
  context: CollectContext,
): { readonly rows: Expr; readonly others: readonly Expr[]; readonly sums: Term['sums'] } {
  const index = context.rows?.index ?? '';
  const others = t.factors.filter((f) => f !== own);
  const inside = others.filter((f) => dependsOn(f, index));
  return {
    rows: gather(
      t.sums.filter((s) => s.index === index),
      inside,
      body,
      context,
    ),
    others: others.filter((f) => !inside.includes(f)),
    sums: t.sums.filter((s) => s.index !== index),
  };
}

/** Σ others × diagonal of Qᵀ S Q (S the scatter of the residual), or of S itself: what a shape is made of. */
export function spread(t: Term, own: Expr, d: Decomposed, context: CollectContext): Expr {
  if (d.axes === undefined)
    return gather(
      t.sums,
      t.factors.filter((f) => f !== own),
      power(d.residual, 2),
      context,
    );
  const { rows, others, sums } = overRows(t, own, outer(d.residual, d.residual), context);
  return gatherOuter(sums, others, diagonal(product(transpose(d.axes), rows, d.axes)), context);
}

/** A vector or matrix without the scalar factors in front of it: its direction. */
export function withoutNumbers(e: Expr): Expr {
  if (e.kind !== 'multiply') return e;
  return multiply(...e.factors.filter((f) => shapeOf(f).length > 0));
}
