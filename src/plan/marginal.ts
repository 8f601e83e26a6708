/** Which data symbols may have missing cells: those that a plan can integrate out. */
import { isNumber } from '../algebra/build.js';
import { symbolsOf } from '../algebra/traverse.js';
import type { SymbolName } from '../model/types.js';
import type { Plan } from './types.js';

/**
 * A symbol can be integrated out when it stands in one Gaussian term alone, as itself: x[i] − …, and nothing else (a column, a
 * support, a density that is no polynomial) is computed from it. A hard assignment has no density to integrate.
 */
export function canBeMissing(plan: Plan, symbol: SymbolName): boolean {
  if (plan.assignment === 'hard') return false;
  const group = plan.groups.findIndex((g) => g.kind === 'symbol' && g.symbol === symbol);
  const others = [
    ...plan.groups.flatMap((g) => (g.kind === 'derived' ? g.elements : [])),
    ...plan.supports,
    ...plan.logits.flatMap((t) => (t.kind === 'general' ? [t.value] : [])),
  ];
  const isSource = others.some((e) => symbolsOf(e).some((s) => s.name === symbol));
  if (group < 0 || isSource) return false;
  const terms = plan.logits.filter(
    (t) =>
      (t.kind === 'linear' && t.group === group) ||
      (t.kind === 'quadratic' && t.residual.parts.some((p) => p.group === group)),
  );
  const [term] = terms;
  if (terms.length !== 1 || term.kind !== 'quadratic') return false;
  const own = term.residual.parts.filter((p) => p.group === group);
  return own.length === 1 && own[0].kind === 'scaled' && isNumber(own[0].coefficient, 1);
}
