/** Labels of one latent, of another, or of both: every engine takes them alike. */
import { describe, expect, it } from 'vitest';
import { isTensorFlowInstalled } from '../../src/engine/tensorflow/load.js';
import { compile } from '../../src/index.js';
import { stream } from '../../src/random.js';
import { expectClose, expectParameters, report } from './fits.js';

const source = (first: string, second: string): string => `
model Two
const K = 2
plate i over rows
plate k in 1..K
plate l in 1..K
param pi    : simplex[k]
param rho   : simplex[l]
param mu[k] : real
param nu[l] : real
param s[k]  : variance
param t[l]  : variance
latent z[i] : k ${first} ~ Categorical(pi)
latent w[i] : l ${second} ~ Categorical(rho)
data   x[i] : real ~ Normal(mu[z[i]], s[z[i]])
data   y[i] : real ~ Normal(nu[w[i]], t[w[i]])
`;

const random = stream('two', 'rows');
const rows = Array.from({ length: 300 }, (_, i) => {
  const [a, b] = [i % 2, Math.floor(i / 2) % 2];
  const known = (value: number): number | null => (random.uniform() < 0.3 ? value + 1 : null);
  return { x: 2 * a + random.normal(), y: 2 * b + random.normal(), a: known(a), b: known(b) };
});
const table = {
  x: rows.map((r) => r.x),
  y: rows.map((r) => r.y),
  a: rows.map((r) => r.a),
  b: rows.map((r) => r.b),
};
const engines = ['auto', 'javascript', 'wasm', 'tensorflow'] as const;

describe.each([
  ['the first', 'from a', ''],
  ['the second', '', 'from b'],
  ['both', 'from a', 'from b'],
])('labels of %s', (_, first, second) => {
  const model = compile(source(first, second));
  const options = { seed: '1', restarts: 2, maxIterations: 10, tolerance: 0 } as const;
  it.each(engines)('%s', async (engine) => {
    if (engine === 'tensorflow' && !isTensorFlowInstalled().ok) return;
    const truth = await model.fit(table, { ...options, engine: 'reference' });
    const fitted = await model.fit(table, { ...options, engine }).catch((error: unknown) => {
      // an engine that does not run them says so
      expect(String(error)).toContain('labels of one of several latents');
    });
    if (fitted === undefined) {
      expect(engine).toBe('wasm');
      return;
    }
    expectClose(report(fitted).logLikelihood, report(truth).logLikelihood, 1e-10);
    expectParameters(fitted.parameters, truth.parameters, 1e-8);
  });
});
