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
  /** the plate of the groups of rows that latents belong to */
  readonly groups: Range | undefined;
  /** names of the responsibilities */
  readonly responsibilities: readonly string[];
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
  // where the parameter stands under an index of its own sum (Σ_l inside a logarithm), the sums around it are not its own
  const isFree = uses.some((use) =>
    use.indices.some((i) => left.some((s) => i.kind === 'running' && s.index === i.index)),
  );
  if (!isFree)
    for (const range of ranges)
      if (left.some((s) => s.index === range.index)) {
        const index = `${range.index}_`;
        factors = factors.map((f) => reindex(f, range.index, { kind: 'running', index }));
        left = left.map((s) => (s.index === range.index ? { ...s, index } : s));
      }
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
  const all = [...factors, ...(body.kind === 'multiply' ? body.factors : [body])];
  const { pieces, ranges: needed } = withoutOnes(all, ranges, context);
  const rows = rowsOf(needed, pieces, context);
  const outerRanges = needed.filter((r) => r !== rows);
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

/** The rows among the ranges, or the groups where what is summed are their responsibilities. */
function rowsOf(
  ranges: readonly Range[],
  pieces: readonly Expr[],
  context: CollectContext,
): Range | undefined {
  const rows = ranges.find((r) => r.index === context.rows?.index);
  if (rows !== undefined) return rows;
  const groups = ranges.find((r) => r.index === context.groups?.index);
  return groups !== undefined &&
    pieces.some((f) => isResponsibility(f, context) && dependsOn(f, groups.index))
    ? groups
    : undefined;
}

const isResponsibility = (f: Expr, context: CollectContext): boolean =>
  f.kind === 'symbol' && f.role === 'responsibility' && context.responsibilities.includes(f.name);

/**
 * Sums to one are taken out: Σ_k r[i,k] = 1 where all latents of r are summed and nothing else looks at their values,
 * and Σ_j [c[i] = j] = 1.
 */
export function withoutOnes(
  pieces: readonly Expr[],
  ranges: readonly Range[],
  context: CollectContext,
): { readonly pieces: readonly Expr[]; readonly ranges: readonly Range[] } {
  for (const one of pieces) {
    const values = valuesSummed(one, context);
    if (values === undefined) continue;
    const isSummed = values.every((v) => ranges.some((r) => r.index === v));
    const isAlone = pieces.every((f) => f === one || values.every((v) => !dependsOn(f, v)));
    if (isSummed && isAlone)
      return withoutOnes(
        pieces.filter((f) => f !== one),
        ranges.filter((r) => !values.includes(r.index)),
        context,
      );
  }
  return { pieces, ranges };
}

/** The indices over which a factor sums to one. */
function valuesSummed(f: Expr, context: CollectContext): readonly string[] | undefined {
  const indices =
    f.kind === 'indicator' && f.role === 'data'
      ? [f.value]
      : f.kind === 'symbol' && isResponsibility(f, context)
        ? f.indices.slice(1)
        : [];
  return indices.length > 0 && indices.every((i) => i.kind === 'running')
    ? indices.flatMap((i) => (i.kind === 'running' ? [i.index] : []))
    : undefined;
}

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

/** Σ_k … Σ_i r[i,k] f(i) = Σ_i f(i) when only the responsibility depends on k, or on the latents summed further in. */
function collapse(body: Expr, range: Range, context: CollectContext): Expr | undefined {
  const factors = body.kind === 'multiply' ? body.factors : [body];
  const bound = factors.filter((f) => dependsOn(f, range.index));
  let inner = bound[0];
  if (bound.length !== 1 || inner.kind !== 'sum') return undefined;
  const ranges = [range];
  while (inner.kind === 'sum' && !isRows(inner.range, context)) {
    ranges.push(inner.range);
    inner = inner.body;
  }
  if (inner.kind !== 'sum') return undefined;
  const rows = inner.range;
  const pieces = inner.body.kind === 'multiply' ? inner.body.factors : [inner.body];
  const less = withoutOnes(pieces, ranges, context);
  if (less.ranges.some((r) => r.index === range.index)) return undefined;
  const rest = factors.filter((f) => f !== bound[0]);
  const summed = less.pieces.length === 0 ? size(rows.dim) : sum(rows, multiply(...less.pieces));
  return multiply(...rest, sumOver(less.ranges, summed, context));
}

const isRows = (range: Range, context: CollectContext): boolean =>
  range.index === context.rows?.index || range.index === context.groups?.index;

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
