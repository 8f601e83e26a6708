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
