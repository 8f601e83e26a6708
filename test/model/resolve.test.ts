import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from '../../grammar/parse.js';
import { modelFaults } from '../../src/model/check.js';
import { printExpression, printModel, printType } from '../../src/model/print.js';
import type { ModelProblem } from '../../src/model/problems.js';
import { resolve } from '../../src/model/resolve.js';
import type { Expression, Model } from '../../src/model/types.js';
import { CORRECT } from './models.js';
import { signatures } from './signatures.js';

const shared = join(import.meta.dirname, '..', '..', '..', 'shared');

function resolved(text: string): { readonly model: Model; readonly problems: readonly ModelProblem[] } {
  const tree = parse(text);
  expect(tree.problems).toEqual([]);
  const { value, problems } = resolve(tree.value, signatures);
  return { model: value, problems };
}

/** The Model of a text without mistakes. */
function modelOf(text: string): Model {
  const { model, problems } = resolved(text);
  expect(problems.filter((p) => p.severity === 'error')).toEqual([]);
  expect(modelFaults(model)).toEqual([]);
  return model;
}

const scaleOf = (model: Model, symbol: string): Expression => {
  const line = model.factors.find((f) => f.symbol === symbol)!.distribution;
  if (line.kind !== 'distribution') throw new Error('not a distribution');
  return line.arguments['scale'];
};

const typeOf = (model: Model, name: string): string => {
  const all = [
    ...model.parameters,
    ...model.latents,
    ...model.data,
    ...model.definitions,
    ...model.constants,
  ];
  return printType(all.find((s) => s.name === name)!.type);
};

describe('models that are right have no problems', () => {
  it.each(Object.entries(CORRECT))('%s', (_, text) => {
    const { problems } = resolved(text);
    expect(problems.filter((p) => p.severity !== 'pedantic')).toEqual([]);
    modelOf(text);
  });
  const folders = [
    join(shared, 'reference', 'models'),
    join(shared, 'peers', 'models'),
    ...readdirSync(join(shared, 'cases'), { withFileTypes: true })
      .filter(
        (f) =>
          f.isDirectory() &&
          !['two-errors-at-once', 'bare-number-as-scale', 'symbol-never-used'].includes(f.name),
      )
      .map((f) => join(shared, 'cases', f.name)),
  ];
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((f) => f.endsWith('.gmm'))
      .map((f) => join(folder, f)),
  );
  it.each(files.map((f) => f.slice(shared.length + 1)))('%s', (file) => {
    const text = readFileSync(join(shared, file), 'utf8');
    modelOf(text);
    expect(resolved(text).problems.filter((p) => p.severity !== 'pedantic')).toEqual([]);
  });
});

describe('sizes', () => {
  it('are found from a vector written out, and put in everywhere', () => {
    const model = modelOf(CORRECT['a mixture of regressions whose size the basis fixes']);
    expect(model.sizes.map(({ name, value }) => [name, value])).toEqual([['P', 2]]);
    expect(typeOf(model, 'w')).toBe('real[2]');
  });
  it('are found from columns', () => {
    expect(typeOf(modelOf(CORRECT['the example of the language page']), 'Sigma')).toBe('covariance[2]');
  });
  it('stay names where the data decide', () => {
    const model = modelOf(CORRECT['a fixed variance']);
    expect(model.sizes.map(({ name, value }) => [name, value])).toEqual([['D', undefined]]);
    expect(printType(scaleOf(model, 'x').type)).toBe('covariance[D]');
  });
  it('that are constants must be whole numbers, and are told apart from other constants', () => {
    const model = modelOf(CORRECT['a fixed variance']);
    expect(model.constants.map(({ name, isSize }) => [name, isSize])).toEqual([
      ['K', true],
      ['eps', false],
    ]);
  });
});

describe('indices', () => {
  it('name first the plates, then the coordinates', () => {
    const model = modelOf(CORRECT['a hidden Markov model']);
    const [constraint] = model.constraints;
    expect(constraint?.left).toMatchObject({
      kind: 'symbol',
      name: 'A',
      indices: [{ kind: 'number', value: 1 }],
      coordinates: [{ kind: 'number', value: 2 }],
      type: { domain: 'unit', shape: [] },
    });
  });
  it('reach through a latent, a group and the row before', () => {
    const grouped = modelOf(CORRECT['repeated measures']);
    expect(grouped.factors.map((f) => printExpression(f.distribution)).at(-1)).toContain('mu[z[id[i]]]');
    const chain = modelOf(CORRECT['a hidden Markov model']);
    expect(chain.factors.map((f) => printExpression(f.distribution))[1]).toContain('A[z[t-1]]');
  });
  it('of the beginning of a sequence leave the plate out of the line', () => {
    const [first, rest] = modelOf(CORRECT['a hidden Markov model']).factors;
    expect(first).toMatchObject({ symbol: 'z', plates: [], first: 't' });
    expect(rest).toMatchObject({ symbol: 'z', plates: ['t'] });
    expect(rest).not.toHaveProperty('first');
  });
  it('left free in a constraint mean every value', () => {
    const model = modelOf(CORRECT['kinds of scale']);
    expect(model.constraints).toMatchObject([
      { relation: '<=', plates: ['k'], left: { kind: 'number', value: 0.1 } },
    ]);
  });
});

describe('what the language leaves to the place is put in', () => {
  it('a number stands in every coordinate', () => {
    const model = modelOf(CORRECT['priors and constraints']);
    const prior = model.factors[0].distribution;
    expect(printExpression(prior)).toBe('Dirichlet(concentration: fill(2, k))');
    expect(model.constraints[1].right).toMatchObject({ kind: 'fill', value: { kind: 'number', value: 0 } });
  });
  it('`I` has the size of its place', () => {
    const [prior] = modelOf(CORRECT['factor analysis']).factors;
    expect(printExpression(prior.distribution)).toBe('Normal(mean: fill(0, Q), scale: I[Q] as variance)');
  });
});

describe('scales', () => {
  const model = modelOf(CORRECT['kinds of scale']);
  it.each([
    ['a', 'variance', 's² + v + 1/τ'],
    ['b', 'sd', '√v + 2 s'],
    ['c', 'variance', 'variance: 0.3'],
    ['d', 'sd', 'sd: 0.3'],
    ['e', 'precision', 'a precision, by name'],
  ])('%s has a %s: %s', (symbol, kind) => {
    expect(scaleOf(model, symbol).type.scale).toBe(kind);
  });
  it('stay one through diag, and products with positive numbers', () => {
    const sd = modelOf(
      'plate i over rows\nparam mu : real[D]\nparam s : sd[D]\nparam c : positive\ndata x[i] : real[D] ~ Normal(mu, c * diag(s))',
    );
    expect(scaleOf(sd, 'x').type.scale).toBe('sd');
  });
  it('a ratio of two variances is a plain number', () => {
    const { problems } = resolved(
      'plate i over rows\nparam a : variance\nparam b : variance\ndata x[i] : real ~ Normal(0, a / b)',
    );
    expect(problems.map((p) => p.kind)).toContain('scale-without-kind');
  });
  it('a matrix of plain numbers is a covariance, and so is the constant of a limit times I', () => {
    expect(scaleOf(modelOf(CORRECT['an untyped constant times I']), 'x').type.scale).toBe('variance');
    expect(scaleOf(modelOf(CORRECT['k-means']), 'x').type.scale).toBe('variance');
    expect(scaleOf(modelOf(CORRECT['volume, shape and orientation']), 'x').type).toMatchObject({
      domain: 'covariance',
      scale: 'variance',
    });
  });
});

describe('after a mistake', () => {
  it('nothing follows from it', () => {
    const { problems } = resolved(
      'plate i over rows\nparam mu : vektor\nparam s2 : variance\ndata x[i] : real ~ Normal(mu + 1, s2)\nconstrain mu = 0',
    );
    expect(problems.map((p) => p.kind)).toEqual(['unknown-type']);
  });
  it('all others are still found, in the order of the text', () => {
    const { problems } = resolved(
      'plate i over rows\nparam a : reel\ndata x[i] : real ~ Norml(a, 1)\ndata y[i] : real ~ Normal(0, 1)',
    );
    expect(problems.map((p) => p.kind)).toEqual([
      'unknown-type',
      'unknown-distribution',
      'scale-without-kind',
    ]);
  });
  it('a size may come from a constant of no value', () => {
    modelOf(
      'const D\nplate i over rows\nparam mu : real[D]\nparam s2 : variance\ndata x[i] : real[2] ~ Normal(mu, s2 * I)',
    );
  });
});

describe('a Model is shown with everything that is known of it', () => {
  it('for a mixture', () => {
    expect(printModel(modelOf(CORRECT['the example of the language page'])))
      .toBe(`model OldFaithful "Old Faithful"

plate i over rows
plate k in 1..K

const K : count = 2  (a size)

size D = 2

param pi : simplex[k]
param mu[k] : real[2]
param Sigma[k] : covariance[2]

latent z[i] : k

data x[i] : real[2]  from eruptions, waiting

line 0    z[i] ~ Categorical(p: pi)
line 1    x[i] ~ Normal(mean: mu[z[i]], scale: Sigma[z[i]] as variance)
`);
  });
});
