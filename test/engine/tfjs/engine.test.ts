import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { referenceEngine } from '../../../src/engine/reference/engine.js';
import { openTfjs } from '../../../src/engine/tfjs/engine.js';
import { mergeMoments } from '../../../src/engine/tfjs/merge.js';
import type { Moments } from '../../../src/plan/types.js';
import { parameterStage } from '../../../src/plan/parameter-stage.js';
import { difference, example, momentsDifference } from '../../emit/emitted.js';
import { all } from '../../emit/models.js';

const options = { threads: 1, device: 'cpu' as const, backend: 'cpu' as const };

describe.each(Object.entries(all))('%s', (_, model) => {
  test('agrees with the reference engine step by step, and leaks nothing', async () => {
    const { program, data, start } = await example(model);
    const { engine } = await openTfjs(options);
    const before = tf.memory().numTensors;
    const session = await engine!.open(program, data);
    const reference = await referenceEngine.open(program, data);
    let parameters = start;
    const held = tf.memory().numTensors;
    for (let step = 0; step < 4; step++) {
      const ours = await session.expectation(parameters);
      const theirs = await reference.expectation(parameters);
      expect(Math.abs(ours.logLikelihood - theirs.logLikelihood)).toBeLessThan(
        1e-5 * Math.abs(theirs.logLikelihood),
      );
      expect(momentsDifference(ours.moments, theirs.moments)).toBeLessThan(1e-4);
      const [rows, truth] = [await session.posterior(parameters), await reference.posterior(parameters)];
      expect(difference(rows.responsibilities, truth.responsibilities)).toBeLessThan(1e-4);
      expect(difference(rows.logDensity, truth.logDensity)).toBeLessThan(1e-5);
      parameters = parameterStage(program, theirs.moments, parameters).parameters;
    }
    const given = new Float64Array(data.rows * program.components).fill(1 / program.components);
    expect(momentsDifference(await session.momentsOf(given), await reference.momentsOf(given))).toBeLessThan(
      1e-4,
    );
    expect(tf.memory().numTensors).toBe(held);
    session.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('blocks of rows are merged to the moments of all rows', () => {
  const columns = [Float64Array.of(1, 2, 4, 8, 16), Float64Array.of(3, 1, 4, 1, 5)];
  const momentsFrom = (from: number, to: number, pairs: 'all' | 'squares'): Moments => {
    const n = to - from;
    const mean = columns.map((c) => c.subarray(from, to).reduce((s, x) => s + x, 0) / n);
    const entry = (a: number, b: number): number =>
      Array.from(
        { length: n },
        (_, i) => (columns[a][from + i] - mean[a]) * (columns[b][from + i] - mean[b]),
      ).reduce((s, x) => s + x, 0);
    const scatter =
      pairs === 'all' ? [entry(0, 0), entry(0, 1), entry(1, 0), entry(1, 1)] : [entry(0, 0), entry(1, 1)];
    return {
      components: 1,
      columns: 2,
      weight: Float64Array.of(n),
      mean: Float64Array.from(mean),
      scatter: Float64Array.from(scatter),
    };
  };
  for (const pairs of ['all', 'squares'] as const)
    expect(
      momentsDifference(
        mergeMoments([momentsFrom(0, 2, pairs), momentsFrom(2, 5, pairs)]),
        momentsFrom(0, 5, pairs),
      ),
    ).toBeLessThan(1e-14);
});

test('a backend that is not here is a problem with a command', async () => {
  const { engine, problem } = await openTfjs({ ...options, backend: 'wasm' });
  if (engine === undefined)
    expect(problem).toMatchObject({
      kind: 'engine-unavailable',
      engine: 'tfjs',
      command: expect.stringContaining('npm install') as string,
    });
});
