/**
 * The logits as polynomials of degree two in standardised columns, for engines that compute features × coefficients.
 * A quadratic term c (U x + u)ᵀ M (U x + u) with x = place + scale · v becomes vᵀ H v + hᵀ v + h0 by multiplying out
 * around the place, where U place + u is small. H is the same at every place.
 */
import { isNumber } from '../algebra/build.js';
import { dependsOn } from '../algebra/traverse.js';
import type { Expr } from '../algebra/types.js';
import { cholesky, inverseCholesky } from '../linear-algebra/cholesky.js';
import { evaluateFloat64 } from './evaluate-float64.js';
import { filled, linearRows } from './matrices.js';
import type { LinearRows } from './matrices.js';
import { frameOf } from './frame.js';
import { setComponent } from './program.js';
import type { LogitTerm, NaturalParameters, Parameters, Program, Standardisation } from './types.js';

/** The logits at some parameters, around a place [C] for all components or places [K, C], in the user's units. */
export type PolynomialsAround = (places: Float64Array) => NaturalParameters;

/**
 * `pairs` lists the products u_a u_b (a <= b) whose coefficients are wanted. Throws when a scale is not positive definite.
 */
export const naturalParameters = (
  program: Program,
  parameters: Parameters,
  { shift, scale }: Standardisation,
  pairs: readonly (readonly [number, number])[],
): NaturalParameters => logitPolynomials(program, pairs)(parameters, scale)(shift);

/** The same for many parameters and places: what depends on the place only is all that a further place costs. */
export function logitPolynomials(
  program: Program,
  pairs: readonly (readonly [number, number])[],
): (parameters: Parameters, scale: Float64Array) => PolynomialsAround {
  const k = program.components;
  const c = program.columns.length;
  const terms = program.plan.logits.map((term) => readerOf(term, program));
  return (parameters, scale) => {
    const frame = frameOf(program, parameters);
    const logits: Logit[] = [];
    const quadratic = new Float64Array(k * pairs.length);
    const square = new Float64Array(c * c);
    const readers = terms.map((reader) => reader(frame));
    for (let j = 0; j < k; j++) {
      setComponent(program, frame.indices, j);
      const logit: Logit = { constant: 0, slopes: new Float64Array(c), squares: [] };
      for (const read of readers) read(logit);
      logits.push(logit);
      square.fill(0);
      for (const one of logit.squares) addSquares(one, scale, square);
      for (let p = 0; p < pairs.length; p++) {
        const [a, b] = pairs[p];
        quadratic[j * pairs.length + p] = a === b ? square[a * c + a] : square[a * c + b] + square[b * c + a];
      }
    }
    if (frame.failed) throw new Error('a scale is not positive definite');
    return (places) => {
      const constant = new Float64Array(k);
      const linear = new Float64Array(k * c);
      for (let j = 0; j < k; j++)
        constant[j] = writeAround(logits[j], places, places.length === c ? 0 : j * c, scale, linear, j * c);
      return { constant, linear, quadratic };
    };
  };
}

/** One component's logit: constant + slopesᵀ x + Σ squares. */
interface Logit {
  constant: number;
  /** [C] */
  readonly slopes: Float64Array;
  readonly squares: Square[];
}

/** eᵀ M e of e = U x + u. */
interface Square {
  /** M [rows, rows], the coefficient in it */
  readonly matrix: Float64Array;
  readonly linear: LinearRows;
  /** u [rows] */
  readonly offset: Float64Array;
}

type FrameOf = ReturnType<typeof frameOf>;

// ------------------------------------------------------------------------------------------------ terms at parameters

/** Adds what a term is for the frame's component; what is the same for all components is read once. */
function readerOf(term: LogitTerm, program: Program): (frame: FrameOf) => (into: Logit) => void {
  const isCommon = (...parts: readonly Expr[]): boolean =>
    !parts.some((e) => program.plan.axes.some((axis) => dependsOn(e, axis.value.index)));
  /** read anew for every component, unless it is common */
  const reading = <T>(common: boolean, read: () => T): (() => T) => {
    let known: { readonly value: T } | undefined;
    return () => (common ? (known ??= { value: read() }).value : read());
  };
  switch (term.kind) {
    case 'constant': {
      const common = isCommon(term.value);
      return (frame) => {
        const value = reading(common, () => evaluateFloat64(term.value, frame).data[0]);
        return (into) => {
          into.constant += value();
        };
      };
    }
    case 'linear': {
      const start = program.groupStart[term.group];
      return (frame) => (into) => {
        const slopes = evaluateFloat64(term.coefficient, frame).data;
        for (let at = 0; at < slopes.length; at++)
          into.slopes[start + at] = into.slopes[start + at] + slopes[at];
      };
    }
    case 'quadratic': {
      const { residual } = term;
      const hasCommonMatrix = isCommon(term.coefficient, term.matrix);
      const hasCommonRows = isCommon(...residual.parts.map((p) => p.coefficient));
      return (frame) => {
        // its length is that of the residual, the same for all components
        let length = 0;
        const linear = reading(hasCommonRows, () => linearRows(residual, program, frame, length));
        const matrix = reading(hasCommonMatrix, () => weighted(term, linear().rows, frame));
        return (into) => {
          const offset = evaluateFloat64(residual.offset, frame).data;
          length = offset.length;
          const { rows } = linear();
          into.squares.push({ matrix: matrix(), linear: linear(), offset: filled(offset, rows) });
        };
      };
    }
    case 'support':
    case 'general':
      throw new Error('a term that is no polynomial of the columns');
  }
}

/** coefficient × M, [n, n]. */
function weighted(
  { coefficient, matrix }: Extract<LogitTerm, { kind: 'quadratic' }>,
  n: number,
  frame: FrameOf,
): Float64Array {
  const factor = evaluateFloat64(coefficient, frame).data[0];
  const dense = new Float64Array(n * n);
  if (isNumber(matrix)) {
    for (let i = 0; i < n; i++) dense[i * n + i] = factor * matrix.value;
    return dense;
  }
  const data = denseMatrix(matrix, n, frame);
  for (let at = 0; at < dense.length; at++) dense[at] = factor * data[at];
  return dense;
}

function denseMatrix(matrix: Expr, n: number, frame: FrameOf): Float64Array {
  if (matrix.kind !== 'inverse') return evaluateFloat64(matrix, frame).data;
  const l = cholesky(evaluateFloat64(matrix.of, frame).data, n);
  if (l !== undefined) return inverseCholesky(l, n);
  frame.fail(matrix);
  return new Float64Array(n * n);
}

// ------------------------------------------------------------------------------------------------ multiplied out

/** Adds (U diag(scale))ᵀ M (U diag(scale)) to a matrix [C, C]. */
function addSquares({ matrix, linear }: Square, scale: Float64Array, into: Float64Array): void {
  const { rows, first, column, value } = linear;
  const c = scale.length;
  for (let i = 0; i < rows; i++)
    for (let t = 0; t < rows; t++) {
      const m = matrix[i * rows + t];
      if (m === 0) continue;
      for (let left = first[i]; left < first[i + 1]; left++) {
        const a = column[left];
        const p = m * value[left] * scale[a];
        for (let right = first[t]; right < first[t + 1]; right++) {
          const b = column[right];
          into[a * c + b] = into[a * c + b] + p * (value[right] * scale[b]);
        }
      }
    }
}

/** Writes a logit's slopes around a place to `into` from `at` on; gives its constant there. */
function writeAround(
  { constant, slopes, squares }: Logit,
  places: Float64Array,
  from: number,
  scale: Float64Array,
  into: Float64Array,
  at: number,
): number {
  const c = scale.length;
  let total = constant;
  for (let a = 0; a < c; a++) {
    total += slopes[a] * places[from + a];
    into[at + a] = slopes[a] * scale[a];
  }
  for (const { matrix, linear, offset } of squares) {
    const { rows, first, column, value } = linear;
    const here = new Float64Array(rows);
    for (let i = 0; i < rows; i++) {
      let e = offset[i];
      for (let n = first[i]; n < first[i + 1]; n++) e += value[n] * places[from + column[n]];
      here[i] = e;
    }
    for (let i = 0; i < rows; i++) {
      let pull = 0;
      for (let t = 0; t < rows; t++) pull += matrix[i * rows + t] * here[t];
      total += here[i] * pull;
      for (let n = first[i]; n < first[i + 1]; n++) {
        const a = column[n];
        into[at + a] = into[at + a] + 2 * pull * (value[n] * scale[a]);
      }
    }
  }
  return total;
}
