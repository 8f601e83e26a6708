/** A floor or a cap under one component: where it binds the fit is that with the value held, else that without it. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compile } from '../../src/index.js';
import { root } from '../models.js';

const model = (line: string): string => `
model Edges
const K = 2
plate i over rows
plate k in 1..K
param pi : simplex[k]
param mu[k] : real
param s2[k] : variance
latent z[i] : k ~ Categorical(pi)
data eruptions[i] : real ~ Normal(mu[z[i]], s2[z[i]])
${line}
`;
const fitted = (line: string) =>
  compile(model(line)).fit(join(root, 'models/data/faithful.csv'), {
    start: { kind: 'parameters', parameters: { pi: [0.6, 0.4], mu: [4.3, 2], s2: [0.3, 0.1] } },
    tolerance: 1e-12,
  });

it.each([
  ['constrain s2[1] >= 0.3', 'constrain s2[1] = 0.3'],
  ['constrain s2[2] <= 0.03', 'constrain s2[2] = 0.03'],
  ['constrain s2[1] >= 0.01', ''],
  ['constrain s2[1] >= 0.01\nconstrain s2[2] <= 5', ''],
])('%s', async (bounded, held) => {
  const [ours, theirs] = [await fitted(bounded), await fitted(held)];
  expect(ours.logLikelihood).toBeCloseTo(theirs.logLikelihood!, 7);
  const [a, b] = [ours.parameters['s2'], theirs.parameters['s2']] as unknown as readonly number[][];
  a.forEach((x, k) => {
    expect(x).toBeCloseTo(b[k], 5);
  });
});
