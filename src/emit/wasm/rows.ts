/**
 * Rows in the order in which kernels read them, made of columns as the data have them: [C, N] stays as it came, and may be the
 * memory that the table was read into; what is read row by row is written for some rows at a time, which stay in the cache.
 */
import { count, f64x2, i32, local, set, v128, wasmFunction, when } from './instructions.js';
import type { Region } from './layout.js';
import { written } from './scope.js';
import type { Statement, Value, WasmFunction } from './types.js';

export interface RowsShape {
  /** C */
  readonly columns: number;
  /** numbers of a row: C padded */
  readonly width: number;
  /** N */
  readonly rows: number;
}

/** Bytes of the columns [C, N]. The last vector of an odd column reaches a number further. */
export const columnBytes = ({ columns, rows }: Pick<RowsShape, 'columns' | 'rows'>): number =>
  8 * (columns * rows + 1);

/** Bytes of the columns' shift and 1 / scale, [C, 2]. */
export const unitBytes = ({ columns }: Pick<RowsShape, 'columns'>): number => 16 * columns;

/** Rows whose lines stay in the nearest cache until their last column is written. */
const NEAR = 256;

/**
 * (first, end, into): writes u = (x − shift) · 1 / scale of the rows from `first`, which there must be, to before `end`, and
 * after them a row of zeros, [rows + 1, width]. What is beyond C in a row is not written.
 */
export function rowsFunction(
  { columns, width, rows }: RowsShape,
  regions: Readonly<Record<'columns' | 'units', Region>>,
): WasmFunction {
  const [first, end, into] = [local('i32'), local('i32'), local('i32')];
  const [near, stop, row, x, to, last] = Array.from({ length: 6 }, () => local('i32'));
  const [column, units, at] = [local('i32'), local('i32'), local('i32')];
  const rowBytes = 8 * width;
  const ofColumn = 8 * rows;

  /** Two rows of so many columns, side by side, at the place of the first in each row. */
  const columnsOf = (wanted: 1 | 2): readonly Statement[] =>
    written((s) => {
      const shifts = upTo(wanted).map((n) => s.let(v128.load64Splat(units, 16 * n)));
      const factors = upTo(wanted).map((n) => s.let(v128.load64Splat(units, 16 * n + 8)));
      const twoRows = written((inner) => {
        const [a, b] = upTo(2).map((n): Value<'v128'> => {
          if (n >= wanted) return f64x2.constant(0);
          const cells = v128.load(n === 0 ? x : i32.add(x, ofColumn));
          return inner.let(f64x2.mul(f64x2.sub(cells, shifts[n]), factors[n]));
        });
        inner.push(
          v128.store(to, v128.shuffle(a, b, LOW)),
          v128.store(to, v128.shuffle(a, b, HIGH), rowBytes),
          set(x, i32.add(x, 16)),
          set(to, i32.add(to, 2 * rowBytes)),
        );
      });
      s.push(
        set(x, i32.add(column, i32.shl(near, 3))),
        set(to, i32.add(at, i32.mul(i32.sub(near, first), rowBytes))),
        count(row, near, stop, 2, twoRows, true),
        set(column, i32.add(column, wanted * ofColumn)),
        set(units, i32.add(units, 16 * wanted)),
        set(at, i32.add(at, 16)),
      );
    });
  const pairs = Math.floor(columns / 2);
  return wasmFunction(
    undefined,
    [first, end, into],
    [
      count(near, first, end, NEAR, [
        set(stop, i32.add(near, NEAR)),
        when(i32.gtS(stop, end), [set(stop, i32.add(end, 0))]),
        set(column, i32.constant(regions.columns.at)),
        set(units, i32.constant(regions.units.at)),
        set(at, i32.add(into, 0)),
        ...(pairs === 0 ? [] : [count(last, 0, i32.constant(pairs), 1, columnsOf(2), true)]),
        ...(columns % 2 === 0 ? [] : columnsOf(1)),
      ]),
      set(to, i32.add(into, i32.mul(i32.sub(end, first), rowBytes))),
      count(row, 0, i32.constant(rowBytes), 16, [v128.store(i32.add(to, row), f64x2.constant(0))]),
    ],
  );
}

const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, at) => at);
const bytesOf = (...numbers: readonly number[]): readonly number[] =>
  numbers.flatMap((n) => Array.from({ length: 8 }, (_, byte) => 8 * n + byte));
/** [a0 a1] [b0 b1] as [a0 b0] and as [a1 b1] */
const LOW = bytesOf(0, 2);
const HIGH = bytesOf(1, 3);
