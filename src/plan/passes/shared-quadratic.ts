/**
 * What is the same for every component leaves the softmax. With a(k) = b + c(k), exp a(k) / Σ exp a(l) = exp c(k) / Σ exp c(l):
 * b moves the log density of the row and no responsibility. Where no quadratic term of the logits differs between components
 * but in its offset (a tied covariance, a variance that all curves share), the products of the columns are such a b: their
 * sum over the rows is one number of the parameters and constants of the data, and the softmax is over linear functions.
 *
 *     before   −½ (x − mu[k])ᵀ Sigma⁻¹ (x − mu[k]):   N K (1 + D + D (D + 1) / 2) multiply-adds
 *     after    xᵀ Sigma⁻¹ mu[k] − …, beside xᵀ Sigma⁻¹ x:   N K (1 + D)
 */
import { dependsOn } from '../../algebra/traverse.js';
import type { LogitTerm, Pass } from '../types.js';

export const sharedQuadratic: Pass = {
  name: 'shared-quadratic',
  apply: (plan) => {
    const { component } = plan;
    const quadratics = plan.logits.flatMap((t) => (t.kind === 'quadratic' ? [t] : []));
    const isShared = component !== undefined && quadratics.every((t) => !variesWith(t, component.index));
    return {
      plan: { ...plan, sharedQuadratic: isShared },
      notes:
        isShared && quadratics.length > 0
          ? ['the quadratic part is the same for every component: it leaves the softmax']
          : [],
    };
  },
};

/** The offset may: it makes linear terms and constants. */
const variesWith = (t: Extract<LogitTerm, { kind: 'quadratic' }>, index: string): boolean =>
  dependsOn(t.coefficient, index) ||
  dependsOn(t.matrix, index) ||
  t.residual.parts.some((p) => dependsOn(p.coefficient, index));
