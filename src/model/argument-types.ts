/** Whether an argument is what its distribution asks for, given the value on the left of `~`. */
import type { Given } from './arguments.js';
import { isOf, knownEntries, knownValue } from './constant-folding.js';
import { declaredAt, error, failed, isUnknown, operand, rankOf } from './context.js';
import type { Context } from './context.js';
import { isNotNegative, withScale } from './domains.js';
import { toShape } from './shapes.js';
import type { LineValue } from './lines.js';
import type { ArgumentDomain, Operand } from './problems.js';
import { fixedNames, plateSize, settledType, sizeValue, unify, unifyShapes } from './sizes.js';
import type { Expression, ScaleKind, Size, ValueType } from './types.js';

interface Argument extends Given {
  readonly value: Expression;
}

export function checkArgument(
  context: Context,
  distribution: string,
  given: Argument,
  value: LineValue,
): Expression {
  const { pattern, name } = given.argument;
  const e = given.value;
  if (isUnknown(e)) return e;
  if (!isOf(e, 'numeric')) {
    error(context, { kind: 'not-a-number', operand: operand(context, e), span: e.span });
    return failed(e.span);
  }
  const here: Here = { distribution, name, value };
  switch (pattern.kind) {
    case 'scale':
      return value.type.shape.length === 0
        ? scalarScale(context, e, given.said, here)
        : matrixScale(context, e, given.said, here);
    case 'like-value':
      return shaped(context, e, value.type.shape, pattern.domain, here);
    case 'scalar':
      return shaped(context, e, [], pattern.domain, here);
    case 'over-value':
      return shaped(context, e, [lengthOver(value.type)], pattern.domain, here);
    case 'matrix':
      return matrix(context, e, here);
  }
}

interface Here {
  readonly distribution: string;
  /** of the argument */
  readonly name: string;
  readonly value: LineValue;
}

/** How many cases a value has, or how many entries. */
function lengthOver(type: ValueType): Size {
  if (type.plate !== undefined) return plateSize(type.plate);
  return type.categories ?? type.shape[0] ?? { kind: 'unknown' };
}

const valueOperand = (context: Context, value: LineValue): Operand => ({
  span: value.span,
  type: settledType(context, value.type),
  declared: value.declared,
});

function shaped(
  context: Context,
  e: Expression,
  shape: readonly Size[],
  domain: ArgumentDomain,
  here: Here,
): Expression {
  const result = toShape(context, e, shape);
  if (result === undefined) {
    wrongShape(context, e, shape, here);
    return failed(e.span);
  }
  if (isIn(context, result, domain)) return result;
  error(context, {
    kind: 'argument-domain',
    distribution: here.distribution,
    argument: here.name,
    expected: domain,
    found: operand(context, e),
    span: e.span,
  });
  return failed(e.span);
}

function wrongShape(context: Context, e: Expression, shape: readonly Size[], here: Here): void {
  const { value } = here;
  // Sizes that differ from the value's are said of both.
  if (rankOf(e) === shape.length && rankOf(e) === value.type.shape.length) {
    const found = operand(context, e);
    const because = fixedNames(context, [...value.type.shape, ...e.type.shape]);
    const expected = settledType(context, { ...e.type, shape });
    error(context, {
      kind: 'sizes-differ',
      left: found,
      right: valueOperand(context, value),
      expected,
      because,
      span: e.span,
    });
  } else
    error(context, {
      kind: 'argument-shape',
      distribution: here.distribution,
      argument: here.name,
      expected: settledType(context, { domain: 'real', shape }),
      found: operand(context, e),
      span: e.span,
    });
}

/** Whether the numbers are known to lie in a domain; by value where the value is known. */
function isIn(context: Context, e: Expression, domain: ArgumentDomain): boolean {
  const scalar = knownValue(context, e);
  switch (domain) {
    case 'real':
      return true;
    case 'positive': {
      const known = rankOf(e) === 1 ? knownEntries(context, e) : undefined;
      if (known?.every((x) => x !== undefined) === true) return known.every((x) => x > 0);
      return scalar === undefined ? isNotNegative(e.type.domain) : scalar > 0;
    }
    case 'unit':
      return scalar === undefined
        ? e.type.domain === 'unit' || e.type.domain === 'simplex'
        : scalar >= 0 && scalar <= 1;
    case 'count':
      return scalar === undefined ? e.type.domain === 'count' : scalar >= 0 && Number.isInteger(scalar);
    case 'simplex':
      return isSimplex(context, e);
  }
}

/** Entries that sum to one: declared so, written out so, or 1 / K in each of K. */
function isSimplex(context: Context, e: Expression): boolean {
  if (e.type.domain === 'simplex') return true;
  const entries = knownEntries(context, e);
  if (entries?.every((x) => x !== undefined) === true) {
    const sum = entries.reduce<number>((total, x) => total + x, 0);
    return Math.abs(sum - 1) <= 1e-6 && entries.every((x) => x >= 0);
  }
  if (e.kind === 'fill') {
    const { value } = e;
    if (value.kind === 'divide' && value.right.kind === 'size' && knownValue(context, value.left) === 1)
      return unify(context, value.right.size, e.type.shape[0], e.span);
    return sizeValue(context, e.type.shape[0]) === undefined && e.type.domain === 'unit';
  }
  return e.type.domain === 'unit';
}

// ------------------------------------------------------------------------------------------------------- scales

/** `Normal(mu, s2)` of a number: a number with a kind. */
function scalarScale(context: Context, e: Expression, said: ScaleKind | undefined, here: Here): Expression {
  const { distribution } = here;
  const found = operand(context, e);
  if (rankOf(e) !== 0) {
    error(context, {
      kind: 'scale-shape',
      distribution,
      value: valueOperand(context, here.value),
      found,
      span: e.span,
    });
    return failed(e.span);
  }
  const kind = kindSaid(context, e, said);
  if (kind === 'contradiction') return failed(e.span);
  const value = knownValue(context, e);
  if (value !== undefined ? value <= 0 : kind !== undefined && !isNotNegative(e.type.domain)) {
    error(context, { kind: 'scale-not-positive', distribution, found, value, span: e.span });
    return failed(e.span);
  }
  if (kind === undefined) {
    const constant = e.kind === 'constant' ? e.name : undefined;
    error(context, {
      kind: 'scale-without-kind',
      distribution,
      constant,
      declared: declaredAt(context, e),
      span: e.span,
    });
    return failed(e.span);
  }
  return { ...e, type: withScale({ domain: 'positive', shape: [] }, kind) };
}

/** `Normal(mu, Sigma)` of a vector: a matrix, which is a covariance when nothing says otherwise. */
function matrixScale(context: Context, e: Expression, said: ScaleKind | undefined, here: Here): Expression {
  const { distribution, value } = here;
  const found = operand(context, e);
  if (rankOf(e) !== 2) {
    error(context, {
      kind: 'scale-shape',
      distribution,
      value: valueOperand(context, value),
      found,
      span: e.span,
    });
    return failed(e.span);
  }
  const [size] = value.type.shape;
  if (!unifyShapes(context, e.type.shape, [size, size], e.span)) {
    const because = fixedNames(context, [...value.type.shape, ...e.type.shape]);
    const expected = settledType(context, { ...e.type, shape: [size, size] });
    error(context, {
      kind: 'sizes-differ',
      left: operand(context, e),
      right: valueOperand(context, value),
      expected,
      because,
      span: e.span,
    });
    return failed(e.span);
  }
  const kind = kindSaid(context, e, said);
  if (kind === 'contradiction') return failed(e.span);
  const isNegative =
    e.kind === 'negate' || (e.kind === 'multiply' && (knownValue(context, e.left) ?? 1) <= 0);
  if (isNegative) {
    error(context, { kind: 'scale-not-positive', distribution, found, value: undefined, span: e.span });
    return failed(e.span);
  }
  return { ...e, type: withScale({ domain: 'covariance', shape: e.type.shape }, kind ?? 'variance') };
}

/** The kind of a scale: what its type says, or what the name of the argument says. */
function kindSaid(
  context: Context,
  e: Expression,
  said: ScaleKind | undefined,
): ScaleKind | undefined | 'contradiction' {
  const { scale } = e.type;
  if (said === undefined || scale === undefined || said === scale) return scale ?? said;
  error(context, { kind: 'scale-kind-contradicts', said, found: operand(context, e), span: e.span });
  return 'contradiction';
}

/** A covariance of the value's size: `InverseWishart(nu, Psi)`. */
function matrix(context: Context, e: Expression, here: Here): Expression {
  const { value } = here;
  if (rankOf(e) !== 2) {
    const shown = settledType(context, value.type);
    error(
      context,
      rankOf(e) === 0
        ? { kind: 'number-where-matrix', size: shown, span: e.span }
        : {
            kind: 'argument-shape',
            distribution: here.distribution,
            argument: here.name,
            expected: shown,
            found: operand(context, e),
            span: e.span,
          },
    );
    return failed(e.span);
  }
  if (unifyShapes(context, e.type.shape, value.type.shape, e.span)) return e;
  wrongShape(context, e, value.type.shape, here);
  return failed(e.span);
}
