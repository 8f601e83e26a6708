/** Which plans the emitted module and the graph can run: one latent per row, and polynomials of the columns. */
import { shapeOf } from '../algebra/build.js';
import { asksRows } from './types.js';
import type { Plan } from './types.js';

/** Why a plan needs the reference engine, in the words of the model; undefined for a plain one. */
export function whyNotPlain(plan: Plan): string | undefined {
  if (plan.grouping !== undefined) return 'latents of groups of rows';
  if (plan.axes.length > 1) return 'several latents';
  if (plan.strata.length > 1) return 'parameters told apart by categories of the data';
  if (plan.supports.length > 0) return 'distributions that give only some values (Uniform, PointMass)';
  if (plan.logits.some((t) => t.kind === 'general'))
    return 'a log density that is no polynomial of the columns';
  if (plan.statistics.some((s) => asksRows(s.reading))) return 'an M-step that goes through the rows';
  return undefined;
}

/** Beside that, what the emitted module has no words for. */
export function whyNotEmitted(plan: Plan): string | undefined {
  const reason = whyNotPlain(plan);
  if (reason !== undefined) return reason;
  if (plan.updates.some((u) => u.iteration !== undefined)) return 'an M-step by Newton’s method';
  if (plan.updates.some((u) => (u.joint?.constraints.length ?? 0) > 0)) return 'equations between parameters';
  return plan.logits.some((t) => t.kind === 'linear' && shapeOf(t.coefficient).length > 0)
    ? 'a log density with a coefficient for each coordinate'
    : undefined;
}
