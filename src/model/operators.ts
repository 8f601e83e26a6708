/** Operators: which shapes they take, and what becomes of domains and scale kinds. */
import { isOf, knownValue } from './constant-folding.js';
import { error, failed, isUnknown, operand, rankOf } from './context.js';
import type { Context } from './context.js';
import { isNotNegative, kindOf, powerDomain, scaledDomain, sumDomain, unitOf, withScale } from './domains.js';
import { fill, sizesDiffer } from './shapes.js';
import type { Operation } from './problems.js';
import { sizeValue, unify, unifyShapes } from './sizes.js';
import type { Comparison, Expression, ScaleKind, SpanId, ValueType } from './types.js';

/** Says so when one of these is no number, vector or matrix. */
export function areNumbers(context: Context, ...list: readonly Expression[]): boolean {
  const wrong = list.filter((e) => !isOf(e, 'numeric'));
  for (const e of wrong) error(context, { kind: 'not-a-number', operand: operand(context, e), span: e.span });
  return wrong.length === 0 && !list.some(isUnknown);
}

export function hasRank(
  context: Context,
  e: Expression,
  operation: Operation,
  ranks: readonly number[],
): boolean {
  if (isUnknown(e) || ranks.includes(rankOf(e))) return !isUnknown(e);
  const expected =
    ranks.length > 1 ? 'number or vector' : ranks[0] === 0 ? 'number' : ranks[0] === 1 ? 'vector' : 'matrix';
  error(context, { kind: 'operand', operation, found: operand(context, e), expected, span: e.span });
  return false;
}

export function arithmetic(
  context: Context,
  operator: '+' | '-' | '*' | '/' | '^',
  left: Expression,
  right: Expression,
  span: SpanId,
): Expression {
  if (!areNumbers(context, left, right)) return failed(span);
  switch (operator) {
    case '+':
    case '-':
      return sum(context, operator, left, right, span);
    case '*':
      return product(context, left, right, span);
    case '/':
      return quotient(context, left, right, span);
    case '^':
      return power(context, left, right, span);
  }
}

/** What both sides of a sum are measured in; a plain number takes the other's. */
export function commonKind(
  context: Context,
  operation: '+' | '-' | 'if' | '=' | '[…]',
  left: Expression,
  right: Expression,
  span: SpanId,
): { readonly scale: ScaleKind | undefined } | undefined {
  const [p, q] = [left.type.scale, right.type.scale];
  if (p === undefined || q === undefined || p === q) return { scale: p ?? q };
  error(context, {
    kind: 'scale-kinds-mixed',
    operation,
    left: operand(context, left),
    right: operand(context, right),
    span,
  });
  return undefined;
}

/** Two sides made alike: a number stands in every coordinate of the other side's vector. */
export function alike(
  context: Context,
  operation: '+' | '-' | '=',
  left: Expression,
  right: Expression,
  span: SpanId,
): readonly [Expression, Expression] | undefined {
  const [m, n] = [rankOf(left), rankOf(right)];
  if (m === n) {
    if (unifyShapes(context, left.type.shape, right.type.shape, right.span)) return [left, right];
    sizesDiffer(context, right, left);
    return undefined;
  }
  if (m === 0 && n === 1) return [fill(left, right.type.shape), right];
  if (m === 1 && n === 0) return [left, fill(right, left.type.shape)];
  const [number, matrix] = m === 0 ? [left, right] : [right, left];
  if (rankOf(number) === 0)
    error(context, { kind: 'number-where-matrix', size: operand(context, matrix).type, span: number.span });
  else
    error(context, {
      kind: 'shapes-differ',
      operation,
      left: operand(context, left),
      right: operand(context, right),
      span,
    });
  return undefined;
}

function sum(context: Context, operator: '+' | '-', a: Expression, b: Expression, span: SpanId): Expression {
  const kind = commonKind(context, operator, a, b, span);
  if (kind === undefined) return failed(span);
  const sides = alike(context, operator, a, b, span);
  if (sides === undefined) return failed(span);
  const [left, right] = sides;
  const { shape } = left.type;
  if (operator === '+')
    return {
      kind: 'add',
      left,
      right,
      type: withScale({ domain: sumDomain(a.type.domain, b.type.domain), shape }, kind.scale),
      span,
    };
  // 1 − p of a probability is one; a difference of two scales may be negative, and is no scale.
  const isComplement = knownValue(context, a) === 1 && b.type.domain === 'unit';
  return { kind: 'subtract', left, right, type: { domain: isComplement ? 'unit' : 'real', shape }, span };
}

function product(context: Context, left: Expression, right: Expression, span: SpanId): Expression {
  const [m, n] = [rankOf(left), rankOf(right)];
  const scale = kindOf(unitOf(left.type.scale) + unitOf(right.type.scale));
  const [p, q] = [left.type, right.type];
  const result = (type: ValueType): Expression => ({
    kind: 'multiply',
    left,
    right,
    type: withScale(type, scale),
    span,
  });
  if (m === 0 || n === 0) {
    const [factor, of] = m === 0 ? [p, q] : [q, p];
    const domain = scaledDomain(factor.domain, of.domain, of.shape.length);
    const isScale = of.shape.length === 2 ? isNotNegative(factor.domain) : domain !== 'real';
    const type: ValueType = { domain, shape: of.shape };
    return isScale ? result(type) : { kind: 'multiply', left, right, type, span };
  }
  if (m === 1) {
    error(context, {
      kind: 'operand',
      operation: '*',
      found: operand(context, left),
      expected: 'matrix',
      span,
    });
    return failed(span);
  }
  const [rows, inner] = p.shape;
  if (!unify(context, inner, q.shape[0], right.span)) {
    sizesDiffer(context, right, left, [inner, ...q.shape.slice(1)]);
    return failed(span);
  }
  // The product of a matrix with a vector is any vector; between matrices, a scale stays one: Q * diag(v) * Q'.
  return n === 1
    ? { kind: 'multiply', left, right, type: { domain: 'real', shape: [rows] }, span }
    : result({ domain: 'real', shape: [rows, q.shape[1]] });
}

function quotient(context: Context, left: Expression, right: Expression, span: SpanId): Expression {
  if (!hasRank(context, right, '/', [0])) return failed(span);
  const scale = kindOf(unitOf(left.type.scale) - unitOf(right.type.scale));
  const isPart = right.kind === 'size' || right.type.domain === 'count';
  const domain =
    isPart && left.type.domain === 'unit' && rankOf(left) === 0
      ? 'unit'
      : scaledDomain(isNotNegative(right.type.domain) ? 'positive' : 'real', left.type.domain, rankOf(left));
  const type: ValueType = { domain, shape: left.type.shape };
  const isScale = domain !== 'real' || (rankOf(left) === 2 && isNotNegative(right.type.domain));
  return { kind: 'divide', left, right, type: isScale ? withScale(type, scale) : type, span };
}

function power(context: Context, base: Expression, exponent: Expression, span: SpanId): Expression {
  if (!hasRank(context, base, '^', [0]) || !hasRank(context, exponent, '^', [0])) return failed(span);
  const value = knownValue(context, exponent);
  const scale = value === undefined ? undefined : kindOf(unitOf(base.type.scale) * value);
  const type: ValueType = { domain: powerDomain(base.type.domain, value), shape: [] };
  return { kind: 'power', base, exponent, type: withScale(type, scale), span };
}

export function negate(context: Context, of: Expression, span: SpanId): Expression {
  if (!areNumbers(context, of)) return failed(span);
  return { kind: 'negate', operand: of, type: { domain: 'real', shape: of.type.shape }, span };
}

export function transpose(context: Context, of: Expression, span: SpanId): Expression {
  if (!areNumbers(context, of) || !hasRank(context, of, "'", [2])) return failed(span);
  return {
    kind: 'transpose',
    operand: of,
    type: { ...of.type, shape: [of.type.shape[1], of.type.shape[0]] },
    span,
  };
}

// --------------------------------------------------------------------------------------------------- conditions

/** Says so when `e` is neither true nor false. */
export function condition(context: Context, e: Expression): boolean {
  if (isUnknown(e)) return false;
  if (isOf(e, 'boolean')) return true;
  error(context, { kind: 'not-a-condition', operand: operand(context, e), span: e.span });
  return false;
}

const BOOLEAN: ValueType = { domain: 'boolean', shape: [] };

export function logical(
  context: Context,
  kind: 'and' | 'or',
  left: Expression,
  right: Expression,
  span: SpanId,
): Expression {
  const both = [condition(context, left), condition(context, right)];
  return both.every(Boolean) ? { kind, left, right, type: BOOLEAN, span } : failed(span);
}

/** Numbers with numbers, truth values with truth values, and one of several with its own kind or its number. */
export function compare(
  context: Context,
  relation: Comparison,
  left: Expression,
  right: Expression,
  span: SpanId,
): Expression {
  if (isUnknown(left) || isUnknown(right)) return failed(span);
  const isChoice = (e: Expression): boolean => e.type.domain === 'plate' || e.type.domain === 'category';
  const isWhole = (e: Expression): boolean =>
    e.kind === 'number' && Number.isInteger(e.value) && e.value >= 1;
  const isSame =
    left.type.domain === right.type.domain &&
    left.type.plate === right.type.plate &&
    left.type.shape.length === 0;
  const areNumeric =
    isOf(left, 'numeric') && isOf(right, 'numeric') && rankOf(left) === 0 && rankOf(right) === 0;
  const isOk =
    areNumeric ||
    (isChoice(left) && isWhole(right)) ||
    (isWhole(left) && isChoice(right)) ||
    (isSame && !isOf(left, 'numeric'));
  if (!isOk) {
    error(context, {
      kind: 'not-comparable',
      left: operand(context, left),
      right: operand(context, right),
      span,
    });
    return failed(span);
  }
  const [chosen, number] = isChoice(left) ? [left, right] : [right, left];
  if (isChoice(chosen) && number.kind === 'number') {
    const size =
      chosen.type.plate === undefined
        ? chosen.type.categories
        : ({ kind: 'plate', plate: chosen.type.plate } as const);
    const length = size === undefined ? undefined : sizeValue(context, size);
    if (length !== undefined && number.value > length) {
      const plate = chosen.type.plate === undefined ? undefined : context.entities.get(chosen.type.plate);
      error(context, {
        kind: 'index-out-of-range',
        index: number.value,
        size: length,
        over: chosen.type.plate ?? 'category',
        declared: plate?.span,
        span: number.span,
      });
      return failed(span);
    }
  }
  return { kind: 'compare', relation, left, right, type: BOOLEAN, span };
}
