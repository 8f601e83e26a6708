import {
  add,
  dot,
  identity,
  isNumber,
  multiply,
  number,
  outer,
  power,
  product,
  shapeOf,
} from '../../algebra/build.js';
import { solve, subtract, transpose, ZERO } from '../../algebra/build.js';
import { pullScale, transposed } from '../../algebra/matrix.js';
import { printKey, printText } from '../../algebra/print.js';
import { containsSymbol, dependsOn } from '../../algebra/traverse.js';
import type { Expr, Range, Term } from '../../algebra/types.js';
import { factorOut, gather, ownFactors, quotient } from '../collect.js';
import type { CollectContext, Factored } from '../collect.js';
import { refused, solved } from './types.js';
import type { SolverForm, Target } from './types.js';

/**
 * Quadratic forms ½ eᵀ P e of residuals e = u + B θ that are affine in θ: a mean, coefficients of a regression.
 * Stationary where Σ Bᵀ P (u + B θ) = 0, the normal equations A θ = b with A = Σ Bᵀ P B and b = −Σ Bᵀ P u. A factor that
 * all terms share cancels before anything is computed: with one Σ per component, A = n and θ = s / n.
 * A maximum: the second derivative is −A, negative definite.
 */
export const linear: SolverForm = {
  name: 'quadratic form of an affine residual',
  source: 'Mardia, Kent, Bibby: Multivariate Analysis (1979), 6.2; Bishop (2006), 3.15 and 9.17',
  attempt: (terms, target, context) => {
    const pieces: Piece[] = [];
    for (const t of terms) {
      const piece = readTerm(t, target);
      if (typeof piece === 'string') return refused(piece);
      pieces.push(piece);
    }
    return solveNormalEquations(pieces, target, context);
  },
};

/** How θ stands in a residual: B θ with B of one of these shapes. */
type Design =
  /** c θ: B = c I */
  | { readonly kind: 'identity'; readonly scale: Expr }
  /** c φᵀθ, a number: B = c φᵀ */
  | { readonly kind: 'row'; readonly scale: Expr; readonly row: Expr }
  /** θ φ, θ a number and φ a vector or a number */
  | { readonly kind: 'column'; readonly column: Expr }
  /** M θ */
  | { readonly kind: 'matrix'; readonly scale: Expr; readonly matrix: Expr }
  /** θ φ, θ a matrix and φ a vector */
  | { readonly kind: 'coefficients'; readonly scale: Expr; readonly regressors: Expr };

interface Piece {
  readonly coefficient: number;
  readonly sums: readonly Range[];
  /** scalar factors beside the quadratic form */
  readonly others: readonly Expr[];
  readonly precision: Expr;
  readonly design: Design;
  /** the part of the residual without θ */
  readonly rest: readonly Expr[];
}

function readTerm(t: Term, target: Target): Piece | string {
  const own = ownFactors(t, target.name);
  const factor = own[0];
  if (own.length > 1) return `${own.map(printText).join(' and ')} stand in one product`;
  if (factor.kind !== 'quadratic')
    return `${target.name} stands in ${printText(factor)}, which is no quadratic form`;
  if (containsSymbol(factor.matrix, target.name))
    return `${target.name} stands in the precision of ${printText(factor)}`;
  const summands = factor.vector.kind === 'add' ? factor.vector.terms : [factor.vector];
  const mine = summands.filter((s) => containsSymbol(s, target.name));
  const design = mine.length === 1 ? readDesign(mine[0], target) : undefined;
  if (design === undefined)
    return `the residual ${printText(factor.vector)} is not affine in ${target.name} in a form that is solved`;
  return {
    coefficient: t.coefficient,
    sums: t.sums,
    others: t.factors.filter((f) => f !== factor),
    precision: factor.matrix,
    design,
    rest: summands.filter((s) => !mine.includes(s)),
  };
}

function readDesign(summand: Expr, target: Target): Design | undefined {
  const { name } = target;
  const factors = summand.kind === 'multiply' ? summand.factors : [summand];
  const holder = factors.filter((f) => containsSymbol(f, name));
  if (holder.length !== 1) return undefined;
  const core = holder[0];
  const scale = multiply(...factors.filter((f) => f !== core));
  const isTheta = (e: Expr): boolean => e.kind === 'symbol' && e.name === name;
  if (isTheta(core)) {
    if (target.shape.length === 0) return { kind: 'column', column: scale };
    return shapeOf(scale).length === 0 ? { kind: 'identity', scale } : undefined;
  }
  if (shapeOf(scale).length > 0) return undefined;
  if (core.kind === 'dot') {
    if (isTheta(core.left) && !containsSymbol(core.right, name))
      return { kind: 'row', scale, row: core.right };
    if (isTheta(core.right) && !containsSymbol(core.left, name))
      return { kind: 'row', scale, row: core.left };
  }
  if (core.kind === 'product') {
    const first = core.factors[0];
    const last = core.factors[core.factors.length - 1];
    if (isTheta(last)) return { kind: 'matrix', scale, matrix: product(...core.factors.slice(0, -1)) };
    if (isTheta(first)) return { kind: 'coefficients', scale, regressors: product(...core.factors.slice(1)) };
  }
  return undefined;
}

/** Indices that are summed in a piece: a factor without any of them is the same in every row and component summed. */
const variesInSum = (e: Expr, sums: readonly Range[]): boolean => sums.some((s) => dependsOn(e, s.index));

function solveNormalEquations(pieces: readonly Piece[], target: Target, context: CollectContext) {
  // what all pieces share and no sum touches cancels: numbers, precisions, scalar factors such as s2[k]⁻¹
  const first = pieces[0];
  const sharedScalars = first.others.filter(
    (f) =>
      !pieces.some((p) => variesInSum(f, p.sums)) &&
      pieces.every((p) => p.others.some((g) => printKey(g) === printKey(f))),
  );
  const designs = new Set(pieces.map((p) => p.design.kind));
  const precisionCancels =
    pieces.every(
      (p) => printKey(p.precision) === printKey(first.precision) && !variesInSum(p.precision, p.sums),
    ) && [...designs].every((d) => d === 'identity' || d === 'coefficients');
  const isScalarResidual = (p: Piece): boolean => isNumber(p.precision, 1);
  if (designs.has('coefficients') && (!precisionCancels || designs.size > 1))
    return refused(
      `${target.name} is a matrix of coefficients and the precision differs between the terms that are summed`,
    );
  const quadraticParts: Factored[] = [];
  const linearParts: Factored[] = [];
  for (const p of pieces) {
    const others = p.others.filter((f) => !sharedScalars.some((s) => printKey(s) === printKey(f)));
    const precision = precisionCancels || isScalarResidual(p) ? undefined : p.precision;
    const { square, cross } = designProducts(p.design, precision, target);
    const put = (list: Factored[], sign: number, body: Expr): void => {
      if (isNumber(body, 0)) return;
      list.push({ coefficient: sign * -2 * p.coefficient, rest: gather(p.sums, others, body, context) });
    };
    put(quadraticParts, 1, square);
    for (const u of p.rest) put(linearParts, -1, cross(u));
  }
  const A = factorOut(quadraticParts);
  const b = factorOut(linearParts);
  const left = multiply(number(1), A.rest);
  const right =
    linearParts.length === 0 ? zeroLike(target) : multiply(number(b.coefficient / A.coefficient), b.rest);
  const isDivision = shapeOf(left).length === 0;
  const isCoefficients = designs.has('coefficients');
  const value = isDivision
    ? quotient(right, left)
    : isCoefficients
      ? transpose(solve(left, transposeSum(right)))
      : solve(left, right);
  const moved = isDivision
    ? multiply(left, target.symbol)
    : isCoefficients
      ? product(target.symbol, left)
      : product(left, target.symbol);
  const equation = subtract(right, moved);
  const factor = multiply(number(A.coefficient), ...sharedScalars);
  const withPrecision =
    precisionCancels && !isNumber(first.precision, 1) && first.precision.kind !== 'identity';
  return solved({
    value,
    gradient: multiply(factor, withPrecision ? product(first.precision, equation) : equation),
    divisor: left,
    secondOrder: isDivision
      ? ['a maximum: the second derivative is negative where ', left, ' > 0']
      : ['a maximum: the matrix ', left, ' is positive definite'],
    unimodal: false,
  });
}

const zeroLike = (target: Target): Expr =>
  target.shape.length === 0 ? ZERO : { kind: 'fill', value: ZERO, dim: target.shape[0] };

/** (Σ c uφᵀ)ᵀ written as Σ c φuᵀ, so that it is read off the same moments. */
function transposeSum(e: Expr): Expr {
  if (e.kind === 'add') {
    return add(...e.terms.map(transposeSum));
  }
  if (e.kind === 'sum') {
    return { ...e, body: transposeSum(e.body) };
  }
  if (e.kind === 'multiply') {
    return multiply(
      ...e.factors.map((f) =>
        shapeOf(f).length === 2 ? transposeSum(f) : f.kind === 'sum' ? transposeSum(f) : f,
      ),
    );
  }
  if (e.kind === 'outer') {
    return outer(e.right, e.left);
  }
  return shapeOf(e).length === 2 ? transposed(e) : e;
}

/** The square of a number, its sign and numerical factor taken out first. */
function squared(e: Expr): Expr {
  const factors = e.kind === 'multiply' ? e.factors : [e];
  return multiply(...factors.map((f) => power(f, 2)));
}

/** BᵀPB, and BᵀPu as a function of u; P is left out where it cancels or is 1. */
function designProducts(
  design: Design,
  precision: Expr | undefined,
  target: Target,
): { readonly square: Expr; readonly cross: (u: Expr) => Expr } {
  switch (design.kind) {
    case 'identity': {
      const squared = power(design.scale, 2);
      const dim = target.shape[0];
      if (precision === undefined) return { square: squared, cross: (u) => multiply(design.scale, u) };
      const p = precision.kind === 'identity' ? identity(dim) : precision;
      return { square: multiply(squared, p), cross: (u) => multiply(design.scale, product(p, u)) };
    }
    case 'row':
      return {
        square: multiply(power(design.scale, 2), outer(design.row, design.row)),
        cross: (u) => multiply(design.scale, u, design.row),
      };
    case 'column': {
      const { scale, core } = pullScale(design.column);
      if (shapeOf(design.column).length === 0)
        return { square: squared(design.column), cross: (u) => multiply(design.column, u) };
      const p = precision ?? identity(shapeOf(core)[0]);
      return {
        square: multiply(power(scale, 2), { kind: 'quadratic', vector: core, matrix: p }),
        cross: (u) => multiply(scale, p.kind === 'identity' ? dot(core, u) : dot(core, product(p, u))),
      };
    }
    case 'matrix': {
      const m = design.matrix;
      const p = precision ?? identity(shapeOf(m)[0]);
      return {
        square: multiply(power(design.scale, 2), product(transposed(m), p, m)),
        cross: (u) => multiply(design.scale, product(transposed(m), p, u)),
      };
    }
    case 'coefficients':
      return {
        square: multiply(power(design.scale, 2), outer(design.regressors, design.regressors)),
        cross: (u) => multiply(design.scale, outer(u, design.regressors)),
      };
  }
}
