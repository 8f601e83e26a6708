/**
 * The logits as polynomials of degree two in standardised columns, for engines that compute features × coefficients.
 * A quadratic term c (U x + u)ᵀ M (U x + u) with x = shift + scale · v becomes vᵀ H v + hᵀ v + h0 by multiplying out
 * around the shift, where U shift + u is small.
 */
import { isNumber } from '../algebra/build.js';
import { cholesky, inverseCholesky } from '../linear-algebra/cholesky.js';
import { evaluateFloat64 } from './evaluate-float64.js';
import { affineMatrix } from './matrices.js';
import { frameOf } from './frame.js';
import { setComponent } from './program.js';
import type { LogitTerm, NaturalParameters, Parameters, Program, Standardisation } from './types.js';

/**
 * `pairs` lists the products u_a u_b (a <= b) whose coefficients are wanted. With `origins` [K, C] each component's polynomial
 * is around a place of its own instead of the shift, in u = (c − origin) / scale. Throws when a scale is not positive
 * definite.
 */
export function naturalParameters(
  program: Program,
  parameters: Parameters,
  standardisation: Standardisation,
  pairs: readonly (readonly [number, number])[],
  origins?: Float64Array,
): NaturalParameters {
  const k = program.components;
  const c = program.columns.length;
  const constant = new Float64Array(k);
  const linear = new Float64Array(k * c);
  const quadratic = new Float64Array(k * pairs.length);
  const frame = frameOf(program, parameters);
  const square = new Float64Array(c * c);
  for (let j = 0; j < k; j++) {
    setComponent(program, frame.indices, j);
    square.fill(0);
    const shift = origins?.subarray(j * c, j * c + c) ?? standardisation.shift;
    const around: Standardisation = { shift, scale: standardisation.scale };
    for (const term of program.plan.logits) {
      if (term.kind === 'support' || term.kind === 'general')
        throw new Error('a term that is no polynomial of the columns');
      if (term.kind === 'constant') constant[j] = constant[j] + evaluateFloat64(term.value, frame).data[0];
      else if (term.kind === 'linear')
        evaluateFloat64(term.coefficient, frame).data.forEach((coefficient, at) => {
          const column = program.groupStart[term.group] + at;
          constant[j] = constant[j] + coefficient * around.shift[column];
          linear[j * c + column] = linear[j * c + column] + coefficient * around.scale[column];
        });
      else
        constant[j] =
          constant[j] + addQuadratic(term, program, frame, around, linear.subarray(j * c, j * c + c), square);
    }
    pairs.forEach(([a, b], p) => {
      quadratic[j * pairs.length + p] = a === b ? square[a * c + a] : square[a * c + b] + square[b * c + a];
    });
  }
  if (frame.failed) throw new Error('a scale is not positive definite');
  return { constant, linear, quadratic };
}

/** Adds one quadratic term's linear and square coefficients; returns its constant. */
function addQuadratic(
  term: Extract<LogitTerm, { kind: 'quadratic' }>,
  program: Program,
  frame: ReturnType<typeof frameOf>,
  standardisation: Standardisation,
  linear: Float64Array,
  square: Float64Array,
): number {
  const coefficient = evaluateFloat64(term.coefficient, frame).data[0];
  const u = affineMatrix(term.residual, program, frame);
  const n = u.rows;
  const width = u.columns.length;
  const c = linear.length;
  const m = denseMatrix(term, n, frame);
  // U' = U diag(scale), of which the entries that are not 0, and u' = U shift + u
  const offset = Float64Array.from(u.offset);
  const scaled = Array.from({ length: n }, (_, i) =>
    u.columns.flatMap((column, j) => {
      const entry = u.matrix[i * width + j];
      if (entry === 0) return [];
      offset[i] = offset[i] + entry * standardisation.shift[column];
      return [{ column, value: entry * standardisation.scale[column] }];
    }),
  );
  let constant = 0;
  for (let i = 0; i < n; i++)
    for (let t = 0; t < n; t++) {
      const p = coefficient * m[i * n + t];
      if (p === 0) continue;
      constant += p * offset[i] * offset[t];
      for (const left of scaled[i]) {
        linear[left.column] = linear[left.column] + 2 * p * left.value * offset[t];
        for (const right of scaled[t]) {
          const at = left.column * c + right.column;
          square[at] = square[at] + p * left.value * right.value;
        }
      }
    }
  return constant;
}

function denseMatrix(
  term: Extract<LogitTerm, { kind: 'quadratic' }>,
  n: number,
  frame: ReturnType<typeof frameOf>,
): Float64Array {
  const { matrix } = term;
  if (isNumber(matrix))
    return new Float64Array(n * n).fill(0).map((_, at) => (at % (n + 1) === 0 ? matrix.value : 0));
  if (matrix.kind !== 'inverse') return evaluateFloat64(matrix, frame).data;
  const l = cholesky(evaluateFloat64(matrix.of, frame).data, n);
  if (l === undefined) {
    frame.fail(matrix);
    return new Float64Array(n * n);
  }
  return inverseCholesky(l, n);
}
