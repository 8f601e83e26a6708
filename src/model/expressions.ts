/**
 * Expressions: every one gets a type from its parts (`infer`), and what the language leaves to the place is put in by
 * the place (`toShape`: a number that stands in every coordinate; the size of `I` is found by unification).
 */
import type * as Syntax from '../../grammar/types.js';
import { isOf } from './constant-folding.js';
import { error, failed, isUnknown, NO_PLATE, operand, rankOf, spanId, UNKNOWN } from './context.js';
import type { ConstantEntity, Context, DefinitionEntity, Scope, VariableEntity } from './context.js';
import { entryType, join, literalDomain, withScale } from './domains.js';
import { applyFunction } from './functions.js';
import { indexCount, resolveIndices, unknownName } from './indices.js';
import { nearest } from './nearest.js';
import { arithmetic, compare, condition, logical, negate, transpose } from './operators.js';
import { fixedNames, freshSize, settledType, unifyShapes } from './sizes.js';
import type { Definition, Expression, Index, Size, SpanId, SymbolName, ValueType } from './types.js';
import { DISTRIBUTIONS, FUNCTIONS, IDENTITY, isFunction, TYPES } from './vocabulary.js';

export function infer(context: Context, node: Syntax.Expression, scope: Scope): Expression {
  const span = spanId(context, node.span);
  switch (node.kind) {
    case 'missing':
      return failed(span);
    case 'number':
      return { kind: 'number', value: node.value, type: { domain: literalDomain(node.value), shape: [] }, span };
    case 'boolean':
      return { kind: 'boolean', value: node.value, type: { domain: 'boolean', shape: [] }, span };
    case 'vector':
      return vector(context, node.elements.map((e) => infer(context, e, scope)), span);
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
      return binary(context, node.operator, infer(context, node.left, scope), infer(context, node.right, scope), span);
    case 'if':
      return choice(context, node, scope, span);
  }
}

type Operator = Extract<Syntax.Expression, { kind: 'binary' }>['operator'];

function binary(context: Context, operator: Operator, left: Expression, right: Expression, span: SpanId): Expression {
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

// ------------------------------------------------------------------------------------------------- to its place

/** `e` where a value of this shape is wanted: a number stands in every coordinate. Undefined when it does not fit. */
export function toShape(context: Context, e: Expression, shape: readonly Size[]): Expression | undefined {
  if (isUnknown(e)) return e;
  if (rankOf(e) === 0 && shape.length === 1) return fill(e, shape);
  if (rankOf(e) !== shape.length || !unifyShapes(context, e.type.shape, shape, e.span)) return undefined;
  return e;
}

export const fill = (value: Expression, shape: readonly Size[]): Expression => ({
  kind: 'fill',
  value,
  type: { ...value.type, shape },
  span: value.span,
});

// ------------------------------------------------------------------------------------------------------ vectors

function vector(context: Context, elements: readonly Expression[], span: SpanId): Expression {
  const [first, ...rest] = elements;
  if (first === undefined || elements.some(isUnknown)) return failed(span);
  for (const e of elements) {
    if (!isOf(e, 'numeric')) {
      error(context, { kind: 'not-a-number', operand: operand(context, e), span: e.span });
      return failed(span);
    }
    if (rankOf(e) > 1) {
      error(context, { kind: 'operand', operation: '[…]', found: operand(context, e), expected: 'number or vector', span: e.span });
      return failed(span);
    }
    if (rankOf(e) !== rankOf(first)) {
      error(context, { kind: 'shapes-differ', operation: '[…]', left: operand(context, first), right: operand(context, e), span: e.span });
      return failed(span);
    }
    if (!unifyShapes(context, first.type.shape, e.type.shape, e.span)) {
      sizesDiffer(context, e, first);
      return failed(span);
    }
  }
  const kinds = elements.filter((e) => e.type.scale !== undefined);
  const other = kinds.find((e) => e.type.scale !== kinds[0]!.type.scale);
  if (other !== undefined) {
    error(context, { kind: 'scale-kinds-mixed', operation: '[…]', left: operand(context, kinds[0]!), right: operand(context, other), span });
    return failed(span);
  }
  const domain = rest.reduce((d, e) => join(d, e.type.domain), first.type.domain);
  const size: Size = { kind: 'number', value: elements.length };
  const type = { domain: domain === 'simplex' || domain === 'shape' ? 'positive' : domain, shape: [size, ...first.type.shape] } as const;
  return { kind: 'vector', elements, type: withScale(type, kinds[0]?.type.scale), span };
}

/** One message for two sizes that must agree and do not, wherever that is. The first operand is the one marked. */
export function sizesDiffer(context: Context, marked: Expression, other: Expression, shape = other.type.shape): void {
  const because = fixedNames(context, [...declaredShape(context, marked), ...declaredShape(context, other)]);
  error(context, {
    kind: 'sizes-differ',
    left: operand(context, marked),
    right: operand(context, other),
    expected: settledType(context, { ...marked.type, shape }),
    because,
    span: marked.span,
  });
}

function declaredShape(context: Context, e: Expression): readonly Size[] {
  const entity = e.kind === 'symbol' || e.kind === 'constant' ? context.entities.get(e.name) : undefined;
  return entity?.kind === 'variable' || entity?.kind === 'constant' ? entity.type.shape : e.type.shape;
}

// --------------------------------------------------------------------------------------------------- references

type Reference = Extract<Syntax.Expression, { kind: 'reference' }>;

function reference(context: Context, node: Reference, scope: Scope, span: SpanId): Expression {
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
    if (DISTRIBUTIONS.includes(name)) error(context, { kind: 'not-a-value', name, what: 'distribution', span: nameSpan });
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
    const role = entity.kind === 'plate' ? 'plate' : entity.kind === 'constant' ? 'const' : entity.kind === 'definition' ? 'let' : entity.role;
    error(context, { kind: 'called-symbol', name, role, declared: entity.span, span });
  } else if (DISTRIBUTIONS.includes(name)) error(context, { kind: 'distribution-in-expression', name, span });
  else if (Object.hasOwn(TYPES, name)) error(context, { kind: 'unknown-function', name, near: undefined, span });
  else error(context, { kind: 'unknown-function', name, near: nearest(name, [...FUNCTIONS, ...DISTRIBUTIONS]), span });
}

function constant(context: Context, entity: ConstantEntity, node: Reference, scope: Scope, span: SpanId): Expression {
  if (entity.isSize && node.indices.length === 0)
    return { kind: 'size', size: { kind: 'constant', name: entity.name }, type: { domain: 'count', shape: [] }, span };
  if (entity.type.domain === 'unknown') return failed(span);
  const found = coordinatesOf(context, entity.name, [], entity.type, entity.typeSpan, node, scope, span);
  if (found === undefined) return failed(span);
  const numbers = found.coordinates.flatMap((c) => (c.kind === 'number' ? [c.value] : []));
  // A constant chosen from by a plate or a latent is indexed like a symbol without plates.
  return numbers.length === found.coordinates.length
    ? { kind: 'constant', name: entity.name, coordinates: numbers, type: found.type, span }
    : { kind: 'symbol', name: entity.name, indices: [], coordinates: found.coordinates, type: found.type, span };
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
  return { kind: 'symbol', name: entity.name, indices: found.indices, coordinates: found.coordinates, type: found.type, span };
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
  const isDiagonal = a?.kind === 'number' && b?.kind === 'number' ? a.value === b.value : a?.kind === 'plate' && b?.kind === 'plate' && a.plate === b.plate;
  const result: ValueType =
    coordinates.length === 0
      ? type
      : left.length === 0
        ? entryType(type, isDiagonal)
        : { domain: type.domain === 'positive' ? 'positive' : 'real', shape: left };
  return { indices: found.plates, coordinates, type: result };
}

// -------------------------------------------------------------------------------------------------- definitions

/** A definition is resolved when somebody needs its type: the lines may come in any order. */
export function resolveDefinition(context: Context, entity: DefinitionEntity): Definition | undefined {
  if (entity.state === 'resolving') {
    const names = [...context.entities.values()].flatMap((e) => (e.kind === 'definition' && e.state === 'resolving' ? [e.name] : []));
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

// ------------------------------------------------------------------------------------------------------- choice

/** `if c then a else b` between numbers, vectors or matrices; between distributions see `lines.ts`. */
function choice(context: Context, node: Extract<Syntax.Expression, { kind: 'if' }>, scope: Scope, span: SpanId): Expression {
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
    else error(context, { kind: 'shapes-differ', operation: 'if', left: operand(context, a), right: operand(context, b), span });
    return failed(span);
  }
  const [p, q] = [a.type.scale, b.type.scale];
  if (p !== undefined && q !== undefined && p !== q) {
    error(context, { kind: 'scale-kinds-mixed', operation: 'if', left: operand(context, a), right: operand(context, b), span });
    return failed(span);
  }
  const type = withScale({ ...a.type, domain: join(a.type.domain, b.type.domain), shape }, p ?? q);
  return { kind: 'if', condition: test, then, else: otherwise, type, span };
}

