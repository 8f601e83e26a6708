/** `real[D]`, `simplex[k]`, `covariance[2]`: what stands behind the colon of a declaration. */
import type * as Syntax from '../../grammar/types.js';
import { error, roleOf, spanId, UNKNOWN } from './context.js';
import type { Context } from './context.js';
import { nearest } from './nearest.js';
import { namedSize, unify } from './sizes.js';
import type { Size, SpanId, ValueType } from './types.js';
import { isFunction, TYPES } from './vocabulary.js';

export function resolveType(context: Context, node: Syntax.TypeNode): ValueType {
  const span = spanId(context, node.span);
  const name = node.name.text;
  // The parser could not read it, and has said so.
  if (name === '') return UNKNOWN;
  const entity = context.entities.get(name);
  const word = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  if (entity?.kind === 'plate') {
    if (node.sizes.length > 0) {
      error(context, { kind: 'type-sizes', type: name, given: node.sizes.length, spellings: [name], span });
      return UNKNOWN;
    }
    return { domain: 'plate', shape: [], plate: entity.name };
  }
  if (word === undefined) {
    const plates = [...context.entities.values()].flatMap((e) => (e.kind === 'plate' ? [e.name] : []));
    const near = nearest(name, [...Object.keys(TYPES), ...plates]);
    error(context, { kind: 'unknown-type', name, near, span: spanId(context, node.name.span) });
    return UNKNOWN;
  }
  const sizes = node.sizes.map((size) => resolveSize(context, size));
  if (!word.sizes.includes(sizes.length)) {
    error(context, { kind: 'type-sizes', type: name, given: sizes.length, spellings: word.spellings, span });
    return UNKNOWN;
  }
  const scale = word.scale === undefined ? {} : { scale: word.scale };
  if (name === 'category') return { domain: 'category', shape: [], categories: sizes[0] };
  if (word.isSquare === true) return { domain: word.domain, shape: [sizes[0], sizes[0]], ...scale };
  if (name === 'precision' && sizes.length === 2) return squarePrecision(context, sizes, node, span);
  return { domain: word.domain, shape: sizes, ...scale };
}

/** A matrix of precisions is square: `precision[D, D]`. */
function squarePrecision(
  context: Context,
  sizes: readonly Size[],
  node: Syntax.TypeNode,
  span: SpanId,
): ValueType {
  if (!unify(context, sizes[0], sizes[1], spanId(context, node.sizes[1].span))) {
    error(context, { kind: 'type-sizes', type: 'precision', given: 2, spellings: ['precision[D, D]'], span });
    return UNKNOWN;
  }
  return { domain: 'covariance', shape: sizes, scale: 'precision' };
}

/** A whole number, a constant, a plate, or a name that something else will fix. */
export function resolveSize(context: Context, node: Syntax.Expression): Size {
  const span = spanId(context, node.span);
  if (node.kind === 'missing') return { kind: 'unknown' };
  if (node.kind === 'number') {
    if (Number.isInteger(node.value) && node.value >= 1) return { kind: 'number', value: node.value };
    error(context, { kind: 'size-value', name: undefined, value: node.value, span });
    return { kind: 'unknown' };
  }
  if (
    node.kind !== 'reference' ||
    node.indices.length > 0 ||
    node.arguments !== undefined ||
    isFunction(node.name.text)
  ) {
    error(context, { kind: 'bad-size', span });
    return { kind: 'unknown' };
  }
  const name = node.name.text;
  const entity = context.entities.get(name);
  if (entity === undefined) return namedSize(context, name, span);
  switch (entity.kind) {
    case 'plate':
      return { kind: 'plate', plate: entity.name };
    case 'constant':
      entity.isSize = true;
      return { kind: 'constant', name: entity.name };
    case 'variable':
    case 'definition':
      error(context, { kind: 'size-name-taken', name, role: roleOf(entity), declared: entity.span, span });
      return { kind: 'unknown' };
  }
}
