/** Shapes at their place: what fits, what is filled in, and what to say when sizes differ. */
import { error, isUnknown, operand, rankOf } from './context.js';
import type { Context } from './context.js';
import { fixedNames, settledType, unifyShapes } from './sizes.js';
import type { Expression, Size } from './types.js';

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

/** One message for two sizes that must agree and do not, wherever that is. The first operand is the one marked. */
export function sizesDiffer(
  context: Context,
  marked: Expression,
  other: Expression,
  shape = other.type.shape,
): void {
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
