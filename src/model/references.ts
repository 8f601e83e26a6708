/** References: what a name stands for, and what is left of its type after its indices. */
import type * as Syntax from '../../grammar/types.js';
import { error, failed, NO_PLATE, roleOf, spanId, UNKNOWN, distributionNames } from './context.js';
import type { ConstantEntity, Context, DefinitionEntity, Scope, VariableEntity } from './context.js';
import { entryType } from './domains.js';
import { infer } from './expressions.js';
import { applyFunction } from './functions.js';
import { indexCount, resolveIndices, unknownName } from './indices.js';
import { nearest } from './nearest.js';
import { freshSize } from './sizes.js';
import type { Definition, Expression, Index, SpanId, SymbolName, ValueType } from './types.js';
import { FUNCTIONS, IDENTITY, isFunction, TYPES } from './vocabulary.js';

type Reference = Extract<Syntax.Expression, { kind: 'reference' }>;

/** A name with its indices: a symbol, a constant, a size, `I`, or a function with its arguments. */
export function reference(context: Context, node: Reference, scope: Scope, span: SpanId): Expression {
  const name = node.name.text;
  const nameSpan = spanId(context, node.name.span);
  const entity = context.entities.get(name);
  if (isFunction(name)) {
    if (node.arguments !== undefined) return applyFunction(context, name, node, scope, span, infer);
    error(context, { kind: 'not-a-value', name, what: 'function', span: nameSpan });
    return failed(span);
  }
  if (node.arguments !== undefined) {
    // What is inside still counts as used, and may have mistakes of its own.
    for (const { value } of node.arguments) infer(context, value, scope);
    notAFunction(context, node, nameSpan);
    return failed(span);
  }
  if (name === IDENTITY) {
    if (node.indices.length > 0) {
      error(context, { kind: 'indices-on-function', name, span });
      return failed(span);
    }
    const size = freshSize(context, span);
    return { kind: 'identity', type: { domain: 'covariance', shape: [size, size] }, span };
  }
  if (entity === undefined) {
    if (context.sizes.has(name) && node.indices.length === 0)
      return { kind: 'size', size: { kind: 'named', name }, type: { domain: 'count', shape: [] }, span };
    if (distributionNames(context).includes(name))
      error(context, { kind: 'not-a-value', name, what: 'distribution', span: nameSpan });
    else unknownName(context, name, nameSpan);
    return failed(span);
  }
  switch (entity.kind) {
    case 'plate':
      error(context, { kind: 'not-a-value', name, what: 'plate', span: nameSpan });
      return failed(span);
    case 'constant':
      return constant(context, entity, node, scope, span);
    case 'variable':
      return indexed(context, entity, entity.type, entity.typeSpan, node, scope, span);
    case 'definition': {
      const definition = resolveDefinition(context, entity);
      return indexed(context, entity, definition?.type ?? UNKNOWN, entity.span, node, scope, span);
    }
  }
}

/** A name with parentheses that is no function: a symbol, a distribution, or nothing that we know. */
function notAFunction(context: Context, node: Reference, span: SpanId): void {
  const name = node.name.text;
  const entity = context.entities.get(name);
  if (entity !== undefined) {
    error(context, { kind: 'called-symbol', name, role: roleOf(entity), declared: entity.span, span });
  } else if (distributionNames(context).includes(name))
    error(context, { kind: 'distribution-in-expression', name, span });
  else if (Object.hasOwn(TYPES, name))
    error(context, { kind: 'unknown-function', name, near: undefined, span });
  else
    error(context, {
      kind: 'unknown-function',
      name,
      near: nearest(name, [...FUNCTIONS, ...distributionNames(context)]),
      span,
    });
}

function constant(
  context: Context,
  entity: ConstantEntity,
  node: Reference,
  scope: Scope,
  span: SpanId,
): Expression {
  if (entity.isSize && node.indices.length === 0)
    return {
      kind: 'size',
      size: { kind: 'constant', name: entity.name },
      type: { domain: 'count', shape: [] },
      span,
    };
  if (entity.type.domain === 'unknown') return failed(span);
  const found = coordinatesOf(context, entity.name, [], entity.type, entity.typeSpan, node, scope, span);
  if (found === undefined) return failed(span);
  const numbers = found.coordinates.flatMap((c) => (c.kind === 'number' ? [c.value] : []));
  // A constant chosen from by a plate or a latent is indexed like a symbol without plates.
  return numbers.length === found.coordinates.length
    ? { kind: 'constant', name: entity.name, coordinates: numbers, type: found.type, span }
    : {
        kind: 'symbol',
        name: entity.name,
        indices: [],
        coordinates: found.coordinates,
        type: found.type,
        span,
      };
}

function indexed(
  context: Context,
  entity: VariableEntity | DefinitionEntity,
  type: ValueType,
  declared: SpanId,
  node: Reference,
  scope: Scope,
  span: SpanId,
): Expression {
  const found = coordinatesOf(context, entity.name, entity.plates, type, declared, node, scope, span);
  if (found === undefined) return failed(span);
  return {
    kind: 'symbol',
    name: entity.name,
    indices: found.indices,
    coordinates: found.coordinates,
    type: found.type,
    span,
  };
}

interface Found {
  readonly indices: readonly Index[];
  readonly coordinates: readonly Index[];
  readonly type: ValueType;
}

function coordinatesOf(
  context: Context,
  name: SymbolName,
  plates: readonly SymbolName[],
  type: ValueType,
  declared: SpanId,
  node: Reference,
  scope: Scope,
  span: SpanId,
): Found | undefined {
  const given = node.indices.length;
  // After a declaration over something that is no plate, nobody knows how many indices there should be.
  const isTyped = type.domain !== 'unknown' && !plates.includes(NO_PLATE);
  if (isTyped && !indexCount(context, name, plates, given, type.shape.length, declared, span)) {
    return undefined;
  }
  const place = { name, declared: context.entities.get(name)!.span };
  const found = resolveIndices(context, node.indices, plates, type.shape, place, scope);
  if (found === undefined || !isTyped) return undefined;
  const { coordinates } = found;
  const left = type.shape.slice(coordinates.length);
  const [a, b] = coordinates;
  const isDiagonal =
    a?.kind === 'number' && b?.kind === 'number'
      ? a.value === b.value
      : a?.kind === 'plate' && b?.kind === 'plate' && a.plate === b.plate;
  const result: ValueType =
    coordinates.length === 0
      ? type
      : left.length === 0
        ? entryType(type, isDiagonal)
        : { domain: type.domain === 'positive' ? 'positive' : 'real', shape: left };
  return { indices: found.plates, coordinates, type: result };
}

/** A definition is resolved when somebody needs its type: the lines may come in any order. */
export function resolveDefinition(context: Context, entity: DefinitionEntity): Definition | undefined {
  if (entity.state === 'resolving') {
    const names = [...context.entities.values()].flatMap((e) =>
      e.kind === 'definition' && e.state === 'resolving' ? [e.name] : [],
    );
    error(context, { kind: 'cyclic-definition', names, span: entity.span });
    return undefined;
  }
  if (entity.state !== 'waiting') return entity.state;
  entity.state = 'resolving';
  const { statement, plates } = entity;
  const value = infer(context, statement.value, { plates, free: undefined });
  const definition: Definition = {
    role: 'definition',
    name: entity.name,
    plates,
    type: value.type,
    ...(statement.documentation === undefined ? {} : { documentation: statement.documentation }),
    span: entity.span,
    typeSpan: value.span,
    value,
  };
  entity.state = definition;
  return definition;
}
