/** The values of constants: numbers, vectors and matrices written out, with arithmetic between numbers. */
import type * as Syntax from '../../grammar/types.js';
import { error, spanId } from './context.js';
import type { ConstantEntity, Context } from './context.js';
import { settledType, unifyShapes } from './sizes.js';
import type { Constant, Domain, Size, ValueType } from './types.js';

type Value = NonNullable<Constant['value']>;

export interface KnownConstant {
  readonly value: Value;
  readonly type: ValueType;
}

export function evaluateConstant(
  context: Context,
  entity: ConstantEntity,
  node: Syntax.Expression,
  declared: ValueType | undefined,
): KnownConstant | undefined {
  if (node.kind === 'missing') return undefined;
  const value = evaluate(node);
  const span = spanId(context, node.span);
  if (value === undefined) {
    error(context, { kind: 'constant-not-written-out', name: entity.name, span });
    return undefined;
  }
  const type: ValueType = { domain: domainOf(value), shape: shapeOf(value) };
  if (declared === undefined || declared.domain === 'unknown') return { value, type };
  if (
    declared.shape.length !== type.shape.length ||
    !unifyShapes(context, declared.shape, type.shape, span)
  ) {
    error(context, {
      kind: 'constant-shape',
      name: entity.name,
      type: settledType(context, declared),
      declared: entity.typeSpan,
      found: type,
      span,
    });
    return undefined;
  }
  if (!isIn(value, declared)) {
    error(context, {
      kind: 'constant-domain',
      name: entity.name,
      type: settledType(context, declared),
      span,
    });
    return undefined;
  }
  return { value, type };
}

const isMatrix = (value: Value): value is readonly (readonly number[])[] =>
  Array.isArray(value) && Array.isArray(value[0]);

function evaluate(node: Syntax.Expression): Value | undefined {
  if (node.kind !== 'vector') return evaluateNumber(node);
  const elements = node.elements.map(evaluate);
  const numbers = elements.filter((e): e is number => typeof e === 'number');
  if (numbers.length === elements.length) return numbers;
  const rows = elements.filter((e): e is readonly number[] => Array.isArray(e) && !Array.isArray(e[0]));
  return rows.length === elements.length && rows.every((r) => r.length === rows[0].length) ? rows : undefined;
}

/** The value of arithmetic between numbers; undefined where a name takes part. */
export function evaluateNumber(node: Syntax.Expression): number | undefined {
  switch (node.kind) {
    case 'number':
      return node.value;
    case 'unary': {
      const of = evaluateNumber(node.operand);
      return of === undefined || node.operator === 'not' ? undefined : -of;
    }
    case 'binary': {
      const [a, b] = [evaluateNumber(node.left), evaluateNumber(node.right)];
      return a === undefined || b === undefined ? undefined : arithmetic(node.operator, a, b);
    }
    case 'reference': {
      const [argument, ...more] = node.arguments ?? [];
      const of = argument === undefined || more.length > 0 ? undefined : evaluateNumber(argument.value);
      return of === undefined || node.indices.length > 0 ? undefined : scalarFunction(node.name.text, of);
    }
    case 'boolean':
    case 'vector':
    case 'transpose':
    case 'if':
    case 'missing':
      return undefined;
  }
}

function arithmetic(operator: string, a: number, b: number): number | undefined {
  const results: Readonly<Record<string, number>> = {
    '+': a + b,
    '-': a - b,
    '*': a * b,
    '/': a / b,
    '^': a ** b,
  };
  const result = results[operator];
  return result !== undefined && Number.isFinite(result) ? result : undefined;
}

function scalarFunction(name: string, x: number): number | undefined {
  const functions: Readonly<Record<string, (x: number) => number>> = {
    log: Math.log,
    exp: Math.exp,
    sqrt: Math.sqrt,
    logistic: (y) => 1 / (1 + Math.exp(-y)),
  };
  const value = Object.hasOwn(functions, name) ? functions[name](x) : undefined;
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

const flat = (value: Value): readonly number[] =>
  typeof value === 'number' ? [value] : (value as readonly (number | readonly number[])[]).flat();

const domainOf = (value: Value): Domain => (flat(value).every((x) => x > 0) ? 'positive' : 'real');

function shapeOf(value: Value): readonly Size[] {
  if (typeof value === 'number') return [];
  const outer: Size = { kind: 'number', value: value.length };
  return isMatrix(value) ? [outer, { kind: 'number', value: value[0].length }] : [outer];
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));

/** Whether a value lies where its declared type says. */
function isIn(value: Value, type: ValueType): boolean {
  const numbers = flat(value);
  switch (type.domain) {
    case 'real':
    case 'unknown':
      return true;
    case 'positive':
      return numbers.every((x) => x > 0);
    case 'unit':
      return numbers.every((x) => x >= 0 && x <= 1);
    case 'count':
      return numbers.every((x) => x >= 0 && Number.isInteger(x));
    case 'simplex':
      return (
        numbers.every((x) => x >= 0) &&
        near(
          numbers.reduce((a, b) => a + b, 0),
          1,
        )
      );
    case 'shape':
      return (
        numbers.every((x) => x > 0) &&
        near(
          numbers.reduce((a, b) => a * b, 1),
          1,
        )
      );
    case 'covariance':
      return isMatrix(value) && isPositiveDefinite(value);
    case 'orthogonal':
      return (
        isMatrix(value) &&
        value.every((a, i) => value.every((b, j) => Math.abs(dot(a, b) - (i === j ? 1 : 0)) <= 1e-6))
      );
    case 'boolean':
    case 'category':
    case 'plate':
      return false;
  }
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, n) => sum + x * b[n], 0);

/** Symmetric, and its Cholesky factor exists. */
function isPositiveDefinite(matrix: readonly (readonly number[])[]): boolean {
  const lower: number[][] = [];
  for (const [i, row] of matrix.entries()) {
    const factor: number[] = [];
    for (let j = 0; j <= i; j++) {
      if (!near(row[j], matrix[j][i])) return false;
      const rest = row[j] - dot(factor.slice(0, j), (i === j ? factor : lower[j]).slice(0, j));
      if (i === j && rest <= 0) return false;
      factor.push(i === j ? Math.sqrt(rest) : rest / lower[j][j]);
    }
    lower.push(factor);
  }
  return true;
}
