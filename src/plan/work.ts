/**
 * What an expression costs: multiply-adds (any arithmetic on one or two numbers is one) and calls of functions, as counts
 * symbolic in the sizes. Matrices as `evaluate-float64.ts` treats them: by Cholesky factors (n³ / 6), the inverses of triangles,
 * and products of the two.
 */
import { add, isNumber, multiply, number, ONE, power, shapeOf, size, ZERO } from '../algebra/build.js';
import { printKey } from '../algebra/print.js';
import { dependsOn, partsOf } from '../algebra/traverse.js';
import type { Dim, Expr, Range } from '../algebra/types.js';

/** A sum of products of sizes (`N`, `D`, `K`) and numbers. */
export type Count = Expr;

export interface Work {
  readonly multiplyAdds: Count;
  /** exponentials, logarithms, roots and other functions */
  readonly functions: Count;
}

export const NOTHING: Work = { multiplyAdds: ZERO, functions: ZERO };

/** Σ, like terms together: D + 2 D is 3 D. */
export function plus(...counts: readonly Count[]): Count {
  const found = new Map<string, { coefficient: number; readonly rest: readonly Count[] }>();
  for (const term of counts.flatMap((c) => (c.kind === 'add' ? c.terms : [c]))) {
    const factors = term.kind === 'multiply' ? term.factors : [term];
    const rest = factors.filter((f) => !isNumber(f));
    const coefficient = factors.reduce((c, f) => (isNumber(f) ? c * f.value : c), 1);
    // numbers come first
    const key = rest.map(printKey).join(' ');
    const like = found.get(key);
    if (like === undefined) found.set(key, { coefficient, rest });
    else like.coefficient += coefficient;
  }
  const constant = found.get('')?.coefficient ?? 0;
  found.delete('');
  return add(number(constant), ...[...found.values()].map((t) => multiply(number(t.coefficient), ...t.rest)));
}

/** Π, equal sizes together: D D is D². */
export function times(...counts: readonly Count[]): Count {
  const product = multiply(...counts);
  if (product.kind !== 'multiply') return product;
  const powers = new Map<string, { exponent: number; readonly of: Count }>();
  for (const f of product.factors) {
    const [of, exponent] = f.kind === 'power' && f.exponent > 0 ? [f.base, f.exponent] : [f, 1];
    const key = `${of.kind} ${printKey(of)}`;
    const like = of.kind === 'size' ? powers.get(key) : undefined;
    if (like === undefined)
      powers.set(of.kind === 'size' ? key : `${key} ${String(powers.size)}`, { exponent, of });
    else like.exponent += exponent;
  }
  return multiply(...[...powers.values()].map((p) => power(p.of, p.exponent)));
}

/** n (n + 1) / 2 */
export const triangle = (n: Count): Count => times(number(0.5), n, plus(n, ONE));

/** n (n + 1) (n + 2) / 6: a Cholesky factor; the inverse of a triangle; the product of a triangle and its transpose */
export function pyramid(n: Count): Count {
  const product = times(n, plus(n, ONE), plus(n, number(2)));
  if (isNumber(product)) return number(product.value / 6);
  return multiply(product, { kind: 'power', base: number(6), exponent: -1 });
}

export const lengthOf = (shape: readonly Dim[]): Count => times(...shape.map(size));

export const overRanges = (ranges: readonly Range[]): Count => lengthOf(ranges.map((r) => r.dim));

export const both = (...works: readonly Work[]): Work => ({
  multiplyAdds: plus(...works.map((w) => w.multiplyAdds)),
  functions: plus(...works.map((w) => w.functions)),
});

export const repeated = (n: Count, { multiplyAdds, functions }: Work): Work => ({
  multiplyAdds: times(n, multiplyAdds),
  functions: times(n, functions),
});

/** The number, undefined where a size has none. */
export function valueOf(count: Count, sizes: Readonly<Record<string, number>>): number | undefined {
  const go = (c: Count): number => valueOf(c, sizes) ?? NaN;
  const value = (): number => {
    if (count.kind === 'number') return count.value;
    if (count.kind === 'size') return typeof count.dim === 'number' ? count.dim : (sizes[count.dim] ?? NaN);
    if (count.kind === 'add') return count.terms.map(go).reduce((a, b) => a + b);
    if (count.kind === 'multiply') return count.factors.map(go).reduce((a, b) => a * b);
    if (count.kind === 'power') return go(count.base) ** count.exponent;
    throw new Error(`a count is made of sums and products of sizes, not of a ${count.kind}`);
  };
  const found = value();
  return Number.isNaN(found) ? undefined : found;
}

/** How often an expression is evaluated; undefined where it is not: its value is there already. */
export type HowOften = (e: Expr) => Count | undefined;

/** All of an expression; equal parts are computed once. `seen` tells which have been. */
export function workOf(e: Expr, often: HowOften, seen: Set<string> = new Set()): Work {
  const n = often(e);
  if (n === undefined || partsOf(e).length === 0) return NOTHING;
  const key = printKey(e);
  if (seen.has(key)) return NOTHING;
  seen.add(key);
  const own = repeated(n, ownWork(e));
  if (e.kind !== 'sum' && e.kind !== 'logsumexp' && e.kind !== 'largest' && e.kind !== 'family')
    return both(own, ...partsOf(e).map((part) => workOf(part, often, seen)));
  const { range } = e;
  const inside: HowOften = (part) => {
    const outer = often(part);
    return outer !== undefined && dependsOn(part, range.index) ? times(outer, size(range.dim)) : outer;
  };
  return both(own, ...partsOf(e).map((part) => workOf(part, inside, seen)));
}

/** What a node does with the values of its parts. */
function ownWork(e: Expr): Work {
  const length = lengthOf(shapeOf(e));
  const arithmetic = (multiplyAdds: Count): Work => ({ multiplyAdds, functions: ZERO });
  const sizeAt = (of: Expr, axis: number): Count => {
    const dim = shapeOf(of)[axis];
    return dim === undefined ? ONE : size(dim);
  };
  const factorised = (of: Expr): Count => pyramid(sizeAt(of, 0));
  switch (e.kind) {
    case 'add':
      return arithmetic(times(number(e.terms.length - 1), length));
    case 'multiply':
      return arithmetic(times(number(e.factors.length - 1), length));
    case 'power':
      return e.exponent === 2 || e.exponent === -1
        ? arithmetic(length)
        : { multiplyAdds: ZERO, functions: length };
    case 'function':
      return { multiplyAdds: ZERO, functions: length };
    case 'condition':
      return arithmetic(ONE);
    case 'maximum':
    case 'minimum':
      return arithmetic(length);
    case 'sum':
      return arithmetic(times(size(e.range.dim), length));
    case 'largest':
      return arithmetic(size(e.range.dim));
    case 'logsumexp':
      return {
        multiplyAdds: times(number(2), size(e.range.dim)),
        functions: plus(size(e.range.dim), ONE),
      };
    case 'dot':
      return arithmetic(sizeAt(e.left, 0));
    case 'outer':
      return arithmetic(length);
    case 'quadratic': {
      const n = sizeAt(e.vector, 0);
      if (shapeOf(e.vector).length === 0) return arithmetic(number(2));
      if (isNumber(e.matrix) || e.matrix.kind === 'identity') return arithmetic(n);
      return arithmetic(e.matrix.kind === 'diag' ? times(number(2), n) : plus(times(n, n), n));
    }
    case 'product':
      return e.factors.slice(1).reduce(
        ({ work, left }, right) => ({
          work: both(work, arithmetic(times(left, sizeAt(right, 0), sizeAt(right, 1)))),
          left,
        }),
        { work: NOTHING, left: sizeAt(e.factors[0], 0) },
      ).work;
    case 'inverse':
      return arithmetic(times(number(3), factorised(e.of)));
    case 'logdet':
      return { multiplyAdds: factorised(e.of), functions: sizeAt(e.of, 0) };
    case 'trace':
      return arithmetic(sizeAt(e.of, 0));
    case 'solve':
      return arithmetic(
        plus(factorised(e.matrix), times(sizeAt(e.matrix, 0), sizeAt(e.matrix, 0), sizeAt(e.right, 1))),
      );
    case 'axes': {
      // one sweep: a rotation for each pair of axes turns two rows and two columns of every matrix
      const n = sizeAt(e.start, 0);
      const matrices = e.range === undefined ? ONE : size(e.range.dim);
      return arithmetic(times(number(4), matrices, n, n, n));
    }
    // counted where the points are (`cost.ts`)
    case 'median':
    case 'number':
    case 'circle':
    case 'size':
    case 'position':
    case 'symbol':
    case 'element':
    case 'indicator':
    case 'vector':
    case 'family':
    case 'fill':
    case 'identity':
    case 'diag':
    case 'diagonal':
    case 'transpose':
      return NOTHING;
  }
}

/** The names of the sizes in a count. */
export const sizesIn = (count: Count): readonly string[] =>
  count.kind === 'size' ? [String(count.dim)] : [...new Set(partsOf(count).flatMap(sizesIn))];
