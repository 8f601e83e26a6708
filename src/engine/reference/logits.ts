/** log p(row, z = k) evaluated as it stands on paper: residual by residual, whitened by a Cholesky factor. */
import { isNumber } from '../../algebra/build.js';
import { cholesky, inverseLower } from '../../linear-algebra/cholesky.js';
import { evaluateFloat64 } from '../../plan/evaluate-float64.js';
import { affineMatrix } from '../../plan/matrices.js';
import { frameOf } from '../../plan/parameter-stage.js';
import type { LogitTerm, Parameters, Program } from '../../plan/types.js';

/** The logit of one component at one row: `row` indexes the columns' arrays. */
export type Logit = (row: number) => number;

/** One function per component. Throws when a scale is not positive definite: fits check that before they ask. */
export function logitFunctions(
  program: Program,
  parameters: Parameters,
  columns: readonly Float64Array[],
): readonly Logit[] {
  const frame = frameOf(program, parameters);
  const index = program.plan.component?.index;
  return Array.from({ length: program.components }, (_, k) => {
    if (index !== undefined) frame.indices[index] = k;
    let constant = 0;
    const parts: Logit[] = [];
    for (const term of program.plan.logits) {
      if (term.kind === 'constant') constant += evaluateFloat64(term.value, frame).data[0];
      else
        parts.push(
          term.kind === 'linear'
            ? linearPart(term, program, frame, columns)
            : quadraticPart(term, program, frame, columns),
        );
    }
    if (frame.failed) throw new Error('a scale is not positive definite');
    if (parts.length === 1) {
      const only = parts[0];
      return (row) => constant + only(row);
    }
    return (row) => parts.reduce((s, part) => s + part(row), constant);
  });
}

type FrameOf = ReturnType<typeof frameOf>;

function linearPart(
  term: Extract<LogitTerm, { kind: 'linear' }>,
  program: Program,
  frame: FrameOf,
  columns: readonly Float64Array[],
): Logit {
  const coefficient = evaluateFloat64(term.coefficient, frame).data[0];
  const column = columns[program.groupStart[term.group]];
  return (row) => coefficient * column[row];
}

function quadraticPart(
  term: Extract<LogitTerm, { kind: 'quadratic' }>,
  program: Program,
  frame: FrameOf,
  columns: readonly Float64Array[],
): Logit {
  const coefficient = evaluateFloat64(term.coefficient, frame).data[0];
  const residual = affineMatrix(term.residual, program, frame);
  const n = residual.rows;
  const e = new Float64Array(n);
  const sources = residual.columns.map((c) => columns[c]);
  const width = sources.length;
  const isIdentityMap =
    width === n && residual.matrix.every((x, at) => x === (at % (width + 1) === 0 ? 1 : 0));
  const fillResidual = (row: number): void => {
    for (let i = 0; i < n; i++) {
      let s = residual.offset[i];
      if (isIdentityMap) s += sources[i][row];
      else
        for (let j = 0; j < width; j++) {
          const u = residual.matrix[i * width + j];
          if (u !== 0) s += u * sources[j][row];
        }
      e[i] = s;
    }
  };
  const { matrix } = term;
  if (isNumber(matrix) || matrix.kind === 'identity') {
    const weight = isNumber(matrix) ? coefficient * matrix.value : coefficient;
    return (row) => {
      fillResidual(row);
      let s = 0;
      for (let i = 0; i < n; i++) s += e[i] * e[i];
      return weight * s;
    };
  }
  if (matrix.kind === 'diag') {
    const weights = evaluateFloat64(matrix.of, frame).data;
    return (row) => {
      fillResidual(row);
      let s = 0;
      for (let i = 0; i < n; i++) s += weights[i] * e[i] * e[i];
      return coefficient * s;
    };
  }
  // eᵀ Σ⁻¹ e = |L⁻¹ e|² with Σ = L Lᵀ; any other matrix P = R Rᵀ gives |Rᵀ e|²
  const isInverse = matrix.kind === 'inverse';
  const l = cholesky(evaluateFloat64(isInverse ? matrix.of : matrix, frame).data, n);
  if (l === undefined) {
    frame.failed = true;
    return () => NaN;
  }
  const w = isInverse ? inverseLower(l, n) : transposeLower(l, n);
  return (row) => {
    fillResidual(row);
    let s = 0;
    for (let i = 0; i < n; i++) {
      let t = 0;
      for (let j = isInverse ? 0 : i; j < (isInverse ? i + 1 : n); j++) t += w[i * n + j] * e[j];
      s += t * t;
    }
    return coefficient * s;
  };
}

function transposeLower(l: Float64Array, n: number): Float64Array {
  const r = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) r[j * n + i] = l[i * n + j]!;
  return r;
}
