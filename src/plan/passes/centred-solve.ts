/**
 * Raw or centred normal equations. Least squares with an intercept, w = (Σ r φ φᵀ)⁻¹ Σ r φ y, loses digits when covariates are
 * far from zero: Σ r t² and (Σ r t)² / Σ r nearly cancel. Where φ has a column that is the same number c in every row,
 * φ̃ = φ − m φ_c / c with m the weighted means makes the normal matrix block diagonal, and moments around the means are what
 * engines keep anyway (`Moments`): nothing cancels, and the intercept follows from the means.
 *
 *     before   w[k] = solve(S_phi[k], S_phi_y[k]) by raw sums
 *     after    the same update, `centred: { group: phi, constant: 0 }`; `parameter-stage.ts` solves it around the means
 */
import { isNumber } from '../../algebra/build.js';
import type { CentredSolve, Pass, Plan, PlannedUpdate } from '../types.js';

export const centredSolve: Pass = {
  name: 'centred-solve',
  apply: (plan) => {
    const updates = plan.updates.map((u) => ({ ...u, centred: centredOf(u, plan) }));
    const notes = updates.flatMap((u) =>
      u.centred === undefined ? [] : [`${u.parameter} is solved around the means: one covariate is constant`],
    );
    return { plan: { ...plan, updates }, notes };
  },
};

/** Undefined where the update is not of that form. */
function centredOf({ value: e }: PlannedUpdate, plan: Plan): CentredSolve | undefined {
  if (e.kind !== 'solve' || e.matrix.kind !== 'symbol' || e.right.kind !== 'symbol') return undefined;
  const reading = (name: string) => plan.statistics.find((s) => s.name === name)?.reading;
  const a = reading(e.matrix.name);
  const b = reading(e.right.name);
  if (a?.kind !== 'second' || a.as !== 'matrix' || b?.kind !== 'second' || b.as !== 'matrix')
    return undefined;
  const [part] = a.left.parts;
  if (a.left.parts.length !== 1 || part.kind !== 'scaled' || !isNumber(part.coefficient, 1)) return undefined;
  const group = plan.groups[part.group];
  if (group.kind !== 'derived') return undefined;
  const constant = group.elements.findIndex((x) => x.kind === 'number' && x.value !== 0);
  return constant < 0 ? undefined : { group: part.group, constant };
}
