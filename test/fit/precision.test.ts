/** float32 where asked: what it costs is measured, and told. */
import { describe, expect, it } from 'vitest';
import { isTensorFlowInstalled } from '../../src/engine/tensorflow/load.js';
import { compile } from '../../src/index.js';
import { at, clusters, expectParameters, report } from './fits.js';

const installed = isTensorFlowInstalled();
const source = `
model Clusters
const K = 2
plate i over rows
plate k in 1..K
param pi       : simplex[k]
param mu[k]    : real[2]
param Sigma[k] : covariance[2]
latent z[i] : k ~ Categorical(pi)
data   x[i] : real[2] from a, b ~ Normal(mu[z[i]], Sigma[z[i]])
`;
const [a, b] = clusters(
  [
    [0, 0],
    [5, 1],
  ],
  3000,
);
const model = compile(source);

describe.each([
  { engine: 'tensorflow', skip: !installed.ok },
  { engine: 'tfjs', skip: false },
  // what `auto` stands for depends on what is installed
  { engine: 'auto', skip: false },
] as const)('float32 on $engine', ({ engine, skip }) => {
  it.skipIf(skip)('leads to the estimates of float64, and tells by how much it is off', async () => {
    const start = at({
      pi: [0.5, 0.5],
      mu: [
        [1, 0],
        [4, 0],
      ],
      Sigma: [
        [
          [1, 0],
          [0, 1],
        ],
        [
          [1, 0],
          [0, 1],
        ],
      ],
    });
    const single = await model.fit({ a, b }, { engine, precision: 'float32', start });
    const double = await model.fit({ a, b }, { engine: 'reference', start });
    expect(single.toJSON().engine.precision).toBe('float32');
    if (engine === 'auto') expect(single.toJSON().engine.name).toBe(installed.ok ? 'tensorflow' : 'tfjs');
    expectParameters(single.parameters, double.parameters, 1e-4);
    expect(report(double).precisionLoss).toBeNull();
    const exact = await model.fit(
      { a, b },
      { engine: 'reference', start: at(single.parameters), maxIterations: 0 },
    );
    const { rows, perRow } = report(single).precisionLoss!;
    expect(rows).toBe(a.length);
    expect(Math.abs(perRow)).toBeLessThan(1e-5);
    expect(perRow).toBeCloseTo((single.logLikelihood! - exact.logLikelihood!) / rows, 10);
  });
});

it('is measured on a sample where rows are many', async () => {
  const [x, y] = clusters(
    [
      [0, 0],
      [5, 1],
    ],
    25_000,
  );
  const fit = await model.fit(
    { a: x, b: y },
    { engine: 'tfjs', precision: 'float32', restarts: 1, maxIterations: 2 },
  );
  expect(report(fit).precisionLoss!.rows).toBe(20_000);
});

it.skipIf(!installed.ok)('is refused on TensorFlow for what its graph has no float32 for', async () => {
  const robust = compile(
    source.replace('Normal(mu[z[i]], Sigma[z[i]])', 'StudentT(4, mu[z[i]], Sigma[z[i]])'),
  );
  const fit = robust.fit({ a, b }, { engine: 'tensorflow', precision: 'float32', restarts: 1 });
  await expect(fit).rejects.toThrow(/float32 is not for models with .*--engine tfjs/);
});
