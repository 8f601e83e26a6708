/** Whether a model speaks of a component by its number, so that the numbers must stay where they are. */
import { partsOf } from '../algebra/traverse.js';
import type { Dim, Expr, Index } from '../algebra/types.js';
import type { Program } from '../plan/types.js';

/**
 * A model treats its components alike when it reaches them by running indices of parameters only. It does not when a
 * value is held for one of them, when one is written as a number (`mu[1]`), or when constants have an entry for each.
 */
export function namesComponents(program: Program): boolean {
  const { plan } = program;
  const { component } = plan;
  if (component === undefined) return false;
  if (plan.updates.some((u) => u.held.length > 0)) return true;
  const logits = plan.logits.flatMap((t) =>
    t.kind === 'constant'
      ? [t.value]
      : t.kind === 'linear'
        ? [t.coefficient]
        : [t.coefficient, t.matrix, t.residual.offset, ...t.residual.parts.map((p) => p.coefficient)],
  );
  const free = new Map([[component.index, component.dim]]);
  return [...logits, plan.logPrior].some((e) => names(e, component.dim, free));
}

/** `dims` knows what each running index runs over. */
function names(e: Expr, components: Dim, dims: ReadonlyMap<string, Dim>): boolean {
  const isComponent = (i: Index): boolean => i.kind === 'running' && dims.get(i.index) === components;
  if (e.kind === 'position') return dims.get(e.index) === components;
  if (e.kind === 'symbol')
    return e.role === 'constant' ? e.indices.some(isComponent) : e.indices.some((i) => i.kind === 'fixed');
  if (e.kind === 'element' && e.coordinates.some(isComponent) && holdsKnownNumbers(e.of)) return true;
  if (e.kind === 'sum' || e.kind === 'logsumexp' || e.kind === 'largest')
    return names(e.body, components, new Map([...dims, [e.range.index, e.range.dim]]));
  return partsOf(e).some((part) => names(part, components, dims));
}

/** Constants and vectors written out: their entries may differ. */
const holdsKnownNumbers = (e: Expr): boolean =>
  e.kind === 'vector' || (e.kind === 'symbol' && e.role === 'constant') || partsOf(e).some(holdsKnownNumbers);
