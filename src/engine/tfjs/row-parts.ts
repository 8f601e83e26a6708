/**
 * A number of each row and component as `table + scale × rows`. The table is what the parameters and the columns' middles say,
 * in float64; `rows` is what varies with the row, a tensor of float32 of about the size of 1. So x − μ with x and μ near 2000
 * is (2000 − μ) + (x − 2000), whose first part loses nothing.
 */
import type * as tfjs from '@tensorflow/tfjs-core';
import { powerOfTwo } from '../../linear-algebra/columns.js';
import type { Tf } from './module.js';

type Tensor = tfjs.Tensor2D;

export interface Part {
  /** [combinations of the stratum, width] */
  readonly table: Float64Array;
  /** 1 or K */
  readonly width: number;
  /** 0: the table is the same for every row */
  readonly stratum: number;
  /** [B, 1 or K]; undefined: 0 */
  readonly rows: Tensor | undefined;
  /** a power of two */
  readonly scale: number;
  /** no entry of `rows` is infinite */
  readonly isFinite: boolean;
}

export interface PartAlgebra {
  readonly add: (a: Part, b: Part) => Part;
  /** of numbers that are finite */
  readonly product: (a: Part, b: Part) => Part;
  /** a zero leaves nothing, whatever the other is */
  readonly multiply: (a: Part, b: Part) => Part;
  readonly square: (a: Part) => Part;
  /** entry by entry: a number for tables, an operation for tensors */
  readonly map: (a: Part, number: (x: number) => number, tensor: (x: Tensor) => Tensor) => Part;
  readonly pair: (
    a: Part,
    b: Part,
    number: (x: number, y: number) => number,
    tensor: (x: Tensor, y: Tensor) => Tensor,
  ) => Part;
  /** the number itself, in float32 */
  readonly whole: (a: Part) => Tensor;
}

export const numberPart = (value: number): Part => tablePart(Float64Array.of(value), 1, 0);

export const tablePart = (table: Float64Array, width: number, stratum: number): Part => ({
  table,
  width,
  stratum,
  rows: undefined,
  scale: 1,
  isFinite: true,
});

const rowsPart = (rows: Tensor, scale = 1, isFinite = false): Part => ({
  ...numberPart(0),
  rows,
  scale,
  isFinite,
});

/** Whether every number is finite. */
export const isFinitePart = (a: Part): boolean => a.isFinite && a.table.every((x) => Number.isFinite(x));

/** All inside a `tf.tidy`. `codes` are the rows' combinations of a stratum. */
export function partAlgebra(
  tf: Tf,
  strataSizes: readonly number[],
  codes: (stratum: number) => tfjs.Tensor1D,
): PartAlgebra {
  const entry = (a: Part, c: number, k: number): number =>
    a.table[(a.stratum === 0 ? 0 : c) * a.width + (a.width === 1 ? 0 : k)];

  /** undefined where the tables are of two strata */
  const joined = (a: Part, b: Part, of: (x: number, y: number) => number): Part | undefined => {
    if (a.stratum !== b.stratum && a.stratum !== 0 && b.stratum !== 0) return undefined;
    const stratum = Math.max(a.stratum, b.stratum);
    const width = Math.max(a.width, b.width);
    const table = new Float64Array(strataSizes[stratum] * width);
    for (let at = 0; at < table.length; at++) {
      const [c, k] = [Math.floor(at / width), at % width];
      table[at] = of(entry(a, c, k), entry(b, c, k));
    }
    return tablePart(table, width, stratum);
  };

  const times = (x: Tensor, factor: number): Tensor =>
    factor === 1 ? x : tf.mul<Tensor>(x, Math.min(factor, LARGEST));

  /** A table for each row of a block, or [1, width]. */
  const spread = (a: Part, factor: number): Tensor => {
    const values = Float32Array.from(a.table, (x) => x * factor);
    const whole = tf.tensor2d(values, [values.length / a.width, a.width]);
    return a.stratum === 0 ? whole : tf.gather(whole, codes(a.stratum));
  };

  /** A number as a tensor of about the size of 1, and its scale. */
  const scaled = (a: Part): { readonly rows: Tensor; readonly scale: number } => {
    const largest = a.table.reduce((m, x) => (Number.isFinite(x) ? Math.max(m, Math.abs(x)) : m), 0);
    const isZero = a.table.every((x) => x === 0);
    if (a.rows !== undefined && isZero) return { rows: a.rows, scale: a.scale };
    const own = largest > 0 ? powerOfTwo(largest) : 1;
    if (a.rows === undefined) return { rows: spread(a, 1 / own), scale: own };
    const scale = Math.max(own, a.scale);
    return { rows: tf.add(times(a.rows, a.scale / scale), spread(a, 1 / scale)), scale };
  };

  const whole = (a: Part): Tensor => {
    if (a.rows === undefined) return spread(a, 1);
    const { rows, scale } = scaled(a);
    return times(rows, scale);
  };

  const add = (a: Part, b: Part): Part => {
    const table = joined(a, b, (x, y) => x + y);
    if (table === undefined) {
      const { rows, scale } = scaled(b);
      return add(a, rowsPart(rows, scale, isFinitePart(b)));
    }
    const isFinite = a.isFinite && b.isFinite;
    if (a.rows === undefined || b.rows === undefined) {
      const { rows, scale } = a.rows === undefined ? b : a;
      return { ...table, rows, scale, isFinite };
    }
    const scale = Math.max(a.scale, b.scale);
    const rows = tf.add<Tensor>(times(a.rows, a.scale / scale), times(b.rows, b.scale / scale));
    return { ...table, rows, scale, isFinite };
  };

  const product = (a: Part, b: Part): Part => {
    const table = joined(a, b, (x, y) => x * y);
    const isFinite = a.isFinite && b.isFinite;
    if (table !== undefined && (a.rows === undefined || b.rows === undefined)) {
      if (a.rows === undefined && b.rows === undefined) return table;
      const [rowwise, fixed] = a.rows === undefined ? [b, a] : [a, b];
      const factor = scaled(fixed);
      const rows = tf.mul<Tensor>(rowwise.rows!, factor.rows);
      return { ...table, rows, scale: rowwise.scale * factor.scale, isFinite };
    }
    const [x, y] = [scaled(a), scaled(b)];
    return rowsPart(tf.mul(x.rows, y.rows), x.scale * y.scale, isFinite);
  };

  const pair: PartAlgebra['pair'] = (a, b, number, tensor) => {
    const table = a.rows === undefined && b.rows === undefined ? joined(a, b, number) : undefined;
    return table ?? rowsPart(tensor(whole(a), whole(b)));
  };

  return {
    add,
    product,
    multiply: (a, b) =>
      isFinitePart(a) && isFinitePart(b)
        ? product(a, b)
        : pair(
            a,
            b,
            (x, y) => (x === 0 || y === 0 ? 0 : x * y),
            (x, y) => {
              const isZero = tf.logicalOr(tf.equal(x, 0), tf.equal(y, 0));
              return tf.where(isZero, tf.tensor2d([0], [1, 1]), tf.mul<Tensor>(x, y));
            },
          ),
    square: (a) => {
      if (a.rows === undefined) return { ...a, table: a.table.map((x) => x * x) };
      const { rows, scale } = scaled(a);
      return rowsPart(tf.square(rows), scale * scale, isFinitePart(a));
    },
    map: (a, number, tensor) =>
      a.rows === undefined ? { ...a, table: a.table.map((x) => number(x)) } : rowsPart(tensor(whole(a))),
    pair,
    whole,
  };
}

/** The largest power of two in float32. */
const LARGEST = 2 ** 127;
