/** What plates and latents are called changes no number: sums over coordinates have indices that nothing else has. */
import { describe, expect, it } from 'vitest';
import { compileSource } from '../../src/compile.js';
import { certify } from '../../src/derive/certificate.js';
import { replay } from '../../src/derive/replay.js';
import { stream } from '../../src/random.js';
import { exampleSource, examples } from '../models.js';

function problemsOf(source: string): readonly unknown[] {
  const { derivation, diagnostics } = compileSource(source);
  if (derivation === undefined) return diagnostics;
  return [
    ...certify(derivation, stream('names', 'certificate')).filter((check) => !check.passed),
    ...replay(derivation, stream('names', 'replay')).filter((step) => !step.passed),
  ];
}

/** Examples with sums over coordinates, which are written d where nothing else is. */
const summed = examples
  .map(({ name }) => ({ name, source: exampleSource(examples.find((e) => e.name === name)!) }))
  .filter(({ source }) => {
    const { q, updates } = compileSource(source).derivation!;
    return JSON.stringify([q, updates]).includes('"index":"d"');
  });

it('there are such examples', () => {
  expect(summed.map((e) => e.name)).toEqual(
    expect.arrayContaining(['diagonal', 'tied-diagonal', 'evi', 'vei', 'map-mixture']),
  );
});

describe.each([
  ['k', 'd'],
  ['i', 'd'],
])('plates %s that are called %s', (from, to) => {
  const renamed = summed.flatMap(({ name, source }) =>
    new RegExp(`\\b${to}\\b`).test(source) || !new RegExp(`^plate ${from} `, 'm').test(source)
      ? []
      : [{ name, source: source.replace(new RegExp(`\\b${from}\\b`, 'g'), to) }],
  );
  it.each(renamed)('$name', ({ source }) => {
    expect(problemsOf(source)).toEqual([]);
  });
});

it('a latent whose value is written d', () => {
  const source = `
model Counts
const K = 3
plate i over rows
plate k in 1..K
param pi      : simplex[k]
param theta   : unit
param rate[k] : positive
param mu[k]   : real[2]
param v[k]    : variance[2]
latent idle[i] : boolean ~ Bernoulli(theta)
latent z[i] : k          ~ Categorical(pi)
data n[i] : count        ~ if idle[i] then PointMass(0) else Poisson(rate[z[i]])
data y[i] : real[2]      ~ Normal(mu[z[i]], diag(v[z[i]]))
`;
  expect(JSON.stringify(compileSource(source).derivation!.posterior)).toContain('"index":"d"');
  expect(problemsOf(source)).toEqual([]);
});
