import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import { numberPart, partAlgebra, tablePart } from '../../../src/engine/tfjs/row-parts.js';
import type { Part, PartAlgebra } from '../../../src/engine/tfjs/row-parts.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

/** Three rows; a stratum of two combinations and one of three. */
const CODES = [
  [0, 1, 0],
  [2, 1, 0],
];
const within = (use: (algebra: PartAlgebra) => Part): readonly number[] =>
  tf.tidy(() => {
    const algebra = partAlgebra(tf, [1, 2, 3], (s) => tf.tensor1d(CODES[s - 1], 'int32'));
    const whole = algebra.whole(use(algebra));
    return [...tf.broadcastTo(whole, [3, whole.shape[1]]).dataSync()];
  });

const table = (values: readonly number[], width: number, stratum = 0): Part =>
  tablePart(Float64Array.from(values), width, stratum);
const column = (shift: number, scale: number, u: readonly number[]): Part => ({
  ...numberPart(shift),
  rows: tf.tensor2d([...u], [u.length, 1]),
  scale,
});

test('numbers that are alike keep what is between them', () => {
  const found = within(({ add }) => add(column(1e9, 2 ** -10, [1, 2, -3]), numberPart(-1e9 - 2 ** -12)));
  expect(found).toEqual([1, 2, -3].map((u) => (4 * u - 1) / 2 ** 12));
});

test('a column times what differs between components keeps both parts', () => {
  const found = within(({ add, product }) =>
    add(product(column(2000, 1, [1, 2, 3]), table([3, -5], 2)), table([-6000, 10000], 2)),
  );
  expect(found).toEqual([3, -5, 6, -10, 9, -15]);
});

test('squares and coefficients beyond float32 meet within it', () => {
  const found = within(({ product, square }) =>
    product(numberPart(2 ** -400), square(column(0, 2 ** 200, [1, 2, 3]))),
  );
  expect(found).toEqual([1, 4, 9]);
});

test('tables of two strata are joined row by row', () => {
  const [one, two] = [table([10, 20], 1, 1), table([1, 2, 3], 1, 2)];
  expect(within(({ add }) => add(one, two))).toEqual([13, 22, 11]);
  expect(within(({ product }) => product(one, two))).toEqual([30, 40, 10]);
  expect(within(({ pair }) => pair(one, two, Math.max, (x, y) => tf.maximum(x, y)))).toEqual([10, 20, 10]);
});

test('a zero leaves nothing of an infinity', () => {
  const infinite = table([-Infinity, -1], 2);
  const found = within(({ multiply }) => multiply(column(1, 1, [-1, 0, 1]), infinite));
  expect(found.map((x) => x + 0)).toEqual([0, 0, -Infinity, -1, -Infinity, -2]);
  expect(within(({ multiply }) => multiply(numberPart(0), infinite))).toEqual([0, 0, 0, 0, 0, 0]);
});

test('an infinite row is not a finite one', () => {
  const outside: Part = { ...column(0, 1, [0, 1, -Infinity]), isFinite: false };
  expect(within(({ multiply }) => multiply(outside, numberPart(0))).map((x) => x + 0)).toEqual([0, 0, 0]);
});
