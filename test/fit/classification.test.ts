/** Classification EM against k-means, which it is for one fixed variance and equal shares, and against its own formula. */
import { expect, it } from 'vitest';
import { compile } from '../../src/index.js';
import { stream } from '../../src/random.js';
import { exampleData, exampleSource, examples } from '../models.js';
import { expectClose, expectParameters, report } from './fits.js';

const iris = exampleData(examples.find((e) => e.name === 'k-means')!);
const labels = { kind: 'labels' as const, labels: { z: Array.from({ length: 150 }, (_, i) => 1 + (i % 3)) } };
const model = (scale: string, lines = ''): string => `
model Clusters
const K = 3
plate i over rows
plate k in 1..K
param mu[k] : real[4]
${lines}
latent z[i] : k ~ Categorical(1 / K)
data x[i] : real[4] from sepal_length, sepal_width, petal_length, petal_width ~ Normal(mu[z[i]], ${scale})
`;

it('is k-means for one fixed variance and equal shares', async () => {
  const hard = await compile(model('v * I', 'const v : variance = 0.3')).fit(iris, {
    algorithm: 'hard',
    start: labels,
  });
  const kMeans = await compile(model('eps * I', 'const eps\nlimit eps -> 0+')).fit(iris, { start: labels });
  expectParameters({ mu: hard.parameters['mu'] }, { mu: kMeans.parameters['mu'] }, 1e-12);
  // −½ inertia / v − N (D/2 log 2πv + log K)
  const { trace, objective } = report(hard);
  expect(objective).toBe('classificationLogLikelihood');
  expectClose(
    trace.at(-1)!,
    -kMeans.inertia! / 0.6 - 150 * (2 * Math.log(2 * Math.PI * 0.3) + Math.log(3)),
    1e-12,
  );
  expect(hard.logLikelihood!).toBeGreaterThan(trace.at(-1)!);
});

it('never lowers the classification log-likelihood, with groups and several latents too', async () => {
  for (const name of [
    'old-faithful',
    'repeated-measures',
    'two-levels',
    'mixture-of-mixtures',
    'zero-inflated',
  ]) {
    const example = examples.find((e) => e.name === name)!;
    const fit = await compile(exampleSource(example)).fit(exampleData(example), {
      algorithm: 'hard',
      restarts: 3,
    });
    const { trace } = report(fit);
    trace.slice(1).forEach((f, n) => expect(f - trace[n]).toBeGreaterThanOrEqual(-1e-9 * Math.abs(f)));
    expect(fit.converged).toBe(true);
  }
});

it('finds clusters that lie apart as EM does', async () => {
  const random = stream('1', 'hard');
  const x = Float64Array.from({ length: 300 }, (_, i) => (i % 3) * 20 + random.normal());
  const source = model('v', 'param v : variance')
    .replaceAll('real[4]', 'real')
    .replace(/ from .* ~/, ' ~');
  const [hard, soft] = [
    await compile(source).fit({ x }, { algorithm: 'hard' }),
    await compile(source).fit({ x }),
  ];
  expectParameters(
    { mu: [...(hard.parameters['mu'] as number[])].sort((a, b) => a - b) },
    { mu: [...(soft.parameters['mu'] as number[])].sort((a, b) => a - b) },
    1e-9,
  );
});
