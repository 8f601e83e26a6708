import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { referenceEngine } from '../../src/engine/reference/engine.js';
import { nestedParameters } from '../../src/engine/tfjs/nested.js';
import type { Nested } from '../../src/engine/tfjs/nested.js';
import { emitTypeScript } from '../../src/emit/typescript/module.js';
import { parameterStage } from '../../src/plan/parameter-stage.js';
import type { Parameters } from '../../src/plan/types.js';
import { complaintsOf, difference, example, importText, planOf, root } from './emitted.js';
import { all, heldShare } from './models.js';

const GOLDEN = ['full', 'tied', 'diagonal', 'kMeans', 'linearRegression', 'regressions'] as const;

type Given = Readonly<Record<string, Nested>>;
interface Emitted {
  readonly columns: (data: unknown) => Float64Array[];
  readonly tensors: (columns: Float64Array[], ...extras: unknown[]) => Record<string, tf.Tensor>;
  readonly expectation: (
    rows: unknown,
    parameters: Given,
  ) => Promise<{ statistics: unknown; logLikelihood: number }>;
  readonly maximisation: (statistics: unknown, previous: Given) => Given;
  readonly fit: (
    data: unknown,
    start: Given,
    options?: object,
  ) => Promise<{ parameters: Given; objective: number; trace: number[]; converged: boolean }>;
}

const textOf = (name: keyof typeof all): string => emitTypeScript(planOf(all[name]), { types: true });

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

test.each(GOLDEN)('%s reads as its golden file', async (name) => {
  await expect(textOf(name)).toMatchFileSnapshot(join(root, `test/golden/emitted/${name}.ts.txt`));
});

describe.each(Object.keys(all) as (keyof typeof all)[])('%s', (name) => {
  test('the M-step of the module is that of the plan, and nothing leaks', async () => {
    const { program, data, table, start } = await example(all[name]);
    const module = (await importText(textOf(name))) as unknown as Emitted;
    const reference = await referenceEngine.open(program, data);
    const before = tf.memory().numTensors;
    const columns = module.columns(table);
    columns.forEach((c, n) => expect(c).toEqual(data.columns[n]));
    const extras = [
      ...(data.weights === undefined ? [] : [data.weights]),
      ...data.labels.flatMap((l) => l ?? []),
    ];
    const rows = module.tensors(columns, ...extras);
    let theirs: Parameters = start;
    let ours = nestedParameters(start);
    for (let step = 0; step < 5; step++) {
      const { statistics, logLikelihood } = await module.expectation(rows, ours);
      const truth = await reference.expectation(theirs);
      expect(Math.abs(logLikelihood - truth.logLikelihood)).toBeLessThan(
        1e-4 * Math.abs(truth.logLikelihood),
      );
      ours = module.maximisation(statistics, ours);
      theirs = parameterStage(program, truth.moments, theirs).parameters;
      for (const [parameter, value] of theirs)
        expect(
          difference(flat(ours[parameter]), value.data),
          `${parameter} after step ${String(step + 1)}`,
        ).toBeLessThan(1e-4);
    }
    tf.dispose({ ...rows });
    const fit = await module.fit(table, nestedParameters(start), { iterations: 3 });
    expect(fit.trace.length).toBeGreaterThan(1);
    expect(tf.memory().numTensors).toBe(before);
  });
});

const flat = (value: Nested): number[] => (typeof value === 'number' ? [value] : value.flatMap(flat));

test('Old Faithful converges to the log-likelihood that is known', async () => {
  const { table, start } = await example(all.full);
  const module = (await importText(textOf('full'))) as unknown as Emitted;
  const fit = await module.fit(table, nestedParameters(start), { iterations: 200, tolerance: 0 });
  expect(fit.objective).toBeCloseTo(-1130.26396, 2);
  expect(fit.converged || fit.trace.length === 201).toBe(true);
});

test('a share that is held leaves the rest to the others', async () => {
  const module = (await importText(emitTypeScript(planOf(heldShare), { types: true }))) as unknown as Emitted;
  const { table, start } = await example(all.full);
  const fit = await module.fit(table, nestedParameters(start), { iterations: 2 });
  expect(flat(fit.parameters['pi'])).toEqual([0.4, expect.closeTo(0.6, 6)]);
});

test('every module is TypeScript without a complaint', () => {
  const files = new Map(
    Object.keys(all).map((name) => [
      join(root, 'test/emit', `virtual-${name}.ts`),
      textOf(name as keyof typeof all),
    ]),
  );
  expect(complaintsOf(files)).toEqual([]);
});
