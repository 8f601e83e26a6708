/**
 * Sizes are unified: what must be equal becomes one class, and a class holds at most one number, constant or plate.
 *
 *     real[D], covariance[D], [1, t[i]]        D ≡ 2, fixed by the vector written out
 *
 * Names that begin with `?` are ours: the size of an `I` before its place is known.
 */
import type { Context } from './context.js';
import type { Fixed } from './problems.js';
import type { Size, SpanId, SymbolName, ValueType } from './types.js';

interface SizeClass {
  readonly name: string;
  /** first place where the name stands */
  readonly span: SpanId;
  /** another name, or what the class is */
  bound: Size | undefined;
  /** the place that bound it */
  because: SpanId;
}

export type SizeTable = Map<string, SizeClass>;

export function namedSize(context: Pick<Context, 'sizes'>, name: string, span: SpanId): Size {
  if (!context.sizes.has(name)) context.sizes.set(name, { name, span, bound: undefined, because: span });
  return { kind: 'named', name };
}

export const freshSize = (context: Context, span: SpanId): Size =>
  namedSize(context, `?${context.sizes.size}`, span);

export const isFresh = (size: Size): boolean => size.kind === 'named' && size.name.startsWith('?');

/** What a size finally is: plates are as long as they say, names are what they were found to equal. */
export function canonical(context: Context, size: Size): Size {
  switch (size.kind) {
    case 'number':
    case 'constant':
    case 'unknown':
      return size;
    case 'named': {
      const bound = context.sizes.get(size.name)?.bound;
      return bound === undefined ? size : canonical(context, bound);
    }
    case 'plate': {
      const plate = context.entities.get(size.plate);
      return plate?.kind === 'plate' && plate.range.kind === 'count'
        ? canonical(context, plate.range.upTo)
        : size;
    }
  }
}

/** The value of a size, as far as the file tells; a constant's may be set to another from outside. */
export function sizeValue(context: Context, size: Size): number | undefined {
  const found = canonical(context, size);
  if (found.kind === 'number') return found.value;
  if (found.kind !== 'constant') return undefined;
  const constant = context.entities.get(found.name);
  return constant?.kind === 'constant' && typeof constant.value === 'number' ? constant.value : undefined;
}

/** Makes two sizes equal; false when they cannot be. */
export function unify(context: Context, a: Size, b: Size, at: SpanId): boolean {
  const [left, right] = [canonical(context, a), canonical(context, b)];
  if (left.kind === 'unknown' || right.kind === 'unknown' || sameSize(left, right)) return true;
  if (left.kind === 'named' && (isFresh(left) || right.kind !== 'named' || !isFresh(right))) {
    const found = context.sizes.get(left.name)!;
    found.bound = right;
    found.because = at;
    return true;
  }
  if (right.kind === 'named') return unify(context, right, left, at);
  const [m, n] = [sizeValue(context, left), sizeValue(context, right)];
  const isWritten = left.kind === 'number' || right.kind === 'number';
  // A constant without a value may turn out to be any number.
  return (
    isWritten &&
    left.kind !== 'plate' &&
    right.kind !== 'plate' &&
    (m === undefined || n === undefined || m === n)
  );
}

export function sameSize(a: Size, b: Size): boolean {
  switch (a.kind) {
    case 'number':
      return b.kind === 'number' && a.value === b.value;
    case 'constant':
      return b.kind === 'constant' && a.name === b.name;
    case 'named':
      return b.kind === 'named' && a.name === b.name;
    case 'plate':
      return b.kind === 'plate' && a.plate === b.plate;
    case 'unknown':
      return false;
  }
}

/** Makes two shapes of one rank equal, axis by axis. */
export const unifyShapes = (context: Context, a: readonly Size[], b: readonly Size[], at: SpanId): boolean =>
  a.map((size, n) => unify(context, size, b[n], at)).every(Boolean);

/** A size as the Model holds it: plates and constants stay what they are, names become what they equal. */
export function settled(context: Context, size: Size): Size {
  if (size.kind !== 'named') return size;
  const bound = context.sizes.get(size.name)?.bound;
  return bound === undefined ? size : settled(context, bound);
}

export const settledType = (context: Context, type: ValueType): ValueType => ({
  ...type,
  shape: type.shape.map((s) => settled(context, s)),
  ...(type.categories === undefined ? {} : { categories: settled(context, type.categories) }),
});

/** A type as messages show it. */
export const shownType = settledType;

/** The names among some sizes that something else has fixed, with the place that did. */
export function fixedNames(context: Context, sizes: readonly Size[]): readonly Fixed[] {
  const found = new Map<string, Fixed>();
  for (const size of sizes) {
    if (size.kind !== 'named' || isFresh(size)) continue;
    const known = context.sizes.get(size.name);
    const value = canonical(context, size);
    if (known?.bound !== undefined && value.kind !== 'named')
      found.set(size.name, { name: size.name, value: sizeText(value), span: known.because });
  }
  return [...found.values()];
}

export function sizeText(size: Size): string {
  switch (size.kind) {
    case 'number':
      return String(size.value);
    case 'constant':
      return size.name;
    case 'named':
      return isFresh(size) ? '…' : size.name;
    case 'plate':
      return size.plate;
    case 'unknown':
      return '?';
  }
}

export const plateSize = (plate: SymbolName): Size => ({ kind: 'plate', plate });
