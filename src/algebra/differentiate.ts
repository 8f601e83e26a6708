/**
 * Derivatives of a number with respect to one parameter: a number, or a vector.
 *
 * A derivative is a sum of *rays* s φ: a number s times a direction φ in which the parameter is not (1 for a number, the φ
 * of dot(θ, φ) for a vector). The derivative of s is again a sum of rays t ψ, so the second derivative is a sum of
 * t φ ψᵀ. A quadratic form of a vector that is affine in θ has its own: 2 c M (c θ + u) and 2 c² M.
 */
import {
  add,
  apply,
  condition,
  dot,
  exp,
  family,
  identity,
  isNumber,
  isZero,
  multiply,
  negate,
  number,
  ONE,
  outer,
  position,
  power,
  product,
  running,
  shapeOf,
  subtract,
  sum,
  ZERO,
} from './build.js';
import { containsSymbol, dependsOn, partsOf, reindex } from './traverse.js';
import type { Expr, FunctionName, Index, Range, SymbolExpr } from './types.js';

export interface Derivatives {
  /** for each parameter, of its shape */
  readonly gradient: readonly Expr[];
  /** for each pair: a number, a vector, or a matrix [shape of the first, shape of the second] */
  readonly hessian: readonly (readonly Expr[])[];
}

/** First and second derivatives of `e` in parameters at their own running indices; undefined where a rule is missing. */
export function derivatives(e: Expr, thetas: readonly SymbolExpr[]): Derivatives | undefined {
  const gradient: Expr[] = [];
  const hessian: (readonly Expr[])[] = [];
  for (const theta of thetas) {
    const parts = partsOfDerivative(e, theta);
    if (parts === undefined) return undefined;
    gradient.push(add(...parts.map((p) => multiply(p.scale, p.kind === 'ray' ? p.direction : p.gradient))));
    const row = thetas.map((other) => secondDerivative(parts, other));
    if (row.some((x) => x === undefined)) return undefined;
    hessian.push(row as readonly Expr[]);
  }
  return { gradient, hessian };
}

/** The derivative in `other` of a derivative. */
function secondDerivative(parts: readonly Part[], other: SymbolExpr): Expr | undefined {
  const second: Expr[] = [];
  for (const part of parts) {
    const inner = partsOfDerivative(part.scale, other);
    if (inner === undefined || inner.some((p) => p.kind === 'quadratic')) return undefined;
    const direction = part.kind === 'ray' ? part.direction : part.gradient;
    for (const p of inner)
      if (p.kind === 'ray') second.push(multiply(p.scale, between(direction, p.direction)));
    if (part.kind === 'ray') {
      // a direction is free of its own parameter; of another it must be too
      if (containsSymbol(direction, other.name)) return undefined;
    } else {
      const own = part.hessian(other);
      if (own === undefined) return undefined;
      if (!isZero(own)) second.push(multiply(part.scale, own));
    }
  }
  return add(...second);
}

const between = (left: Expr, right: Expr): Expr =>
  shapeOf(left).length === 0 || shapeOf(right).length === 0 ? multiply(left, right) : outer(left, right);

type Part =
  | { readonly kind: 'ray'; readonly scale: Expr; readonly direction: Expr }
  /** scale × the derivative of a quadratic form of a vector that is affine in the parameter */
  | {
      readonly kind: 'quadratic';
      readonly scale: Expr;
      readonly gradient: Expr;
      /** the derivative of `gradient` in a parameter of the same vector; 0 where it is not in it */
      readonly hessian: (other: SymbolExpr) => Expr | undefined;
    };

const ray = (scale: Expr, direction: Expr): readonly Part[] =>
  isZero(scale) ? [] : [{ kind: 'ray', scale, direction }];

const scaled = (parts: readonly Part[], by: Expr): readonly Part[] =>
  isZero(by) ? [] : parts.map((p) => ({ ...p, scale: multiply(by, p.scale) }));

function partsOfDerivative(e: Expr, theta: SymbolExpr): readonly Part[] | undefined {
  const go = (part: Expr): readonly Part[] | undefined => partsOfDerivative(part, theta);
  if (!containsSymbol(e, theta.name)) return [];
  switch (e.kind) {
    case 'symbol':
      return shapeOf(e).length === 0 ? ray(sameIndices(e, theta), ONE) : undefined;
    case 'element': {
      if (e.of.kind !== 'symbol' || e.coordinates.length !== 1 || theta.shape.length !== 1) return undefined;
      const unit = family({ index: 'd_', dim: theta.shape[0] }, isIndex('d_', e.coordinates[0]));
      return ray(sameIndices(e.of, theta), unit);
    }
    case 'add':
      return all(e.terms.map(go));
    case 'multiply':
      return all(
        e.factors.map((f) => {
          const inner = go(f);
          return inner && scaled(inner, multiply(...e.factors.filter((g) => g !== f)));
        }),
      );
    case 'power': {
      const inner = go(e.base);
      return inner && scaled(inner, multiply(number(e.exponent), power(e.base, e.exponent - 1)));
    }
    case 'function': {
      const slope = slopeOf(e.name, e.argument);
      const inner = go(e.argument);
      return slope && inner && scaled(inner, slope);
    }
    case 'sum':
      return overRange(e.range, e.body, theta, (parts) =>
        parts.map((p) =>
          p.kind === 'ray' && dependsOn(p.direction, e.range.index)
            ? { ...p, scale: ONE, direction: sum(e.range, multiply(p.scale, p.direction)) }
            : { ...p, scale: sum(e.range, p.scale) },
        ),
      );
    case 'logsumexp': {
      const share = exp(subtract(e.body, e));
      return overRange(
        e.range,
        e.body,
        theta,
        (parts) =>
          parts.map((p) =>
            p.kind === 'ray' && !dependsOn(p.direction, e.range.index)
              ? { ...p, scale: sum(e.range, multiply(share, p.scale)) }
              : undefined,
          ),
        share,
      );
    }
    case 'dot': {
      const [own, other] = containsSymbol(e.left, theta.name) ? [e.left, e.right] : [e.right, e.left];
      if (containsSymbol(other, theta.name)) return undefined;
      const form = affineIn(own, theta);
      return form && ray(multiply(form.scale, form.same), other);
    }
    case 'quadratic':
      return quadraticParts(e.vector, e.matrix, theta);
    case 'number':
    case 'circle':
    case 'size':
    case 'position':
    case 'indicator':
    case 'condition':
    case 'maximum':
    case 'minimum':
    case 'largest':
    case 'median':
    case 'vector':
    case 'family':
    case 'fill':
    case 'identity':
    case 'diag':
    case 'diagonal':
    case 'product':
    case 'transpose':
    case 'inverse':
    case 'logdet':
    case 'trace':
    case 'outer':
    case 'solve':
    case 'axes':
      return undefined;
  }
}

/** All lists joined; undefined where one is. */
function all(lists: readonly (readonly Part[] | undefined)[]): readonly Part[] | undefined {
  const known = lists.flatMap((list) => (list === undefined ? [] : [list]));
  return known.length < lists.length ? undefined : known.flat();
}

/** f' of a function, as an expression of its argument. */
function slopeOf(name: FunctionName, x: Expr): Expr | undefined {
  switch (name) {
    case 'log':
      return power(x, -1);
    case 'exp':
      return exp(x);
    case 'logistic':
      return multiply(apply('logistic', x), apply('logistic', negate(x)));
    case 'softplus':
      return apply('logistic', x);
    case 'lgamma':
      return apply('digamma', x);
    case 'digamma':
      return apply('trigamma', x);
    case 'cos':
      return negate(apply('sin', x));
    case 'sin':
      return apply('cos', x);
    case 'logbesseli0':
      return apply('besselratio', x);
    case 'besselratio': {
      const a = apply('besselratio', x);
      return add(ONE, negate(multiply(a, power(x, -1))), negate(power(a, 2)));
    }
    // no second derivative, or none that anything needs
    case 'abs':
    case 'trigamma':
      return undefined;
  }
}

/**
 * Σ over a range, or log Σ exp. Where θ stands at the running index of the range itself (v[l] under Σ_l, seen from v[k])
 * only the summand l = k depends on it.
 */
function overRange(
  range: Range,
  body: Expr,
  theta: SymbolExpr,
  summed: (parts: readonly Part[]) => readonly (Part | undefined)[],
  share: Expr = ONE,
): readonly Part[] | undefined {
  const uses = symbolsNamed(body, theta.name);
  const at = theta.indices.findIndex((_, n) => uses.some((u) => isRunning(u.indices[n], range.index)));
  if (at < 0) {
    const parts = partsOfDerivative(body, theta);
    const made = parts && summed(parts);
    return made?.some((p) => p === undefined) === true ? undefined : (made as readonly Part[] | undefined);
  }
  const own = theta.indices[at];
  if (uses.some((u) => !isRunning(u.indices[at], range.index)) || own.kind !== 'running') return undefined;
  // the derivative in θ at the range's index, read at θ's own
  const inner: SymbolExpr = {
    ...theta,
    indices: theta.indices.map((i, n) => (n === at ? running(range.index) : i)),
  };
  const parts = partsOfDerivative(body, inner);
  const move = (e: Expr): Expr => reindex(e, range.index, own);
  return parts?.map((p) =>
    p.kind === 'ray'
      ? { kind: 'ray', scale: move(multiply(share, p.scale)), direction: move(p.direction) }
      : {
          kind: 'quadratic',
          scale: move(multiply(share, p.scale)),
          gradient: move(p.gradient),
          hessian: (other) => {
            const found = p.hessian(other);
            return found && move(found);
          },
        },
  );
}

const isRunning = (i: Index, index: string): boolean => i.kind === 'running' && i.index === index;

const symbolsNamed = (e: Expr, name: string): readonly SymbolExpr[] =>
  e.kind === 'symbol' ? (e.name === name ? [e] : []) : partsOf(e).flatMap((p) => symbolsNamed(p, name));

/** 1 where a use of the parameter is the parameter at its own indices, else 0. */
const sameIndices = (use: SymbolExpr, theta: SymbolExpr): Expr =>
  multiply(
    ...use.indices.map((i, n) => {
      const own = theta.indices[n];
      return own.kind === 'running' ? isIndex(own.index, i) : ONE;
    }),
  );

/** [d = i]. */
function isIndex(index: string, i: Index): Expr {
  if (i.kind === 'running')
    return i.index === index ? ONE : condition('=', position(index), position(i.index));
  if (i.kind === 'fixed') return condition('=', position(index), number(i.value));
  return condition('=', position(index), {
    kind: 'symbol',
    name: i.name,
    role: 'data',
    indices: [running(i.at)],
    shape: [],
    fact: undefined,
  });
}

/** c θ + u with a number c; `same` is 1 where θ is at its own indices. */
function affineIn(e: Expr, theta: SymbolExpr): { readonly scale: Expr; readonly same: Expr } | undefined {
  const terms = e.kind === 'add' ? e.terms : [e];
  const own = terms.filter((t) => containsSymbol(t, theta.name));
  if (own.length !== 1) return undefined;
  const factors = own[0].kind === 'multiply' ? own[0].factors : own;
  const core = factors.find((f) => f.kind === 'symbol' && f.name === theta.name);
  const others = factors.filter((f) => f !== core);
  if (core?.kind !== 'symbol' || others.some((f) => shapeOf(f).length > 0 || containsSymbol(f, theta.name)))
    return undefined;
  return { scale: multiply(...others), same: sameIndices(core, theta) };
}

function quadraticParts(vector: Expr, matrix: Expr, theta: SymbolExpr): readonly Part[] | undefined {
  if (shapeOf(vector).length === 0) {
    const inner = partsOfDerivative(vector, theta);
    const weight = partsOfDerivative(matrix, theta);
    return all([
      inner && scaled(inner, multiply(number(2), vector, matrix)),
      weight && scaled(weight, power(vector, 2)),
    ]);
  }
  if (containsSymbol(matrix, theta.name)) return undefined;
  const own = designOf(vector, theta);
  if (own === undefined) return undefined;
  const m = matrix.kind === 'identity' ? identity(shapeOf(vector)[0]) : matrix;
  const times = (v: Expr): Expr => (matrix.kind === 'identity' ? v : product(m, v));
  const two = number(2);
  return [
    {
      kind: 'quadratic',
      scale: ONE,
      gradient:
        own.kind === 'identity'
          ? multiply(two, own.scale, times(vector))
          : multiply(two, dot(own.column, times(vector))),
      hessian: (other) => {
        if (!containsSymbol(vector, other.name)) return containsSymbol(matrix, other.name) ? undefined : ZERO;
        const its = designOf(vector, other);
        if (its === undefined || containsSymbol(matrix, other.name)) return undefined;
        if (own.kind === 'identity')
          return its.kind === 'identity'
            ? multiply(two, own.scale, its.scale, m)
            : multiply(two, own.scale, times(its.column));
        return its.kind === 'identity'
          ? multiply(two, its.scale, times(own.column))
          : multiply(two, dot(own.column, times(its.column)));
      },
    },
  ];
}

/** How a parameter stands in an affine vector: c θ, or a number θ times a vector. */
type Design =
  { readonly kind: 'identity'; readonly scale: Expr } | { readonly kind: 'column'; readonly column: Expr };

function designOf(vector: Expr, theta: SymbolExpr): Design | undefined {
  if (theta.shape.length === 1) {
    const form = affineIn(vector, theta);
    return form !== undefined && isNumber(form.same, 1) ? { kind: 'identity', scale: form.scale } : undefined;
  }
  const terms = vector.kind === 'add' ? vector.terms : [vector];
  const own = terms.filter((t) => containsSymbol(t, theta.name));
  if (own.length !== 1 || own[0].kind !== 'multiply' || theta.shape.length > 0) return undefined;
  const core = own[0].factors.find((f) => f.kind === 'symbol' && f.name === theta.name);
  const others = own[0].factors.filter((f) => f !== core);
  if (core?.kind !== 'symbol' || others.some((f) => containsSymbol(f, theta.name))) return undefined;
  return isNumber(sameIndices(core, theta), 1) ? { kind: 'column', column: multiply(...others) } : undefined;
}
