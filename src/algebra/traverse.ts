/** The one traversal of expressions; a pass names only the kinds that it changes. */
import {
  add,
  axes,
  apply,
  condition,
  diag,
  diagonal,
  dot,
  element,
  family,
  fill,
  inverse,
  largest,
  logdet,
  logsumexp,
  maximum,
  median,
  minimum,
  multiply,
} from './build.js';
import { outer, power, product, quadratic, solve, sum, trace, transpose, vector } from './build.js';
import type { Expr, Index, Range } from './types.js';

/** The same node with `f` applied to each of its direct parts. */
export function mapParts(e: Expr, f: (part: Expr) => Expr): Expr {
  switch (e.kind) {
    case 'number':
    case 'circle':
    case 'size':
    case 'position':
    case 'symbol':
    case 'indicator':
    case 'identity':
      return e;
    case 'element':
      return element(f(e.of), e.coordinates);
    case 'add':
      return add(...e.terms.map(f));
    case 'multiply':
      return multiply(...e.factors.map(f));
    case 'power':
      return power(f(e.base), e.exponent);
    case 'function':
      return apply(e.name, f(e.argument));
    case 'sum':
      return sum(e.range, f(e.body));
    case 'maximum':
      return maximum(f(e.left), f(e.right));
    case 'minimum':
      return minimum(f(e.left), f(e.right));
    case 'logsumexp':
      return logsumexp(e.range, f(e.body));
    case 'largest':
      return largest(e.range, f(e.body));
    case 'median':
      return median(e.ranges, f(e.value), f(e.weight));
    case 'vector':
      return vector(e.elements.map(f));
    case 'condition':
      return condition(e.relation, f(e.left), f(e.right), e.label);
    case 'family':
      return family(e.range, f(e.body));
    case 'fill':
      return fill(f(e.value), e.dim);
    case 'diag':
      return diag(f(e.of));
    case 'diagonal':
      return diagonal(f(e.of));
    case 'product':
      return product(...e.factors.map(f));
    case 'transpose':
      return transpose(f(e.of));
    case 'inverse':
      return inverse(f(e.of));
    case 'logdet':
      return logdet(f(e.of));
    case 'trace':
      return trace(f(e.of));
    case 'dot':
      return dot(f(e.left), f(e.right));
    case 'outer':
      return outer(f(e.left), f(e.right));
    case 'quadratic':
      return quadratic(f(e.vector), f(e.matrix));
    case 'solve':
      return solve(f(e.matrix), f(e.right));
    case 'axes':
      return axes(e.range, f(e.weights), f(e.matrix), f(e.start));
  }
}

/** Direct parts of a node, in order. */
export function partsOf(e: Expr): readonly Expr[] {
  const parts: Expr[] = [];
  mapParts(e, (part) => {
    parts.push(part);
    return part;
  });
  return parts;
}

/** True when `e` or a part of it satisfies the predicate. */
export const some = (e: Expr, predicate: (part: Expr) => boolean): boolean =>
  predicate(e) || partsOf(e).some((part) => some(part, predicate));

export const containsSymbol = (e: Expr, name: string): boolean =>
  some(e, (p) => p.kind === 'symbol' && p.name === name);

const indicesOf = (e: Expr): readonly Index[] =>
  e.kind === 'symbol'
    ? e.indices
    : e.kind === 'element'
      ? e.coordinates
      : e.kind === 'indicator'
        ? [...e.at, e.value]
        : [];

const indexDependsOn = (i: Index, index: string): boolean =>
  (i.kind === 'running' && i.index === index) || (i.kind === 'data' && i.at === index);

/** The indices that a node gives their values to its parts. */
export const boundRanges = (e: Expr): readonly Range[] =>
  'ranges' in e ? e.ranges : 'range' in e && e.range !== undefined ? [e.range] : [];

const isBound = (e: Expr, index: string): boolean => boundRanges(e).some((r) => r.index === index);

/** True when the running index stands free in `e`. */
export function dependsOn(e: Expr, index: string): boolean {
  if (e.kind === 'position') return e.index === index;
  if (indicesOf(e).some((i) => indexDependsOn(i, index))) return true;
  if (isBound(e, index)) return false;
  return partsOf(e).some((part) => dependsOn(part, index));
}

/** `e` with one running index replaced everywhere it stands free. */
export function reindex(e: Expr, from: string, to: Index): Expr {
  const change = (i: Index): Index =>
    i.kind === 'running' && i.index === from
      ? to
      : i.kind === 'data' && i.at === from && to.kind === 'running'
        ? { ...i, at: to.index }
        : i;
  if (e.kind === 'position' && e.index === from)
    return to.kind === 'running'
      ? { ...e, index: to.index }
      : to.kind === 'fixed'
        ? { kind: 'number', value: to.value }
        : {
            kind: 'symbol',
            name: to.name,
            role: 'data',
            indices: [{ kind: 'running', index: to.at }],
            shape: [],
            fact: undefined,
          };
  if (e.kind === 'symbol') return { ...e, indices: e.indices.map(change) };
  if (e.kind === 'element') return element(reindex(e.of, from, to), e.coordinates.map(change));
  if (e.kind === 'indicator') return { ...e, at: e.at.map(change), value: change(e.value) };
  if (isBound(e, from)) return e;
  return mapParts(e, (part) => reindex(part, from, to));
}

/** Replaces every part for which `f` gives something, from the outside in. */
export function replace(e: Expr, f: (part: Expr) => Expr | undefined): Expr {
  return f(e) ?? mapParts(e, (part) => replace(part, f));
}

/** All symbols in `e`, each node once, in order of appearance. */
export function symbolsOf(e: Expr): readonly Extract<Expr, { kind: 'symbol' }>[] {
  return e.kind === 'symbol' ? [e] : partsOf(e).flatMap(symbolsOf);
}
