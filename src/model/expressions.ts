/**
 * Expressions: every one gets a type from its parts (`infer`), and what the language leaves to the place is put in by
 * the place (`toShape`: a number that stands in every coordinate; the size of `I` is found by unification).
 */
import type * as Syntax from '../../grammar/types.js';
import { isOf } from './constant-folding.js';
import { error, failed, isUnknown, operand, rankOf, spanId } from './context.js';
import type { Context, Scope } from './context.js';
import { join, literalDomain, withScale } from './domains.js';
import { arithmetic, compare, condition, logical, negate, transpose } from './operators.js';
import { reference } from './references.js';
import { sizesDiffer, toShape } from './shapes.js';
import { unifyShapes } from './sizes.js';
import type { Expression, Size, SpanId } from './types.js';

export function infer(context: Context, node: Syntax.Expression, scope: Scope): Expression {
  const span = spanId(context, node.span);
  switch (node.kind) {
    case 'missing':
      return failed(span);
    case 'number':
      return {
        kind: 'number',
        value: node.value,
        type: { domain: literalDomain(node.value), shape: [] },
        span,
      };
    case 'boolean':
      return { kind: 'boolean', value: node.value, type: { domain: 'boolean', shape: [] }, span };
    case 'vector':
      return vector(
        context,
        node.elements.map((e) => infer(context, e, scope)),
        span,
      );
    case 'reference':
      return reference(context, node, scope, span);
    case 'transpose':
      return transpose(context, infer(context, node.operand, scope), span);
    case 'unary': {
      const of = infer(context, node.operand, scope);
      if (node.operator === '-') return negate(context, of, span);
      return condition(context, of) ? { kind: 'not', operand: of, type: of.type, span } : failed(span);
    }
    case 'binary':
      return binary(
        context,
        node.operator,
        infer(context, node.left, scope),
        infer(context, node.right, scope),
        span,
      );
    case 'if':
      return choice(context, node, scope, span);
  }
}

type Operator = Extract<Syntax.Expression, { kind: 'binary' }>['operator'];

function binary(
  context: Context,
  operator: Operator,
  left: Expression,
  right: Expression,
  span: SpanId,
): Expression {
  switch (operator) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '^':
      return arithmetic(context, operator, left, right, span);
    case 'and':
    case 'or':
      return logical(context, operator, left, right, span);
    case '=':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(context, operator, left, right, span);
  }
}

function vector(context: Context, elements: readonly Expression[], span: SpanId): Expression {
  const [first, ...rest] = elements;
  if (first === undefined || elements.some(isUnknown)) return failed(span);
  for (const e of elements) {
    if (!isOf(e, 'numeric')) {
      error(context, { kind: 'not-a-number', operand: operand(context, e), span: e.span });
      return failed(span);
    }
    if (rankOf(e) > 1) {
      error(context, {
        kind: 'operand',
        operation: '[…]',
        found: operand(context, e),
        expected: 'number or vector',
        span: e.span,
      });
      return failed(span);
    }
    if (rankOf(e) !== rankOf(first)) {
      error(context, {
        kind: 'shapes-differ',
        operation: '[…]',
        left: operand(context, first),
        right: operand(context, e),
        span: e.span,
      });
      return failed(span);
    }
    if (!unifyShapes(context, first.type.shape, e.type.shape, e.span)) {
      sizesDiffer(context, e, first);
      return failed(span);
    }
  }
  const kinds = elements.filter((e) => e.type.scale !== undefined);
  const other = kinds.find((e) => e.type.scale !== kinds[0].type.scale);
  if (other !== undefined) {
    error(context, {
      kind: 'scale-kinds-mixed',
      operation: '[…]',
      left: operand(context, kinds[0]),
      right: operand(context, other),
      span,
    });
    return failed(span);
  }
  const domain = rest.reduce((d, e) => join(d, e.type.domain), first.type.domain);
  const size: Size = { kind: 'number', value: elements.length };
  const type = {
    domain: domain === 'simplex' || domain === 'shape' ? 'positive' : domain,
    shape: [size, ...first.type.shape],
  } as const;
  return { kind: 'vector', elements, type: withScale(type, kinds[0]?.type.scale), span };
}

/** `if c then a else b` between numbers, vectors or matrices; between distributions see `lines.ts`. */
function choice(
  context: Context,
  node: Extract<Syntax.Expression, { kind: 'if' }>,
  scope: Scope,
  span: SpanId,
): Expression {
  const test = infer(context, node.condition, scope);
  const isTest = condition(context, test);
  const [a, b] = [infer(context, node.then, scope), infer(context, node.else, scope)];
  if (!isTest || isUnknown(a) || isUnknown(b)) return failed(span);
  for (const e of [a, b])
    if (!isOf(e, 'numeric') && a.type.domain !== b.type.domain) {
      error(context, { kind: 'not-a-number', operand: operand(context, e), span: e.span });
      return failed(span);
    }
  const shape = rankOf(a) >= rankOf(b) ? a.type.shape : b.type.shape;
  const [then, otherwise] = [toShape(context, a, shape), toShape(context, b, shape)];
  if (then === undefined || otherwise === undefined) {
    if (rankOf(a) === rankOf(b)) sizesDiffer(context, b, a);
    else
      error(context, {
        kind: 'shapes-differ',
        operation: 'if',
        left: operand(context, a),
        right: operand(context, b),
        span,
      });
    return failed(span);
  }
  const [p, q] = [a.type.scale, b.type.scale];
  if (p !== undefined && q !== undefined && p !== q) {
    error(context, {
      kind: 'scale-kinds-mixed',
      operation: 'if',
      left: operand(context, a),
      right: operand(context, b),
      span,
    });
    return failed(span);
  }
  const type = withScale({ ...a.type, domain: join(a.type.domain, b.type.domain), shape }, p ?? q);
  return { kind: 'if', condition: test, then, else: otherwise, type, span };
}
