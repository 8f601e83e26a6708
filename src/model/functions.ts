/** The functions of the language: dot, diag, log, exp, sqrt, logistic, sum[k], softmax[k]. */
import type * as Syntax from '../../grammar/types.js';
import { error, failed, isUnknown, spanId } from './context.js';
import type { Context, Scope } from './context.js';
import { isNotNegative, kindOf, unitOf, withScale } from './domains.js';
import { sizesDiffer } from './shapes.js';
import { areNumbers, hasRank } from './operators.js';
import { plateSize, unify } from './sizes.js';
import type { Expression, ScalarFunction, SpanId, SymbolName, ValueType } from './types.js';
import type { FunctionName } from './vocabulary.js';

type Infer = (context: Context, node: Syntax.Expression, scope: Scope) => Expression;
type Reference = Extract<Syntax.Expression, { kind: 'reference' }>;

export function applyFunction(
  context: Context,
  name: FunctionName,
  node: Reference,
  scope: Scope,
  span: SpanId,
  infer: Infer,
): Expression {
  const nameSpan = spanId(context, node.name.span);
  const list = node.arguments ?? [];
  const isOverPlate = name === 'sum' || name === 'softmax';
  const bound = isOverPlate ? boundPlate(context, node, scope, nameSpan) : undefined;
  if (!isOverPlate && node.indices.length > 0)
    error(context, { kind: 'indices-on-function', name, span: nameSpan });
  const inner: Scope = bound === undefined ? scope : { ...scope, plates: [...scope.plates, bound] };
  // Without its plate the body makes no sense, and whatever it says of plates would follow from that.
  if (isOverPlate && bound === undefined) return failed(span);
  const args = list.map((a) => infer(context, a.value, inner));
  const named = list.find((a) => a.name !== undefined);
  if (named !== undefined) {
    error(context, { kind: 'argument-named', name, span: spanId(context, named.name!.span) });
    return failed(span);
  }
  const expected = name === 'dot' ? 2 : 1;
  if (args.length !== expected) {
    error(context, { kind: 'argument-count', name, expected, given: args.length, span });
    return failed(span);
  }
  const [first, second] = args;
  if (!areNumbers(context, ...args)) return failed(span);
  switch (name) {
    case 'dot':
      return dot(context, first, second, span);
    case 'diag':
      return diag(context, first, span);
    case 'log':
    case 'exp':
    case 'sqrt':
    case 'logistic':
      return scalarFunction(context, name, first, span);
    case 'sum':
      return { kind: 'sum', plate: bound!, body: first, type: sumType(first.type), span };
    case 'softmax':
      if (!hasRank(context, first, 'softmax', [0])) return failed(span);
      return {
        kind: 'softmax',
        plate: bound!,
        body: first,
        type: { domain: 'simplex', shape: [plateSize(bound!)] },
        span,
      };
  }
}

/** The `k` of `sum[k](…)`. */
function boundPlate(context: Context, node: Reference, scope: Scope, span: SpanId): SymbolName | undefined {
  const [index, ...more] = node.indices;
  const name = index?.kind === 'reference' && index.indices.length === 0 ? index.name.text : undefined;
  const entity = name === undefined ? undefined : context.entities.get(name);
  if (index?.kind === 'missing') return undefined;
  if (entity?.kind !== 'plate' || more.length > 0) {
    error(context, { kind: 'plate-needed', name: node.name.text, span });
    return undefined;
  }
  if (scope.plates.includes(entity.name)) {
    error(context, { kind: 'plate-bound-twice', plate: entity.name, span: spanId(context, index.span) });
    return undefined;
  }
  return entity.name;
}

function dot(context: Context, left: Expression, right: Expression, span: SpanId): Expression {
  const areVectors = [hasRank(context, left, 'dot', [1]), hasRank(context, right, 'dot', [1])];
  if (!areVectors.every(Boolean)) return failed(span);
  if (!unify(context, left.type.shape[0], right.type.shape[0], right.span)) {
    sizesDiffer(context, right, left);
    return failed(span);
  }
  const domain = isNotNegative(left.type.domain) && isNotNegative(right.type.domain) ? 'positive' : 'real';
  return { kind: 'dot', left, right, type: { domain, shape: [] }, span };
}

/** A vector on the diagonal: of variances a covariance matrix, of sds a matrix of sds, and so on. */
function diag(context: Context, of: Expression, span: SpanId): Expression {
  if (!hasRank(context, of, 'diag', [1])) return failed(span);
  const [size] = of.type.shape;
  const domain = isNotNegative(of.type.domain) ? 'covariance' : 'real';
  return {
    kind: 'diag',
    operand: of,
    type: withScale({ domain, shape: [size, size] }, of.type.scale),
    span,
  };
}

function scalarFunction(
  context: Context,
  name: ScalarFunction,
  argument: Expression,
  span: SpanId,
): Expression {
  if (isUnknown(argument) || !hasRank(context, argument, name, [0, 1])) return failed(span);
  const { shape, scale } = argument.type;
  const type: ValueType = {
    domain: name === 'log' ? 'real' : name === 'logistic' ? 'unit' : 'positive',
    shape,
  };
  return {
    kind: 'function',
    name,
    argument,
    type: withScale(type, name === 'sqrt' ? kindOf(unitOf(scale) / 2) : undefined),
    span,
  };
}

const sumType = (type: ValueType): ValueType => ({
  ...type,
  domain:
    type.domain === 'unit' || type.domain === 'simplex' || type.domain === 'shape'
      ? 'positive'
      : type.domain === 'orthogonal'
        ? 'real'
        : type.domain,
});
