import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from 'vitest';
import { functions } from '../../../src/algebra/functions.js';
import { lgamma, logBesselI0 } from '../../../src/engine/tfjs/special-tensors.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const points = [1e-6, 0.01, 0.3, 1, 1.5, 2, 3.7, 3.75, 3.8, 7.9, 8, 8.1, 20, 350, 1e4];

describe.each([
  { name: 'lgamma' as const, tensor: lgamma },
  { name: 'logbesseli0' as const, tensor: logBesselI0 },
])('$name on tensors', ({ name, tensor }) => {
  test.each(points)('at %d', (x) => {
    const at = Math.fround(x);
    const [found] = tf.tidy(() => tensor(tf, tf.tensor2d([at], [1, 1])).dataSync());
    const expected = functions[name].value(at);
    expect(Math.abs(found - expected)).toBeLessThan(3e-6 + 3e-7 * Math.abs(expected));
  });
});

test('log Γ(0) is infinite', () => {
  expect(tf.tidy(() => lgamma(tf, tf.tensor2d([0], [1, 1])).dataSync())[0]).toBe(Infinity);
});
