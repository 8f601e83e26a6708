/**
 * Indices: what stands between the brackets of a reference. Plates of the declaration first, then coordinates.
 *
 *     A[k] : simplex[k]       A[1, 3]      entry 3 of row 1
 *     mu[k] : real[D]         mu[z[i]]     the vector of the component that z[i] chooses
 */
import type * as Syntax from '../../grammar/types.js';
import { error, NO_PLATE, selectorsOf, spanId, distributionNames } from './context.js';
import type { Context, Scope } from './context.js';
import { nearest } from './nearest.js';
import { canonical, plateSize, sizeText, sizeValue, unify } from './sizes.js';
import type { Index, Size, SpanId, SymbolName } from './types.js';
import { FUNCTIONS } from './vocabulary.js';

/** What an index chooses from. */
type Target =
  { readonly kind: 'plate'; readonly plate: SymbolName } | { readonly kind: 'axis'; readonly size: Size };

interface Place {
  /** the symbol that is indexed */
  readonly name: string;
  readonly declared: SpanId;
}

export function resolveIndex(
  context: Context,
  node: Syntax.Expression,
  target: Target,
  place: Place,
  scope: Scope,
): Index | undefined {
  const span = spanId(context, node.span);
  switch (node.kind) {
    case 'missing':
      return undefined;
    case 'number':
      return numberIndex(context, node, target, place, span);
    case 'reference':
      return node.arguments === undefined
        ? namedIndex(context, node, target, place, scope, span)
        : notAnIndex(context, span);
    case 'binary':
      return previousIndex(context, node, target, place, scope, span);
    case 'unary':
      if (node.operator === '-' && node.operand.kind === 'number')
        error(context, { kind: 'index-not-whole', span });
      else notAnIndex(context, span);
      return undefined;
    case 'boolean':
    case 'vector':
    case 'transpose':
    case 'if':
      return notAnIndex(context, span);
  }
}

/** No index at all; always undefined. */
function notAnIndex(context: Context, span: SpanId): Index | undefined {
  error(context, { kind: 'not-an-index', found: undefined, span });
  return undefined;
}

function numberIndex(
  context: Context,
  node: Extract<Syntax.Expression, { kind: 'number' }>,
  target: Target,
  place: Place,
  span: SpanId,
): Index | undefined {
  const { value } = node;
  if (!Number.isInteger(value) || value < 1) {
    error(context, { kind: 'index-not-whole', span });
    return undefined;
  }
  const size = target.kind === 'plate' ? plateSize(target.plate) : target.size;
  const length = sizeValue(context, size);
  if (length !== undefined && value > length) {
    const plate = size.kind === 'plate' ? context.entities.get(size.plate) : undefined;
    const over = sizeText(size);
    error(context, {
      kind: 'index-out-of-range',
      index: value,
      size: length,
      over,
      declared: plate?.span ?? place.declared,
      span,
    });
    return undefined;
  }
  return { kind: 'number', value };
}

/** A plate's running index, or a symbol whose value is one of a plate's. */
function namedIndex(
  context: Context,
  node: Extract<Syntax.Expression, { kind: 'reference' }>,
  target: Target,
  place: Place,
  scope: Scope,
  span: SpanId,
): Index | undefined {
  const name = node.name.text;
  const entity = context.entities.get(name);
  if (entity === undefined) {
    unknownName(context, name, spanId(context, node.name.span));
    return undefined;
  }
  if (entity.kind === 'plate') {
    if (node.indices.length > 0) return notAnIndex(context, span);
    return runs(context, entity.name, scope, span) && fits(context, entity.name, target, place, span)
      ? { kind: 'plate', plate: entity.name }
      : undefined;
  }
  if (entity.kind !== 'variable') {
    error(context, {
      kind: 'not-an-index',
      found: entity.kind === 'constant' ? { span, type: entity.type, declared: entity.typeSpan } : undefined,
      span,
    });
    return undefined;
  }
  const { plate, domain } = entity.type;
  const isComplete = node.indices.length === entity.plates.length;
  if (domain === 'unknown') return undefined;
  if (plate === undefined) {
    error(context, {
      kind: 'not-an-index',
      found: { span, type: entity.type, declared: entity.typeSpan },
      span,
    });
    return undefined;
  }
  if (!isComplete) {
    indexCount(context, entity.name, entity.plates, node.indices.length, 0, entity.typeSpan, span);
    return undefined;
  }
  const indices = resolveIndices(
    context,
    node.indices,
    entity.plates,
    [],
    { name, declared: entity.span },
    scope,
  );
  if (indices === undefined || !fits(context, plate, target, place, span)) return undefined;
  return { kind: 'symbol', symbol: entity.name, indices: indices.plates, plate };
}

/** `t-1`: the row before, in a plate over rows in order. */
function previousIndex(
  context: Context,
  node: Extract<Syntax.Expression, { kind: 'binary' }>,
  target: Target,
  place: Place,
  scope: Scope,
  span: SpanId,
): Index | undefined {
  const name =
    node.left.kind === 'reference' && node.left.indices.length === 0 ? node.left.name.text : undefined;
  const entity = name === undefined ? undefined : context.entities.get(name);
  const isOneBefore = node.operator === '-' && node.right.kind === 'number' && node.right.value === 1;
  if (entity?.kind !== 'plate' || !isOneBefore) return notAnIndex(context, span);
  if (entity.range.kind !== 'rows' || entity.range.orderedBy === undefined) {
    error(context, { kind: 'previous-needs-order', plate: entity.name, declared: entity.span, span });
    return undefined;
  }
  return runs(context, entity.name, scope, span) && fits(context, entity.name, target, place, span)
    ? { kind: 'previous', plate: entity.name }
    : undefined;
}

/** Whether a plate has a value here: it belongs to the line, a `sum[k]` binds it, or a `constrain` means every value. */
function runs(context: Context, plate: SymbolName, scope: Scope, span: SpanId): boolean {
  if (scope.plates.includes(plate)) return true;
  if (scope.free !== undefined) {
    if (!scope.free.includes(plate)) scope.free.push(plate);
    return true;
  }
  // A declaration over something that is no plate has been reported already.
  if (!scope.plates.includes(NO_PLATE))
    error(context, {
      kind: 'plate-out-of-scope',
      plate,
      available: scope.plates,
      latents: selectorsOf(context, plate),
      span,
    });
  return false;
}

/** Whether values of this plate can choose from the target. */
function fits(context: Context, plate: SymbolName, target: Target, place: Place, span: SpanId): boolean {
  if (target.kind === 'axis') {
    if (unify(context, target.size, plateSize(plate), span)) return true;
    error(context, {
      kind: 'index-size',
      name: place.name,
      size: sizeText(canonical(context, target.size)),
      plate,
      declared: place.declared,
      span,
    });
    return false;
  }
  if (target.plate === plate || target.plate === NO_PLATE) return true;
  error(context, {
    kind: 'index-of-another-plate',
    name: place.name,
    expected: target.plate,
    found: plate,
    declared: place.declared,
    latents: selectorsOf(context, target.plate),
    span,
  });
  return false;
}

export interface ResolvedIndices {
  readonly plates: readonly Index[];
  readonly coordinates: readonly Index[];
}

/** All indices of a reference; undefined after an error. */
export function resolveIndices(
  context: Context,
  nodes: readonly Syntax.Expression[],
  plates: readonly SymbolName[],
  shape: readonly Size[],
  place: Place,
  scope: Scope,
): ResolvedIndices | undefined {
  const targets: readonly Target[] = [
    ...plates.map((plate) => ({ kind: 'plate', plate }) as const),
    ...shape.map((size) => ({ kind: 'axis', size }) as const),
  ];
  const all = nodes
    .slice(0, targets.length)
    .map((node, n) => resolveIndex(context, node, targets[n], place, scope));
  const known = all.filter((index) => index !== undefined);
  return known.length < all.length
    ? undefined
    : { plates: known.slice(0, plates.length), coordinates: known.slice(plates.length) };
}

/** Says so when a symbol has too few or too many indices. */
export function indexCount(
  context: Context,
  name: SymbolName,
  plates: readonly SymbolName[],
  given: number,
  rank: number,
  declared: SpanId,
  span: SpanId,
): boolean {
  const entity = context.entities.get(name)!;
  if (given < plates.length) {
    const latents = selectorsOf(context, plates[given]);
    error(context, { kind: 'too-few-indices', name, plates, given, declared: entity.span, latents, span });
    return false;
  }
  if (given > plates.length + rank) {
    const type =
      entity.kind === 'variable' || entity.kind === 'constant'
        ? entity.type
        : { domain: 'unknown' as const, shape: [] };
    error(context, {
      kind: 'too-many-indices',
      name,
      allowed: plates.length + rank,
      given,
      type,
      declared,
      span,
    });
    return false;
  }
  return true;
}

export function unknownName(context: Context, name: string, span: SpanId): void {
  const near = nearest(name, [...context.entities.keys(), ...FUNCTIONS, ...distributionNames(context)]);
  if (near !== undefined) context.used.add(near);
  error(context, { kind: 'unknown-name', name, near, span });
}
