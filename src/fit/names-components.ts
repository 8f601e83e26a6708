/** Whether a model speaks of a component by its number, so that the numbers must stay where they are. */
import { partsOf, symbolsOf } from '../algebra/traverse.js';
import type { Dim, Expr, Index } from '../algebra/types.js';
import { expressionsOf } from '../plan/build.js';
import type { Axis, Program } from '../plan/types.js';

/**
 * A model treats the values of a latent alike when it reaches them by running indices of parameters only. It does not
 * when a value is held for one of them or some are tied, when one is written as a number (`mu[1]`, `z[i] = 1`), when constants have an entry for
 * each, or when other symbols have the same plate: labels in the data keep their numbers.
 */
export function namesComponents(program: Program, axis: Axis): boolean {
  const { plan } = program;
  const latent = plan.model.latents.find((l) => l.name === axis.latent)!;
  const { plate } = latent.type;
  if (plate === undefined) return true;
  if ([...plan.model.latents, ...plan.model.data].some((s) => s !== latent && s.type.plate === plate))
    return true;
  const updated = plan.updates.filter((u) => u.held.length > 0 || u.ties.length > 0);
  if (updated.length > 0) return true;
  const equations = [...new Set(plan.updates.flatMap((u) => u.joint?.constraints ?? []))];
  if (equations.some((c) => symbolsOf(c.value).some((s) => s.indices.some((i) => i.kind === 'fixed'))))
    return true;
  const free = new Map([[axis.value.index, axis.value.dim]]);
  return [...plan.logits.flatMap(expressionsOf), plan.logPrior].some((e) => names(e, axis.value.dim, free));
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
