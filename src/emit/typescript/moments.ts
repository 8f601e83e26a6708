/**
 * Statistics as expressions of the moments. An affine form e = Σ_g A_g c_g + a of the column groups c_g has
 *
 *     Σ_i r e fᵀ = Σ_g Σ_h A_g scatter_gh B_hᵀ + n e(mean) f(mean)ᵀ
 *
 * with scatter_gh the block of two groups and n the weight: the scatter about the mean, moved to where the form asks.
 */
import {
  add,
  diagonal,
  dot,
  element,
  isNumber,
  multiply,
  number,
  outer,
  power,
  product,
  quadratic,
} from '../../algebra/build.js';
import { running, shapeOf, square, sum, symbol, trace, transpose } from '../../algebra/build.js';
import { pullScale } from '../../algebra/matrix.js';
import { printKey } from '../../algebra/print.js';
import type { Dim, Expr, Index } from '../../algebra/types.js';
import type { AffineForm, AffinePart, ColumnGroup, Plan, MomentReading } from '../../plan/types.js';

/** Names of the moments of groups, as symbols of an expression. */
export const weightName = 'weight';
export const meanName = (group: number): string => `mean ${String(group)}`;
const scatterName = (left: number, right: number): string => `scatter ${String(left)} ${String(right)}`;

/** [] for a group of one number per row, [n] for a vector. */
export function groupShape(group: ColumnGroup): readonly Dim[] {
  if (group.kind === 'symbol') return group.dim === undefined ? [] : [group.dim];
  return group.isVector ? [group.elements.length] : [];
}

/** A statistic of one component: what it is at the mean, and its value given that. */
export interface Reading {
  /** e(mean), when the statistic is a square of it */
  readonly atMean: Expr | undefined;
  /** with e(mean) written `e`; undefined: spelled out */
  readonly value: (e: Expr | undefined) => Expr;
}

export function readingOf(reading: MomentReading, plan: Plan, at: readonly Index[], weight: Expr): Reading {
  if (reading.kind === 'weight') return { atMean: undefined, value: () => weight };
  if (reading.kind === 'first')
    return { atMean: undefined, value: () => multiply(weight, atMean(reading.form, plan, at)) };
  const left = atMean(reading.left, plan, at);
  const right = atMean(reading.right, plan, at);
  const isSquare = printKey(left) === printKey(right);
  const spread = spreadOf(reading, plan, at);
  return {
    atMean: isSquare && left.kind !== 'symbol' ? left : undefined,
    value: (e) =>
      add(
        spread,
        multiply(weight, isSquare ? momentAt(reading, e ?? left, e ?? left) : momentAt(reading, left, right)),
      ),
  };
}

function momentAt(reading: Extract<MomentReading, { kind: 'second' }>, left: Expr, right: Expr): Expr {
  const isScalar = shapeOf(left).length === 0;
  if (reading.as !== 'trace') {
    if (reading.as === 'diagonal') return left === right ? power(left, 2) : entrywise(left, right);
    if (isScalar) return multiply(left, right);
    return shapeOf(right).length === 0 ? multiply(right, left) : outer(left, right);
  }
  if (left === right)
    return isScalar
      ? multiply(square(left), reading.matrix)
      : quadratic(left, isNumber(reading.matrix) ? identityOf(left) : reading.matrix);
  return isScalar ? multiply(left, right, reading.matrix) : dot(left, product(reading.matrix, right));
}

const identityOf = (vector: Expr): Expr => ({ kind: 'identity', dim: shapeOf(vector)[0] });
const entrywise = (left: Expr, right: Expr): Expr => ({ kind: 'multiply', factors: [left, right] });

/** The form with each group at its mean. */
export function atMean(form: AffineForm, plan: Plan, at: readonly Index[]): Expr {
  const terms = form.parts.map((p) =>
    applied(p, symbol(meanName(p.group), 'statistic', at, groupShape(plan.groups[p.group]))),
  );
  return add(...terms, form.offset);
}

/** A_g c for a value c of the group, a number or a vector. */
function applied(part: AffinePart, value: Expr): Expr {
  switch (part.kind) {
    case 'scaled':
    case 'column':
      return multiply(part.coefficient, value);
    case 'row':
      return withScale(part.coefficient, (core) => dot(core, value));
    case 'matrix':
      return withScale(part.coefficient, (core) => product(core, value));
  }
}

/** f(c M) = c f(M) for a linear f. */
function withScale(e: Expr, f: (core: Expr) => Expr): Expr {
  const { scale, core } = pullScale(e);
  return multiply(scale, f(core));
}

/** Σ A_g scatter_gh B_hᵀ, as the statistic reads it. */
function spreadOf(
  reading: Extract<MomentReading, { kind: 'second' }>,
  plan: Plan,
  at: readonly Index[],
): Expr {
  if (plan.pairs.statistics === 'squares') return spreadOfSquares(reading, plan, at);
  const isSquare = JSON.stringify(reading.left) === JSON.stringify(reading.right);
  const isScalar = reading.left.shape.length === 0 && reading.right.shape.length === 0;
  const terms = reading.left.parts.flatMap((p, n) =>
    reading.right.parts.flatMap((q, m) => {
      if (isSquare && isScalar && m < n) return [];
      const term = spreadOfPair(p, q, plan, at, isSquare && isScalar && n === m);
      return [isSquare && isScalar && m > n ? multiply(number(2), term) : term];
    }),
  );
  const matrix = add(...terms);
  if (reading.as !== 'trace') return reading.as === 'diagonal' ? diagonal(matrix) : matrix;
  if (isScalar) return multiply(matrix, reading.matrix);
  return trace(isNumber(reading.matrix) ? matrix : product(reading.matrix, matrix));
}

function spreadOfPair(
  p: AffinePart,
  q: AffinePart,
  plan: Plan,
  at: readonly Index[],
  isSquare: boolean,
): Expr {
  const [left, right] = [groupShape(plan.groups[p.group]), groupShape(plan.groups[q.group])];
  // the scatter of a number with a vector is that of the vector with the number
  const name = left.length < right.length ? scatterName(q.group, p.group) : scatterName(p.group, q.group);
  const block = symbol(name, 'statistic', at, [...left, ...right]);
  if (isSquare && p.kind === 'row') {
    const { scale, core } = pullScale(p.coefficient);
    return multiply(power(scale, 2), quadratic(core, block));
  }
  return fromRight(
    q,
    fromLeft(p, block, left.length, right.length),
    right.length,
    outputRank(p, left.length),
  );
}

/** Rank of A_g c: a number or a vector. */
const outputRank = (p: AffinePart, groupRank: number): number =>
  p.kind === 'row' ? 0 : p.kind === 'scaled' ? groupRank : 1;

function fromLeft(p: AffinePart, block: Expr, left: number, right: number): Expr {
  switch (p.kind) {
    case 'scaled':
      return multiply(p.coefficient, block);
    case 'column':
      return right === 0
        ? multiply(p.coefficient, block)
        : withScale(p.coefficient, (core) => outer(core, block));
    case 'row':
      return withScale(p.coefficient, (core) =>
        right === 0 ? dot(core, block) : product(transpose(block), core),
      );
    case 'matrix':
      return left === 0
        ? multiply(p.coefficient, block)
        : withScale(p.coefficient, (core) => product(core, block));
  }
}

/** `rank` is that of what the left side has become, `right` that of the group on the right. */
function fromRight(q: AffinePart, e: Expr, right: number, rank: number): Expr {
  switch (q.kind) {
    case 'scaled':
      return multiply(q.coefficient, e);
    case 'column':
      return rank === 0 ? multiply(q.coefficient, e) : withScale(q.coefficient, (core) => outer(e, core));
    case 'row':
      return withScale(q.coefficient, (core) => (rank === 0 ? dot(e, core) : product(e, core)));
    case 'matrix':
      return right === 0
        ? multiply(q.coefficient, e)
        : withScale(q.coefficient, (core) => (rank === 0 ? product(core, e) : product(e, transpose(core))));
  }
}

/** Only squares of single columns are known: the form reads one group, each coordinate its own. */
function spreadOfSquares(
  reading: Extract<MomentReading, { kind: 'second' }>,
  plan: Plan,
  at: readonly Index[],
): Expr {
  const [p, q] = [reading.left.parts[0], reading.right.parts[0]];
  const shape = groupShape(plan.groups[p.group]);
  const squares = symbol(scatterName(p.group, q.group), 'statistic', at, shape);
  const scale = multiply(p.coefficient, q.coefficient);
  if (reading.as !== 'trace' || shape.length === 0)
    return multiply(
      scale,
      squares,
      reading.as === 'trace' && isNumber(reading.matrix) ? reading.matrix : number(1),
    );
  const coordinate = { index: 'd', dim: shape[0] };
  return multiply(scale, sum(coordinate, element(squares, [running('d')])));
}

/** True for the name of a mean or a scatter made here. */
export const isMoment = (name: string): boolean => /^(mean|scatter) \d/.test(name);
