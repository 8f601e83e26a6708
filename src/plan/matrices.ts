/** Affine forms as matrices: U over the columns (only those it touches) and an offset u, so that e = U c + u. */
import type { Program } from './types.js';
import type { AffineForm } from './types.js';
import { evaluateFloat64 } from './evaluate-float64.js';
import type { Frame } from './evaluate-float64.js';

export interface AffineMatrix {
  /** length of the form, 1 for a number */
  readonly rows: number;
  /** the columns of the program it reads, in order */
  readonly columns: readonly number[];
  /** [rows, columns.length] */
  readonly matrix: Float64Array;
  /** [rows] */
  readonly offset: Float64Array;
}

/** The same by the entries of U that are not 0: those of row i are `first[i]` up to `first[i + 1]`. */
export interface AffineRows extends LinearRows {
  /** [rows] */
  readonly offset: Float64Array;
}

export interface LinearRows {
  readonly rows: number;
  readonly first: Int32Array;
  /** the program's column of each entry, and its value */
  readonly column: Int32Array;
  readonly value: Float64Array;
}

/** Evaluates a form at the frame's parameters. */
export function affineRows(form: AffineForm, program: Program, frame: Frame): AffineRows {
  const offset = evaluateFloat64(form.offset, frame).data;
  const linear = linearRows(form, program, frame, offset.length);
  return { ...linear, offset: filled(offset, linear.rows) };
}

/** An offset [rows] of which one number may stand for all. */
export const filled = (offset: Float64Array, rows: number): Float64Array =>
  offset.length === rows ? offset : new Float64Array(rows).fill(offset[0] ?? 0);

/** U; `offset` is the offset's length. */
export function linearRows(
  { parts, shape }: AffineForm,
  program: Program,
  frame: Frame,
  offset: number,
): LinearRows {
  const values = parts.map((p) => evaluateFloat64(p.coefficient, frame).data);
  const lengths = parts.map((p) => program.groupLength[p.group]);
  const rows = rowsOf(shape, parts, lengths, values, offset);
  const first = new Int32Array(rows + 1);
  const column: number[] = [];
  const value: number[] = [];
  const put = (at: number, x: number): void => {
    if (x === 0) return;
    column.push(at);
    value.push(x);
  };
  for (let i = 0; i < rows; i++) {
    for (let n = 0; n < parts.length; n++) {
      const start = program.groupStart[parts[n].group];
      const own = values[n];
      switch (parts[n].kind) {
        case 'scaled':
          put(start + i, own[0]);
          break;
        case 'column':
          put(start, own[i]);
          break;
        case 'row':
          for (let j = 0; j < lengths[n]; j++) put(start + j, own[j]);
          break;
        case 'matrix':
          for (let j = 0; j < lengths[n]; j++) put(start + j, own[i * lengths[n] + j]);
          break;
      }
    }
    first[i + 1] = column.length;
  }
  return { rows, first, column: Int32Array.from(column), value: Float64Array.from(value) };
}

/** With all entries of the columns that the form reads. */
export function affineMatrix(form: AffineForm, program: Program, frame: Frame): AffineMatrix {
  const { rows, first, column, value, offset } = affineRows(form, program, frame);
  const columns = form.parts.flatMap((p) =>
    Array.from({ length: program.groupLength[p.group] }, (_, at) => program.groupStart[p.group] + at),
  );
  const width = columns.length;
  const matrix = new Float64Array(rows * width);
  // a column that two parts read stands twice, and has all in one of its places
  const places = new Map(columns.map((c, at) => [c, at]));
  for (let i = 0; i < rows; i++)
    for (let n = first[i]; n < first[i + 1]; n++) {
      const at = i * width + places.get(column[n])!;
      matrix[at] = matrix[at] + value[n];
    }
  return { rows, columns, matrix, offset };
}

function rowsOf(
  shape: AffineForm['shape'],
  parts: AffineForm['parts'],
  lengths: readonly number[],
  values: readonly Float64Array[],
  offset: number,
): number {
  if (shape.length === 0) return 1;
  for (const [n, part] of parts.entries()) {
    if (part.kind === 'scaled') return lengths[n];
    if (part.kind === 'column') return values[n].length;
    if (part.kind === 'matrix') return values[n].length / lengths[n];
  }
  return offset;
}
