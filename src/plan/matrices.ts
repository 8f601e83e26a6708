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

/** Evaluates a form at the frame's parameters. */
export function affineMatrix(form: AffineForm, program: Program, frame: Frame): AffineMatrix {
  const offset = evaluateFloat64(form.offset, frame).data;
  const linear = linearMatrix(form, program, frame, offset.length);
  return { ...linear, offset: filled(offset, linear.rows) };
}

/** An offset [rows] of which one number may stand for all. */
export const filled = (offset: Float64Array, rows: number): Float64Array =>
  offset.length === rows ? offset : new Float64Array(rows).fill(offset[0] ?? 0);

/** U; `offset` is the offset's length. */
export function linearMatrix(
  form: AffineForm,
  program: Program,
  frame: Frame,
  offset: number,
): Omit<AffineMatrix, 'offset'> {
  const columns = form.parts.flatMap((p) =>
    Array.from({ length: program.groupLength[p.group] }, (_, at) => program.groupStart[p.group] + at),
  );
  const values = form.parts.map((p) => evaluateFloat64(p.coefficient, frame));
  const rows = rowsOf(form, program, values, offset);
  const width = columns.length;
  const matrix = new Float64Array(rows * width);
  let start = 0;
  for (const [n, part] of form.parts.entries()) {
    const length = program.groupLength[part.group];
    const value = values[n].data;
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < length; j++) {
        const entry =
          part.kind === 'scaled'
            ? i === j
              ? value[0]
              : 0
            : part.kind === 'row'
              ? value[j]
              : part.kind === 'column'
                ? value[i]
                : value[i * length + j];
        matrix[i * width + start + j] = entry;
      }
    start += length;
  }
  return { rows, columns, matrix };
}

function rowsOf(
  form: AffineForm,
  program: Program,
  values: readonly { readonly data: Float64Array }[],
  offset: number,
): number {
  if (form.shape.length === 0) return 1;
  for (const [n, part] of form.parts.entries()) {
    const length = program.groupLength[part.group];
    if (part.kind === 'scaled') return length;
    if (part.kind === 'column') return values[n].data.length;
    if (part.kind === 'matrix') return values[n].data.length / length;
  }
  return offset;
}
