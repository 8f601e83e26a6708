import { expect, it } from 'vitest';
import { alignedZeros, rowsOfMatrix, sideBySide, writeRows } from '../../src/linear-algebra/columns.js';

it('takes columns that lie side by side as they are', () => {
  const matrix = alignedZeros(6);
  expect([...matrix]).toEqual([0, 0, 0, 0, 0, 0]);
  matrix.set([1, 2, 3, 4, 5, 6]);
  const columns = rowsOfMatrix(matrix, 2);
  expect(columns.map((c) => [...c])).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const again = sideBySide(columns);
  expect([...again]).toEqual([...matrix]);
  expect(again.buffer).toBe(matrix.buffer);
  expect(again.byteOffset).toBe(matrix.byteOffset);
});

it('copies columns that lie elsewhere, in another order, or apart', () => {
  const [a, b, c] = rowsOfMatrix(Float64Array.of(1, 2, 3, 4, 5, 6), 3);
  expect([...sideBySide([b, a])]).toEqual([3, 4, 1, 2]);
  expect([...sideBySide([a, c])]).toEqual([1, 2, 5, 6]);
  expect([...sideBySide([a, Float64Array.of(7, 8)])]).toEqual([1, 2, 7, 8]);
  expect(sideBySide([a, c]).buffer).not.toBe(a.buffer);
  expect(sideBySide([])).toHaveLength(0);
});

it('writes rows of columns, shifted and scaled, four at a time and the rest', () => {
  const n = 600;
  const columns = Array.from({ length: 5 }, (_, a) =>
    Float64Array.from({ length: n }, (__, i) => 10 * a + i),
  );
  const shift = Float64Array.of(1, 2, 3, 4, 5);
  const factor = Float64Array.of(1, 2, 4, 0.5, 0.25);
  const rows = new Float64Array(6 * n);
  writeRows(rows, columns, 6, shift, factor);
  for (let i = 0; i < n; i++)
    expect([...rows.subarray(6 * i, 6 * i + 6)]).toEqual([
      ...columns.map((c, a) => (c[i] - shift[a]) * factor[a]),
      0,
    ]);
});
