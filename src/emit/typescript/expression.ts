/**
 * An expression of the derivation as code over numbers, vectors and matrices. `mu[k]` reads `mu[k]`, `S[k] / n[k]` reads
 * `divide(S[k], n[k])`: sums, products and quotients of numbers are operators, those of vectors and matrices are calls.
 */
import { isNumber, shapeOf } from '../../algebra/build.js';
import type { Dim, Expr, Index, SymbolExpr } from '../../algebra/types.js';
import { array, arrow, at, binary, call, conditional, literal, method, minus, name } from './build.js';
import type { Names } from './names.js';
import type { BinaryOperator, Code } from './tree.js';

/** Where the symbols of an expression are found. */
export interface Scope {
  readonly names: Names;
  /** the whole array of a symbol */
  readonly symbol: (e: SymbolExpr) => Code;
  /** a symbol at its indices, where it is not read off an array */
  readonly atIndices?: (e: SymbolExpr) => Code | undefined;
  readonly size: (dim: string) => Code;
  /** whether a factor may be infinite: a product in which another is 0 is 0 then, as 0 log 0 is */
  readonly isInfinite?: (e: Expr) => boolean;
}

const isScalar = (e: Expr): boolean => shapeOf(e).length === 0;

export function codeOf(e: Expr, scope: Scope): Code {
  const go = (part: Expr): Code => codeOf(part, scope);
  switch (e.kind) {
    case 'number':
      return literal(e.value);
    case 'circle':
      return name('Math.PI');
    case 'position':
      return binary(name(scope.names.index(e.index)), '+', literal(1));
    case 'size':
      return dimCode(e.dim, scope);
    case 'symbol':
      return (
        scope.atIndices?.(e) ??
        e.indices.reduce((of, index) => at(of, indexCode(index, scope)), scope.symbol(e))
      );
    case 'element':
      return e.coordinates.reduce((of, index) => at(of, indexCode(index, scope)), go(e.of));
    case 'add':
      return isScalar(e) ? scalarSum(e.terms, scope) : tensorSum(e.terms, scope);
    case 'multiply':
      return multiplyCode(e.factors, scope);
    case 'power':
      return isScalar(e)
        ? powerCode(go(e.base), e.exponent)
        : method(
            go(e.base),
            'map',
            arrow([scope.names.own('entry')], powerCode(name(scope.names.own('entry')), e.exponent)),
          );
    case 'function': {
      const f = {
        log: 'Math.log',
        exp: 'Math.exp',
        logistic: 'logistic',
        softplus: 'softplus',
        lgamma: 'lgamma',
        digamma: 'digamma',
        trigamma: 'trigamma',
        abs: 'Math.abs',
        cos: 'Math.cos',
        sin: 'Math.sin',
        logbesseli0: 'logbesseli0',
        besselratio: 'besselratio',
      }[e.name];
      return isScalar(e)
        ? call(f, go(e.argument))
        : method(
            go(e.argument),
            'map',
            arrow([scope.names.own('entry')], call(f, name(scope.names.own('entry')))),
          );
    }
    case 'sum':
      return call('sum', dimCode(e.range.dim, scope), arrow([scope.names.index(e.range.index)], go(e.body)));
    case 'maximum':
    case 'minimum':
      return isScalar(e)
        ? call(e.kind === 'maximum' ? 'Math.max' : 'Math.min', go(e.left), go(e.right))
        : boundCode(e.kind, e.left, e.right, scope);
    case 'median': {
      const points = (of: Expr): Code =>
        e.ranges.reduceRight<Code>((inner, r, n) => {
          const list = call('each', dimCode(r.dim, scope), arrow([scope.names.index(r.index)], inner));
          return n === e.ranges.length - 1 ? list : method(list, 'flat');
        }, go(of));
      return call('weightedMedian', points(e.value), points(e.weight));
    }
    case 'vector':
      return array(...e.elements.map(go));
    case 'fill':
      return call('fill', dimCode(e.dim, scope), go(e.value));
    case 'identity':
      return call('identity', dimCode(e.dim, scope));
    case 'diag':
    case 'diagonal':
    case 'transpose':
    case 'inverse':
    case 'trace':
      return call(e.kind, go(e.of));
    case 'logdet':
      return call('logDeterminant', go(e.of));
    case 'product':
      return e.factors.map(go).reduceRight((right, left) => call('product', left, right));
    case 'dot':
    case 'outer':
      return call(e.kind, go(e.left), go(e.right));
    case 'quadratic':
      return quadraticCode(e.vector, e.matrix, scope);
    case 'axes': {
      const pair = array(go(e.weights), go(e.matrix));
      const list =
        e.range === undefined
          ? array(pair)
          : call('each', dimCode(e.range.dim, scope), arrow([scope.names.index(e.range.index)], pair));
      return call('axes', list, go(e.start));
    }
    case 'solve':
      return call('solve', go(e.matrix), go(e.right));
    case 'condition':
    case 'indicator':
      return conditional(testCode(e, scope), literal(1), literal(0));
    case 'family':
      return call('each', dimCode(e.range.dim, scope), arrow([scope.names.index(e.range.index)], go(e.body)));
    case 'logsumexp':
    case 'largest':
      return call(
        e.kind === 'largest' ? 'largestOf' : 'logSumExp',
        dimCode(e.range.dim, scope),
        arrow([scope.names.index(e.range.index)], go(e.body)),
      );
  }
}

/** What is 1 where it holds. */
type Test = Extract<Expr, { kind: 'condition' | 'indicator' }>;

function testCode(e: Test, scope: Scope): Code {
  if (e.kind === 'indicator') {
    const code = at(scope.symbol(dataSymbol(e.symbol)), indexCode(e.at[0], scope));
    return binary(code, '===', positionCode(e.value, scope));
  }
  // a position is counted from 1, an index from 0
  return e.left.kind === 'position' && e.right.kind === 'number'
    ? binary(name(scope.names.index(e.left.index)), COMPARISON[e.relation], literal(e.right.value - 1))
    : binary(codeOf(e.left, scope), COMPARISON[e.relation], codeOf(e.right, scope));
}

/** A data symbol as a whole. */
export const dataSymbol = (name: string): SymbolExpr => ({
  kind: 'symbol',
  name,
  role: 'data',
  indices: [],
  shape: [],
  fact: undefined,
});

const COMPARISON = { '=': '===', '!=': '!==', '<': '<', '<=': '<=', '>': '>', '>=': '>=' } as const;

export const dimCode = (dim: Dim, scope: Scope): Code =>
  typeof dim === 'number' ? literal(dim) : scope.size(dim);

/** An index from 0; what a data symbol says is counted from 1. */
function indexCode(index: Index, scope: Scope): Code {
  switch (index.kind) {
    case 'fixed':
      return literal(index.value - 1);
    case 'running':
      return name(scope.names.index(index.index));
    case 'data':
      return binary(positionCode(index, scope), '-', literal(1));
  }
}

/** The same from 1. */
function positionCode(index: Index, scope: Scope): Code {
  switch (index.kind) {
    case 'fixed':
      return literal(index.value);
    case 'running':
      return binary(name(scope.names.index(index.index)), '+', literal(1));
    case 'data':
      return at(scope.symbol(dataSymbol(index.name)), name(scope.names.index(index.at)));
  }
}

function powerCode(base: Code, exponent: number): Code {
  if (exponent === 0.5) return call('Math.sqrt', base);
  if (exponent < 0) return binary(literal(1), '/', exponent === -1 ? base : powerCode(base, -exponent));
  return binary(base, '**', literal(exponent));
}

/** The sign of a term, and the term without it. */
function signOf(e: Expr): { readonly negative: boolean; readonly body: Expr } {
  if (e.kind === 'number')
    return { negative: e.value < 0, body: { kind: 'number', value: Math.abs(e.value) } };
  if (e.kind === 'sum') {
    const { negative, body } = signOf(e.body);
    return { negative, body: negative ? { ...e, body } : e };
  }
  const first = e.kind === 'multiply' ? e.factors[0] : undefined;
  if (e.kind !== 'multiply' || first?.kind !== 'number' || first.value >= 0)
    return { negative: false, body: e };
  const rest = e.factors.slice(1);
  const factors = first.value === -1 ? rest : [{ kind: 'number' as const, value: -first.value }, ...rest];
  return { negative: true, body: factors.length === 1 ? factors[0] : { kind: 'multiply', factors } };
}

function scalarSum(terms: readonly Expr[], scope: Scope): Code {
  const signed = terms.map(signOf);
  // begin with a term that is added, where there is one
  const first = Math.max(
    0,
    signed.findIndex((t) => !t.negative),
  );
  const ordered = [signed[first], ...signed.filter((_, n) => n !== first)];
  return ordered
    .slice(1)
    .reduce(
      (left, t) => binary(left, t.negative ? '-' : '+', codeOf(t.body, scope)),
      ordered[0].negative ? minus(codeOf(ordered[0].body, scope)) : codeOf(ordered[0].body, scope),
    );
}

function tensorSum(terms: readonly Expr[], scope: Scope): Code {
  const signed = terms.map(signOf);
  const side = (negative: boolean): Code | undefined => {
    const list = signed.filter((t) => t.negative === negative).map((t) => codeOf(t.body, scope));
    return list.length > 1 ? call('add', ...list) : list[0];
  };
  const [added, taken] = [side(false), side(true)];
  if (added === undefined) return call('negate', taken!);
  return taken === undefined ? added : call('subtract', added, taken);
}

const isDivisor = (f: Expr): f is Extract<Expr, { kind: 'power' }> =>
  f.kind === 'power' && f.exponent < 0 && isScalar(f);

const isTest = (e: Expr): e is Test => e.kind === 'condition' || e.kind === 'indicator';

/** A product; a number that is there under conditions is nothing where they do not hold, whatever it is. */
function multiplyCode(all: readonly Expr[], scope: Scope): Code {
  const tests = all.every(isScalar) ? all.filter(isTest) : [];
  const factors = all.filter((f) => !(tests as readonly Expr[]).includes(f));
  const infinite = all.every(isScalar) ? factors.filter((f) => scope.isInfinite?.(f) ?? false) : [];
  const finite = factors.filter((f) => !infinite.includes(f));
  const whole =
    infinite.length > 0 && finite.some((f) => f.kind !== 'number')
      ? timesCode(finite, infinite, scope)
      : productCode(factors, scope);
  if (tests.length === 0) return whole;
  const test = tests.map((t) => testCode(t, scope)).reduce((a, b) => binary(a, '&&', b));
  return conditional(test, whole, literal(0));
}

function timesCode(finite: readonly Expr[], infinite: readonly Expr[], scope: Scope): Code {
  const numbers = finite.filter((f) => f.kind === 'number');
  const others = finite.filter((f) => f.kind !== 'number');
  const { negative, body } = signOf({ kind: 'multiply', factors: numbers });
  const size = body.kind === 'multiply' ? body.factors.filter((f) => !isNumber(f, 1)) : [body];
  const value = call('times', productCode([...size, ...others], scope), productCode(infinite, scope));
  return negative ? minus(value) : value;
}

function productCode(factors: readonly Expr[], scope: Scope): Code {
  const scalars = factors.filter(isScalar);
  const tensors = factors.filter((f) => !isScalar(f)).map((f) => codeOf(f, scope));
  const { negative, body } = signOf({ kind: 'multiply', factors: scalars });
  const parts = body.kind === 'multiply' ? body.factors : [body];
  const operands = (list: readonly Code[], operator: BinaryOperator): Code | undefined =>
    list.length === 0 ? undefined : list.reduce((a, b) => binary(a, operator, b));
  const top = operands(
    parts.filter((f) => !isDivisor(f) && !isNumber(f, 1)).map((f) => codeOf(f, scope)),
    '*',
  );
  const bottom = operands(
    parts
      .filter(isDivisor)
      .map((f) =>
        f.exponent === -1 ? codeOf(f.base, scope) : powerCode(codeOf(f.base, scope), -f.exponent),
      ),
    '*',
  );
  if (tensors.length === 0) {
    const value = bottom === undefined ? (top ?? literal(1)) : binary(top ?? literal(1), '/', bottom);
    return negative ? minus(value) : value;
  }
  const tensor = tensors.reduce((a, b) => call('entrywise', a, b));
  if (top === undefined && bottom === undefined) return negative ? call('negate', tensor) : tensor;
  if (top === undefined && !negative) return call('divide', tensor, bottom!);
  const factor = bottom === undefined ? top! : binary(top ?? literal(1), '/', bottom);
  return call('multiply', negative ? minus(factor) : factor, tensor);
}

function boundCode(kind: 'maximum' | 'minimum', left: Expr, right: Expr, scope: Scope): Code {
  const [first, second] = isScalar(left) ? [right, left] : [left, right];
  const bound = second.kind === 'fill' ? second.value : second;
  return call(kind, codeOf(first, scope), codeOf(bound, scope));
}

function quadraticCode(vector: Expr, matrix: Expr, scope: Scope): Code {
  const v = codeOf(vector, scope);
  if (isScalar(vector)) {
    const squared = binary(v, '**', literal(2));
    return isNumber(matrix, 1) ? squared : binary(squared, '*', codeOf(matrix, scope));
  }
  return matrix.kind === 'identity' ? call('dot', v, v) : call('quadratic', v, codeOf(matrix, scope));
}

/** `each(K, (k) => body)`, and `a` alone for `each(K, (k) => a[k])`. */
export function eachCode(count: Code, index: string, body: Code): Code {
  if (body.kind === 'index' && body.at.kind === 'name' && body.at.name === index && !mentions(body.of, index))
    return body.of;
  return call('each', count, arrow([index], body));
}

/** True when a name stands somewhere in the code. */
function mentions(e: Code, wanted: string): boolean {
  switch (e.kind) {
    case 'name':
      return e.name === wanted;
    case 'member':
      return mentions(e.of, wanted);
    case 'index':
      return mentions(e.of, wanted) || mentions(e.at, wanted);
    case 'number':
    case 'string':
    case 'call':
    case 'binary':
    case 'prefix':
    case 'conditional':
    case 'arrow':
    case 'array':
    case 'object':
    case 'spread':
    case 'as':
      return true;
  }
}

/** `first === n ? a : otherwise`, one for each. */
export const choose = (
  cases: readonly { readonly test: Code; readonly value: Code }[],
  otherwise: Code,
): Code => cases.reduceRight((rest, c) => conditional(c.test, c.value, rest), otherwise);
