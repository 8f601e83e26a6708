/**
 * Constructors. Each gives the simplest form of its own node (flattened, zeros and ones gone) and looks no deeper,
 * so that what is printed is what was written. Expansion is `normal.ts`, matrix identities are `matrix.ts`.
 */
import { reindex } from './traverse.js';
import type {
  Dim,
  Expr,
  Fact,
  FunctionName,
  Index,
  Range,
  Relation,
  SymbolExpr,
  SymbolRole,
} from './types.js';

export const number = (value: number): Expr => ({ kind: 'number', value });
export const ZERO = number(0);
export const ONE = number(1);
export const HALF = number(0.5);
export const circle: Expr = { kind: 'circle' };
export const size = (dim: Dim): Expr => (typeof dim === 'number' ? number(dim) : { kind: 'size', dim });

export const position = (index: string): Expr => ({ kind: 'position', index });

export const running = (index: string): Index => ({ kind: 'running', index });
export const fixed = (value: number, label?: string): Index =>
  label === undefined ? { kind: 'fixed', value } : { kind: 'fixed', value, label };
export const datum = (name: string, at: string): Index => ({ kind: 'data', name, at });

export const symbol = (
  name: string,
  role: SymbolRole,
  indices: readonly Index[],
  shape: readonly Dim[] = [],
  fact?: Fact,
): SymbolExpr => ({ kind: 'symbol', name, role, indices, shape, fact });

export const isNumber = (e: Expr, value?: number): e is Extract<Expr, { kind: 'number' }> =>
  e.kind === 'number' && (value === undefined || e.value === value);

/** The number zero, or a vector of zeros. */
export const isZero = (e: Expr): boolean =>
  isNumber(e, 0) ||
  (e.kind === 'fill' && isZero(e.value)) ||
  (e.kind === 'multiply' && e.factors.some(isZero));

export function add(...terms: readonly Expr[]): Expr {
  const flat = terms.flatMap((t) => (t.kind === 'add' ? t.terms : [t]));
  const kept = flat.filter((t) => !isZero(t));
  if (kept.length === 0) return flat.find((t) => shapeOf(t).length > 0) ?? ZERO;
  return kept.length === 1 ? kept[0] : { kind: 'add', terms: kept };
}

export function multiply(...factors: readonly Expr[]): Expr {
  const flat = factors.flatMap((f) => (f.kind === 'multiply' ? f.factors : [f]));
  const coefficient = flat.reduce((c, f) => (f.kind === 'number' ? c * f.value : c), 1);
  const rest = flat.filter((f) => f.kind !== 'number');
  if (coefficient === 0 && rest.every((f) => shapeOf(f).length === 0)) return ZERO;
  const all = coefficient === 1 ? rest : [number(coefficient), ...rest];
  return all.length === 0 ? ONE : all.length === 1 ? all[0] : { kind: 'multiply', factors: all };
}

export const negate = (e: Expr): Expr => multiply(number(-1), e);
/** 1 − [k = 1] is [k ≠ 1]. */
export const subtract = (left: Expr, right: Expr): Expr =>
  right.kind === 'condition' && isNumber(left, 1) ? complement(right) : add(left, negate(right));
export const divide = (left: Expr, right: Expr): Expr => multiply(left, power(right, -1));

export function power(base: Expr, exponent: number): Expr {
  if (exponent === 0) return ONE;
  if (exponent === 1) return base;
  if (base.kind === 'number') return number(base.value ** exponent);
  if (base.kind === 'power') return power(base.base, base.exponent * exponent);
  return { kind: 'power', base, exponent };
}

export const apply = (name: FunctionName, argument: Expr): Expr => ({ kind: 'function', name, argument });
export const log = (argument: Expr): Expr => (isNumber(argument, 1) ? ZERO : apply('log', argument));
export const exp = (argument: Expr): Expr => apply('exp', argument);
export const sum = (range: Range, body: Expr): Expr =>
  isNumber(body, 0) ? ZERO : { kind: 'sum', range, body };
export const sums = (ranges: readonly Range[], body: Expr): Expr =>
  ranges.reduceRight((b, r) => sum(r, b), body);
export const maximum = (left: Expr, right: Expr): Expr => ({ kind: 'maximum', left, right });
export const minimum = (left: Expr, right: Expr): Expr => ({ kind: 'minimum', left, right });
export const logsumexp = (range: Range, body: Expr): Expr => ({ kind: 'logsumexp', range, body });
/** log [a <= x]: 0 where it holds, else −∞. */
export const isSupport = (e: Expr): boolean =>
  e.kind === 'function' && e.name === 'log' && e.argument.kind === 'condition';
export const largest = (range: Range, body: Expr): Expr => ({ kind: 'largest', range, body });
export const median = (ranges: readonly Range[], value: Expr, weight: Expr): Expr => ({
  kind: 'median',
  ranges,
  value,
  weight,
});

export const indicator = (
  role: 'latent' | 'data',
  name: string,
  at: readonly Index[],
  value: Index,
): Expr => ({ kind: 'indicator', role, symbol: name, at, value });

const OPPOSITE: Readonly<Record<Relation, Relation>> = {
  '=': '!=',
  '!=': '=',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
};

/** 1 where the relation holds, else 0; known where both sides are numbers. */
export function condition(relation: Relation, left: Expr, right: Expr, label?: string): Expr {
  if (left.kind === 'number' && right.kind === 'number')
    return holds(relation, left.value, right.value) ? ONE : ZERO;
  const made = { kind: 'condition', relation, left, right } as const;
  return label === undefined ? made : { ...made, label };
}

export const complement = (e: Extract<Expr, { kind: 'condition' }>): Expr =>
  condition(OPPOSITE[e.relation], e.left, e.right, e.label);

export function holds(relation: Relation, a: number, b: number): boolean {
  switch (relation) {
    case '=':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

export const family = (range: Range, body: Expr): Expr => ({ kind: 'family', range, body });

export const vector = (elements: readonly Expr[]): Expr => ({ kind: 'vector', elements });
export const fill = (value: Expr, dim: Dim): Expr => ({ kind: 'fill', value, dim });
export const identity = (dim: Dim): Expr => ({ kind: 'identity', dim });
export const diag = (of: Expr): Expr => ({ kind: 'diag', of });
export const diagonal = (of: Expr): Expr => ({ kind: 'diagonal', of });

export function product(...factors: readonly Expr[]): Expr {
  const flat = factors
    .flatMap((f) => (f.kind === 'product' ? f.factors : [f]))
    .filter((f) => f.kind !== 'identity');
  if (flat.length === 0) return factors[0] ?? ONE;
  return flat.length === 1 ? flat[0] : { kind: 'product', factors: flat };
}

export const transpose = (of: Expr): Expr => (of.kind === 'transpose' ? of.of : { kind: 'transpose', of });
export const inverse = (of: Expr): Expr => ({ kind: 'inverse', of });
export const logdet = (of: Expr): Expr => ({ kind: 'logdet', of });
export const trace = (of: Expr): Expr => ({ kind: 'trace', of });
export const dot = (left: Expr, right: Expr): Expr => ({ kind: 'dot', left, right });
export const outer = (left: Expr, right: Expr): Expr => ({ kind: 'outer', left, right });
export const quadratic = (vectorExpr: Expr, matrix: Expr): Expr => ({
  kind: 'quadratic',
  vector: vectorExpr,
  matrix,
});
export const square = (e: Expr): Expr => quadratic(e, ONE);
export const solve = (matrix: Expr, right: Expr): Expr => ({ kind: 'solve', matrix, right });

export const axes = (range: Range | undefined, weights: Expr, matrix: Expr, start: Expr): Expr => ({
  kind: 'axes',
  range,
  weights,
  matrix,
  start,
});

export function element(of: Expr, coordinates: readonly Index[]): Expr {
  if (coordinates.length === 0) return of;
  const first = coordinates[0];
  if (of.kind === 'fill') return of.value;
  if (of.kind === 'family') return reindex(of.body, of.range.index, first);
  if (of.kind === 'vector' && first.kind === 'fixed') return of.elements[first.value - 1] ?? ZERO;
  if (of.kind === 'power') return power(element(of.base, coordinates), of.exponent);
  if (of.kind === 'function') return apply(of.name, element(of.argument, coordinates));
  if (of.kind === 'multiply')
    return multiply(...of.factors.map((f) => (shapeOf(f).length === 0 ? f : element(f, coordinates))));
  if (of.kind === 'add')
    return add(...of.terms.map((t) => (shapeOf(t).length === 0 ? t : element(t, coordinates))));
  return { kind: 'element', of, coordinates };
}

const firstShape = (parts: readonly Expr[]): readonly Dim[] => {
  for (const part of parts) {
    const shape = shapeOf(part);
    if (shape.length > 0) return shape;
  }
  return [];
};

/** The shape of an expression: [] a number, [n] a vector, [n, m] a matrix. */
export function shapeOf(e: Expr): readonly Dim[] {
  switch (e.kind) {
    case 'number':
    case 'circle':
    case 'size':
    case 'position':
    case 'indicator':
    case 'condition':
    case 'logdet':
    case 'trace':
    case 'dot':
    case 'quadratic':
    case 'median':
      return [];
    case 'symbol':
      return e.shape;
    case 'element':
      return shapeOf(e.of).slice(e.coordinates.length);
    case 'add':
      return firstShape(e.terms);
    case 'multiply':
      return firstShape(e.factors);
    case 'power':
      return shapeOf(e.base);
    case 'function':
      return shapeOf(e.argument);
    case 'sum':
    case 'logsumexp':
    case 'largest':
      return shapeOf(e.body);
    case 'maximum':
    case 'minimum':
      return firstShape([e.left, e.right]);
    case 'vector':
      return [e.elements.length];
    case 'family':
      return [e.range.dim];
    case 'fill':
      return [e.dim];
    case 'identity':
      return [e.dim, e.dim];
    case 'diag': {
      const n = shapeOf(e.of)[0] ?? 1;
      return [n, n];
    }
    case 'diagonal':
      return shapeOf(e.of).slice(0, 1);
    case 'product': {
      const first = shapeOf(e.factors[0]);
      const last = shapeOf(e.factors[e.factors.length - 1]);
      return last.length === 1 ? first.slice(0, 1) : [first[0], last[1]];
    }
    case 'transpose':
      return [...shapeOf(e.of)].reverse();
    case 'inverse':
      return shapeOf(e.of);
    case 'outer':
      return [shapeOf(e.left)[0] ?? 1, shapeOf(e.right)[0] ?? 1];
    case 'solve':
      return shapeOf(e.right);
    case 'axes':
      return shapeOf(e.start);
  }
}
