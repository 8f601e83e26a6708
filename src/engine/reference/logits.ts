/** log p(row, z = k) evaluated as it stands on paper: residual by residual, whitened by a Cholesky factor. */
import { isNumber } from '../../algebra/build.js';
import { cholesky, inverseLower } from '../../linear-algebra/cholesky.js';
import { evaluateFloat64 } from '../../plan/evaluate-float64.js';
import { affineMatrix } from '../../plan/matrices.js';
import { frameOf } from '../../plan/frame.js';
import { setComponent, setStratum } from '../../plan/program.js';
import { rowFunction } from '../../plan/row-function.js';
import type { LogitTerm, Parameters, Program } from '../../plan/types.js';
import type { RowData } from '../types.js';

/** The logit of one component at one row: `row` indexes the columns' arrays. */
export type Logit = (row: number) => number;

/** What logits read of the rows. */
export type LogitData = Pick<RowData, 'columns' | 'strata' | 'supports'>;

/** One function per component. Throws when a scale is not positive definite: fits check that before they ask. */
export function logitFunctions(program: Program, parameters: Parameters, data: LogitData): readonly Logit[] {
  const frame = frameOf(program, parameters);
  return Array.from({ length: program.components }, (_, k) => {
    setComponent(program, frame.indices, k);
    const made = program.plan.logits
      .filter((t) => t.per === 'row')
      .map((t) => stratified(t, program, frame, data));
    if (frame.failed) throw new Error('a scale is not positive definite');
    // supports first: outside of them nothing else is a number
    const supports = made.flatMap((m) => (m.kind === 'support' ? [m.logit] : []));
    const parts = made.flatMap((m) => (m.kind === 'part' ? [m.logit] : []));
    const constant = made.reduce((s, m) => (m.kind === 'constant' ? s + m.value : s), 0);
    const [only] = parts;
    const inside: Logit =
      parts.length === 1
        ? (row) => constant + only(row)
        : (row) => parts.reduce((s, part) => s + part(row), constant);
    if (supports.length === 0) return inside;
    return (row) => (supports.some((f) => f(row) !== 0) ? -Infinity : inside(row));
  });
}

type Made =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'part' | 'support'; readonly logit: Logit };

/** A term for every combination of what the rows are told apart by. */
function stratified(t: LogitTerm, program: Program, frame: FrameOf, data: LogitData): Made {
  if (t.stratum === 0) return termOf(t, program, frame, data);
  const codes = data.strata![t.stratum - 1];
  const made = Array.from({ length: program.strataSizes[t.stratum] }, (_, combination) => {
    setStratum(program, frame.indices, t.stratum, combination);
    return termOf(t, program, frame, data);
  });
  const kind = made.some((m) => m.kind === 'support') ? 'support' : 'part';
  if (made.every((m) => m.kind === 'constant')) {
    const table = Float64Array.from(made, (m) => m.value);
    return { kind, logit: (row) => table[codes[row]] };
  }
  const list = made.map((m): Logit => (m.kind === 'constant' ? () => m.value : m.logit));
  return { kind, logit: (row) => list[codes[row]](row) };
}

function termOf(t: LogitTerm, program: Program, frame: FrameOf, data: LogitData): Made {
  const nothing: Made = { kind: 'constant', value: 0 };
  switch (t.kind) {
    case 'constant':
      return { kind: 'constant', value: evaluateFloat64(t.value, frame).data[0] };
    case 'linear': {
      const logit = linearPart(t, program, frame, data.columns);
      return logit === undefined ? nothing : { kind: 'part', logit };
    }
    case 'quadratic': {
      const logit = quadraticPart(t, program, frame, data.columns);
      return logit === undefined ? nothing : { kind: 'part', logit };
    }
    case 'support': {
      if (evaluateFloat64(t.when, frame).data[0] === 0) return nothing;
      const holds = data.supports![t.support];
      return { kind: 'support', logit: (row) => (holds[row] === 1 ? 0 : -Infinity) };
    }
    case 'general':
      return { kind: 'part', logit: rowFunction(t.value, { program, frame, columns: data.columns }) };
  }
}

type FrameOf = ReturnType<typeof frameOf>;

function linearPart(
  term: Extract<LogitTerm, { kind: 'linear' }>,
  program: Program,
  frame: FrameOf,
  columns: readonly Float64Array[],
): Logit | undefined {
  const coefficients = evaluateFloat64(term.coefficient, frame).data;
  const start = program.groupStart[term.group];
  // a branch that does not hold reads nothing: its columns need not be numbers
  if (coefficients.every((c) => c === 0)) return undefined;
  if (coefficients.length === 1) {
    const [coefficient, column] = [coefficients[0], columns[start]];
    // 0 log 0 = 0: what never occurs where its probability is zero
    if (!Number.isFinite(coefficient)) return (row) => (column[row] === 0 ? 0 : coefficient * column[row]);
    return (row) => coefficient * column[row];
  }
  return (row) =>
    coefficients.reduce(
      (s, c, at) => (columns[start + at][row] === 0 ? s : s + c * columns[start + at][row]),
      0,
    );
}

function quadraticPart(
  term: Extract<LogitTerm, { kind: 'quadratic' }>,
  program: Program,
  frame: FrameOf,
  columns: readonly Float64Array[],
): Logit | undefined {
  const coefficient = evaluateFloat64(term.coefficient, frame).data[0];
  if (coefficient === 0) return undefined;
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
