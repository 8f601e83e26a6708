/**
 * What a solver form works on: the terms of Q in one parameter, cut down to one value of its indices.
 *
 * Σ_i Σ_k r[i,k] log pi[k], seen from pi[k] for one k, is Σ_i r[i,k] log pi[k]: the sum over the parameter's own index
 * goes, every other sum stays. A parameter without the index keeps the sum over k: that is all that tying is.
 */
import {
  add,
  divide,
  isNumber,
  multiply,
  number,
  ONE,
  product,
  shapeOf,
  size,
  sum,
  symbol,
} from '../algebra/build.js';
import { printKey } from '../algebra/print.js';
import { containsSymbol, dependsOn, partsOf, reindex, some } from '../algebra/traverse.js';
import type { Expr, NormalForm, Range, SymbolExpr, Term } from '../algebra/types.js';

/** Facts about the model that simplification may use. */
export interface CollectContext {
  readonly rows: Range | undefined;
  /** name of the responsibilities, and the index of the component */
  readonly responsibility: { readonly name: string; readonly component: Range } | undefined;
  /** name of the row weight, if there is one */
  readonly weight: string | undefined;
}

export const termsOf = (q: NormalForm, parameter: string): NormalForm =>
  q.filter((t) => t.factors.some((f) => containsSymbol(f, parameter)));

/** Every factor of `t` that contains the parameter. */
export const ownFactors = (t: Term, parameter: string): readonly Expr[] =>
  t.factors.filter((f) => containsSymbol(f, parameter));

/**
 * Takes the sums over the parameter's own indices out of a term. Gives undefined when the parameter stands in it with
 * another index than a running one (`mu[1]`), which the forms do not handle.
 */
export function strip(t: Term, parameter: string, ranges: readonly Range[]): Term | undefined {
  const uses = t.factors.flatMap((f) => occurrences(f, parameter));
  let { factors, sums: left } = t;
  for (const use of uses) {
    for (const [n, range] of ranges.entries()) {
      const index = use.indices[n];
      if (index === undefined || index.kind !== 'running') return undefined;
      left = left.filter((s) => s.index !== index.index);
      if (index.index !== range.index)
        factors = factors.map((f) => reindex(f, index.index, { kind: 'running', index: range.index }));
    }
  }
  return { ...t, factors, sums: left };
}

const occurrences = (e: Expr, parameter: string): readonly SymbolExpr[] =>
  e.kind === 'symbol'
    ? e.name === parameter
      ? [e]
      : []
    : partsOf(e).flatMap((part) => occurrences(part, parameter));

/**
 * Σ over `ranges` of coefficient × factors × body as an expression in which every sum over rows stands innermost and
 * holds only what varies with the row: Σ_k s2[k]⁻¹ (Σ_i r[i,k] phi[i] phi[i]ᵀ). `body` may be a vector or a matrix.
 */
export function gather(
  ranges: readonly Range[],
  factors: readonly Expr[],
  body: Expr,
  context: CollectContext,
): Expr {
  const rows = context.rows === undefined ? undefined : ranges.find((r) => r.index === context.rows?.index);
  const outerRanges = ranges.filter((r) => r !== rows);
  const pieces = [...factors, ...(body.kind === 'multiply' ? body.factors : [body])];
  if (rows === undefined) return sumOver(outerRanges, multiply(...pieces), context);
  // Σ_i r P u = P Σ_i r u for a matrix P that is the same in every row
  const chain = pieces.find((f) => f.kind === 'product');
  if (chain?.kind === 'product') {
    const split = chain.factors.findIndex((f) => dependsOn(f, rows.index));
    if (split > 0) {
      const inner = gather(
        [rows],
        pieces.filter((f) => f !== chain && dependsOn(f, rows.index)),
        product(...chain.factors.slice(split)),
        context,
      );
      const outside = pieces.filter((f) => f !== chain && !dependsOn(f, rows.index));
      return sumOver(
        outerRanges,
        multiply(...outside, product(...chain.factors.slice(0, split), inner)),
        context,
      );
    }
  }
  const inside = pieces.filter((f) => dependsOn(f, rows.index));
  const outside = pieces.filter((f) => !dependsOn(f, rows.index));
  const insideTensor = inside.some((f) => shapeOf(f).length > 0);
  const outsideTensor = outside.find((f) => shapeOf(f).length > 0);
  const rowSum = inside.length === 0 ? size(rows.dim) : sum(rows, multiply(...inside));
  if (insideTensor && outsideTensor !== undefined) throw new Error('two tensors in one term');
  return sumOver(outerRanges, multiply(...outside, rowSum), context);
}

/** Σ over `ranges`, none of them the rows, of factors × body; body holds its own sums over rows. */
export const gatherOuter = (
  ranges: readonly Range[],
  factors: readonly Expr[],
  body: Expr,
  context: CollectContext,
): Expr => sumOver(ranges, multiply(...factors, body), context);

/** Sums over the remaining indices, with Σ_k r[i,k] = 1 used where nothing else varies with k. */
function sumOver(ranges: readonly Range[], body: Expr, context: CollectContext): Expr {
  return ranges.reduceRight((inner, range) => {
    const collapsed = collapse(inner, range, context);
    if (collapsed !== undefined) return collapsed;
    const factors = inner.kind === 'multiply' ? inner.factors : [inner];
    const free = factors.filter((f) => !dependsOn(f, range.index));
    const bound = factors.filter((f) => dependsOn(f, range.index));
    if (bound.length === 0) return multiply(size(range.dim), inner);
    return free.length === 0 ? sum(range, inner) : multiply(...free, sum(range, multiply(...bound)));
  }, body);
}

/** Σ_k … Σ_i r[i,k] f(i) = Σ_i f(i) when only the responsibility depends on k. */
function collapse(body: Expr, range: Range, context: CollectContext): Expr | undefined {
  const r = context.responsibility;
  if (r === undefined || range.index !== r.component.index || context.rows === undefined) return undefined;
  const factors = body.kind === 'multiply' ? body.factors : [body];
  const withComponent = factors.filter((f) => dependsOn(f, range.index));
  const only = withComponent[0];
  if (withComponent.length !== 1 || only?.kind !== 'sum' || only.range.index !== context.rows.index)
    return undefined;
  const inner = only.body.kind === 'multiply' ? only.body.factors : [only.body];
  const responsibilities = inner.filter(
    (f) => f.kind === 'symbol' && f.role === 'responsibility' && f.name === r.name,
  );
  const rest = inner.filter((f) => !responsibilities.includes(f));
  if (responsibilities.length !== 1 || rest.some((f) => dependsOn(f, range.index))) return undefined;
  const summed = rest.length === 0 ? size(context.rows.dim) : sum(context.rows, multiply(...rest));
  return multiply(...factors.filter((f) => f !== only), summed);
}

/** A sum with a number taken out in front: −½ Σ… + −½ Σ… is −½ (Σ… + Σ…). */
export interface Factored {
  readonly coefficient: number;
  readonly rest: Expr;
}

function withNumberOutside(part: Factored): Factored {
  const factors = part.rest.kind === 'multiply' ? part.rest.factors : [part.rest];
  const value = factors.reduce((c, f) => (f.kind === 'number' ? c * f.value : c), 1);
  return {
    coefficient: part.coefficient * value,
    rest: multiply(...factors.filter((f) => f.kind !== 'number')),
  };
}

/** Takes a common numerical factor out of a list of (coefficient, expression). */
export function factorOut(parts: readonly Factored[]): Factored {
  const first = parts[0];
  if (first === undefined) return { coefficient: 0, rest: ONE };
  const merged = new Map<string, Factored>();
  for (const part of parts.map(withNumberOutside)) {
    const key = printKey(part.rest);
    const seen = merged.get(key);
    merged.set(key, seen ? { ...seen, coefficient: seen.coefficient + part.coefficient } : part);
  }
  const list = [...merged.values()].filter((p) => p.coefficient !== 0);
  if (list.length === 0) return { coefficient: 0, rest: ONE };
  // the number in front of a sum over rows, so that data stand as they are and priors beside them: n[k] + 10
  const leading = list.find((p) => some(p.rest, (part) => part.kind === 'sum')) ?? list[0];
  const { coefficient } = leading;
  return {
    coefficient,
    rest: add(...list.map((p) => multiply(number(p.coefficient / coefficient), p.rest))),
  };
}

/** a / b with common scalar factors cancelled. */
export function quotient(top: Expr, bottom: Expr): Expr {
  if (isNumber(bottom, 1)) return top;
  const topFactors = [...(top.kind === 'multiply' ? top.factors : [top])];
  const bottomFactors = [...(bottom.kind === 'multiply' ? bottom.factors : [bottom])];
  for (const factor of [...bottomFactors]) {
    if (factor.kind === 'number') continue;
    const at = topFactors.findIndex((f) => shapeOf(f).length === 0 && printKey(f) === printKey(factor));
    if (at >= 0) {
      topFactors.splice(at, 1);
      bottomFactors.splice(bottomFactors.indexOf(factor), 1);
    }
  }
  const rest = bottomFactors.length === 0 ? ONE : multiply(...bottomFactors);
  return isNumber(rest, 1) ? multiply(...topFactors) : divide(multiply(...topFactors), rest);
}

export const rowsTotal = (context: CollectContext): Expr => {
  if (context.rows === undefined) return ONE;
  if (context.weight === undefined) return size(context.rows.dim);
  return sum(
    context.rows,
    symbol(context.weight, 'weight', [{ kind: 'running', index: context.rows.index }], [], 'positive'),
  );
};
