/** What `constrain` lines mean: degrees of freedom, and refusals that say which constraint and why. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/algebra/evaluate.js';
import { float64 } from '../../src/algebra/fields.js';
import { compileSource } from '../../src/compile.js';
import { randomInstance } from '../../src/derive/instance.js';
import { environment } from '../../src/derive/point.js';
import { stream } from '../../src/random.js';
import { compiled } from '../models.js';

const mixture = (constraints: string): string => `model M
const K = 4
plate i over rows
plate k in 1..K
param pi : simplex[k]
param mu[k] : real[2]
param Sigma[k] : covariance[2]
param p[k] : unit
param v[k] : variance[2]
latent z[i] : k ~ Categorical(pi)
data x[i] : real[2] ~ Normal(mu[z[i]], Sigma[z[i]])
data y[i] : real[2] ~ Normal([0, 0], diag(v[z[i]]))
data b[i] : boolean ~ Bernoulli(p[z[i]])
${constraints}
`;

describe('degrees of freedom', () => {
  const count = (constraints: string): number => {
    const { derivation } = compiled(mixture(constraints));
    const instance = randomInstance(derivation.model, stream('1', 'degrees'));
    const { parameters } = instance;
    const point = { derivation, instance, field: float64, parameters, responsibilities: undefined };
    return evaluate(derivation.degreesOfFreedom, environment(point)).data[0];
  };
  const free = count('');
  it.each([
    ['constrain Sigma[1] = Sigma[2]', '3'],
    ['constrain Sigma[1] = Sigma[2]\nconstrain Sigma[2] = Sigma[4]', '6'],
    ['constrain v[3] = v[4]', '2'],
    ['constrain pi[1] = pi[3]', '1'],
    ['constrain pi[1] = pi[3]\nconstrain pi[3] = 0.1', '2'],
    ['constrain p[k] <= 0.5', '0'],
  ])('%s loses %s', (constraints, lost) => {
    expect(free - count(constraints)).toBe(Number(lost));
  });
});

describe('what is not solved is refused by name', () => {
  it.each([
    ['constrain Sigma[1] = 2 * Sigma[2]', 'other equations are solved for real numbers'],
    ['constrain p[k] = p[1]', 'leave the index off'],
    ['constrain v[1, 1] = v[2, 1]', 'one coordinate of a vector'],
    ['constrain pi[1] = 0.1\nconstrain pi[2] = 0.2\nconstrain pi[1] = pi[2]', 'held at different values'],
    ['constrain pi[k] <= 0.5', 'entries of a simplex'],
    ['constrain v[1, 1] <= 0.5', 'every coordinate'],
    ['constrain p[1] = p[2]\nconstrain p[1] <= 0.5', 'holds for all of them'],
    ['constrain p[1] = p[1]', 'both sides are the same'],
  ])('%s', (constraints, reason) => {
    const { diagnostics } = compileSource(mixture(constraints));
    expect(diagnostics.map((d) => `${d.code} ${d.message}`).join('\n')).toMatch(
      new RegExp(`GMM0304.*${reason}`),
    );
  });
});
