/** What the file alone tells of an expression's value. */
import type { Context } from './context.js';
import { isNumeric } from './domains.js';
import { sizeValue } from './sizes.js';
import type { Expression } from './types.js';

export const isOf = (e: Expression, what: 'numeric' | 'boolean'): boolean =>
  e.type.domain === 'unknown' ||
  (what === 'numeric' ? isNumeric(e.type.domain) : e.type.domain === 'boolean');

/** The value of a number that is written out or follows from constants of the file. */
export function knownValue(context: Context, e: Expression): number | undefined {
  const both = (a: Expression, b: Expression, f: (x: number, y: number) => number): number | undefined => {
    const [x, y] = [knownValue(context, a), knownValue(context, b)];
    return x === undefined || y === undefined ? undefined : f(x, y);
  };
  const one = (a: Expression, f: (x: number) => number): number | undefined => {
    const x = knownValue(context, a);
    return x === undefined ? undefined : f(x);
  };
  switch (e.kind) {
    case 'number':
      return e.value;
    case 'size':
      return sizeValue(context, e.size);
    case 'constant': {
      const entity = context.entities.get(e.name);
      let value: unknown = entity?.kind === 'constant' ? entity.value : undefined;
      for (const coordinate of e.coordinates)
        value = Array.isArray(value) ? (value as unknown[])[coordinate - 1] : undefined;
      return typeof value === 'number' ? value : undefined;
    }
    case 'fill':
      return knownValue(context, e.value);
    case 'add':
      return both(e.left, e.right, (x, y) => x + y);
    case 'subtract':
      return both(e.left, e.right, (x, y) => x - y);
    case 'multiply':
      return both(e.left, e.right, (x, y) => x * y);
    case 'divide':
      return both(e.left, e.right, (x, y) => x / y);
    case 'power':
      return both(e.base, e.exponent, (x, y) => x ** y);
    case 'negate':
      return one(e.operand, (x) => -x);
    case 'function':
      return one(e.argument, FUNCTIONS[e.name]);
    case 'boolean':
    case 'symbol':
    case 'vector':
    case 'identity':
    case 'transpose':
    case 'diag':
    case 'dot':
    case 'sum':
    case 'softmax':
    case 'compare':
    case 'and':
    case 'or':
    case 'not':
    case 'if':
    case 'distribution':
    case 'error':
      return undefined;
  }
}

const FUNCTIONS = {
  log: Math.log,
  exp: Math.exp,
  sqrt: Math.sqrt,
  logistic: (x: number): number => 1 / (1 + Math.exp(-x)),
} as const;

/** The entries of a vector, as far as they are known: written out, a constant, or a number in every coordinate. */
export function knownEntries(context: Context, e: Expression): readonly (number | undefined)[] | undefined {
  if (e.kind === 'vector') return e.elements.map((x) => knownValue(context, x));
  if (e.kind === 'constant' && e.coordinates.length === 0) {
    const entity = context.entities.get(e.name);
    const value = entity?.kind === 'constant' ? entity.value : undefined;
    return Array.isArray(value) && typeof value[0] === 'number' ? (value as readonly number[]) : undefined;
  }
  const length = e.kind === 'fill' ? sizeValue(context, e.type.shape[0]) : undefined;
  return length === undefined ? undefined : Array.from({ length }, () => knownValue(context, e));
}
