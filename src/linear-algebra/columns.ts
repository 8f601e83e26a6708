/**
 * Columns in one buffer, side by side: a matrix [C, N] that a library takes as it is, without a copy.
 */

/**
 * Zeros, where they may be at a boundary of 64 bytes, without which TensorFlow copies. JavaScript does not say where memory
 * is, but glibc begins what is large 16 bytes after a page; elsewhere this costs 64 bytes and nothing is lost.
 */
export function alignedZeros(length: number): Float64Array {
  return new Float64Array(new ArrayBuffer(8 * length + 64), 48, length);
}

/** Columns of one length as a matrix [C, N], row-major: their own memory where they lie one after the other in it. */
export function sideBySide(columns: readonly Float64Array[]): Float64Array {
  if (columns.length === 0) return new Float64Array(0);
  const { buffer, byteOffset, length } = columns[0];
  const isMatrix = columns.every(
    (c, n) => c.buffer === buffer && c.byteOffset === byteOffset + 8 * n * length,
  );
  if (isMatrix) return new Float64Array(buffer, byteOffset, columns.length * length);
  const matrix = alignedZeros(columns.length * length);
  columns.forEach((c, n) => {
    matrix.set(c, n * length);
  });
  return matrix;
}

/** The rows of a matrix [C, N]: views, no copies. */
export const rowsOfMatrix = (matrix: Float64Array, count: number): readonly Float64Array[] => {
  const length = matrix.length / count;
  return Array.from({ length: count }, (_, c) => matrix.subarray(c * length, (c + 1) * length));
};

/** `every` would call a function for each number. */
export function allFinite(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** The power of two nearest below, kept within the range of normal numbers. */
export function powerOfTwo(x: number): number {
  return 2 ** Math.min(1022, Math.max(-1021, Math.floor(Math.log2(x))));
}

/** Rows whose numbers stay in the cache until the last column is written. */
const NEAR = 256;

/**
 * Writes (x − shift) · factor of columns to rows [N, width], width at least the number of columns: four columns at a time,
 * whose places in a row share a line of the cache.
 */
export function writeRows(
  into: Float64Array,
  columns: readonly Float64Array[],
  width: number,
  shift: Float64Array,
  factor: Float64Array,
): void {
  const [c, n] = [columns.length, columns.length === 0 ? 0 : columns[0].length];
  for (let from = 0; from < n; from += NEAR) {
    const end = Math.min(n, from + NEAR);
    let a = 0;
    for (; a + 4 <= c; a += 4) writeFour(into, columns, width, shift, factor, a, from, end);
    for (; a < c; a++) writeOne(into, columns[a], width, shift[a], factor[a], a, from, end);
  }
}

function writeFour(
  into: Float64Array,
  columns: readonly Float64Array[],
  width: number,
  shift: Float64Array,
  factor: Float64Array,
  a: number,
  from: number,
  end: number,
): void {
  const [w, x, y, z] = [columns[a], columns[a + 1], columns[a + 2], columns[a + 3]];
  const [mw, mx, my, mz] = [shift[a], shift[a + 1], shift[a + 2], shift[a + 3]];
  const [fw, fx, fy, fz] = [factor[a], factor[a + 1], factor[a + 2], factor[a + 3]];
  for (let i = from, at = from * width + a; i < end; i++, at += width) {
    into[at] = (w[i] - mw) * fw;
    into[at + 1] = (x[i] - mx) * fx;
    into[at + 2] = (y[i] - my) * fy;
    into[at + 3] = (z[i] - mz) * fz;
  }
}

function writeOne(
  into: Float64Array,
  column: Float64Array,
  width: number,
  shift: number,
  factor: number,
  a: number,
  from: number,
  end: number,
): void {
  for (let i = from, at = from * width + a; i < end; i++, at += width)
    into[at] = (column[i] - shift) * factor;
}
