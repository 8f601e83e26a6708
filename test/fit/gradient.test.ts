/** `--algorithm gradient`: its derivatives are those of the objective, and it ends where EM does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { whyNotPlain } from '../../src/plan/plain.js';
import { compile } from '../../src/index.js';
import { referenceEngine } from '../../src/engine/reference/engine.js';
import { objectiveOf } from '../../src/fit/em.js';
import { chartsOf, leadingOn } from '../../src/fit/coordinates.js';
import { marginalGradient } from '../../src/fit/gradient.js';
import type { Parameters } from '../../src/plan/types.js';
import { stream } from '../../src/random.js';
import { compiled, examples, exampleSource, root } from '../models.js';
import { drawnParameters, prepared } from '../engine/programs.js';
import { at, fitExample, report } from './fits.js';
import type { Parameters as Nested } from './fits.js';

const climbed = examples.filter(
  (e) => e.name !== 'missing-cells' && compiled(exampleSource(e)).plan.assignment === 'soft',
);

/** Along one random direction of all coordinates: five-point differences of the reference engine's objective. */
describe('the gradient is the slope of the objective', () => {
  it.each(climbed)('$name', async (example) => {
    const run = await prepared(example);
    const { program, data } = run;
    const session = await referenceEngine.open(program, data);
    const at = await drawnParameters(run, 5);
    const charts = chartsOf(program);
    const lists = charts.map((c) => c.directions(at));
    const random = stream(example.name, 'direction');
    const drawn = lists.map((list) => Float64Array.from(list, () => random.normal()));
    // a number on its floor or cap moves one way only: it has no slope
    const way = charts.map((c, n) => {
      const [up, down] = [drawn[n], drawn[n].map((x) => -x)].map((w) => leadingOn(c, at, w));
      return drawn[n].map((x, m) => (up[m] === 0 || down[m] === 0 ? 0 : x));
    });
    const moved = (t: number): Parameters =>
      new Map([
        ...at,
        ...charts.flatMap((c, n) => [
          ...c.moved(
            at,
            way[n].map((x) => t * x),
          ),
        ]),
      ]);
    const height = async (t: number): Promise<number> => {
      const there = moved(t);
      return objectiveOf(program, there, await session.expectation(there));
    };
    const gradient = await marginalGradient(program, session, data)(
      at,
      await session.expectation(at),
      lists.flat(),
    );
    const slope = way.flatMap((w) => [...w]).reduce((s, x, n) => s + x * gradient[n], 0);
    // coordinates of free numbers are in the data's units: steps that change the objective by about the same
    const h = 1e-3 / Math.max(1, Math.sqrt(Math.abs(slope)));
    const [a, b, c, d] = [await height(-2 * h), await height(-h), await height(h), await height(2 * h)];
    const difference = (a - 8 * b + 8 * c - d) / (12 * h);
    const size = Math.abs(await height(0));
    session.dispose();
    expect(Math.abs(slope - difference)).toBeLessThanOrEqual(
      1e-6 * Math.max(Math.abs(slope), 1) + (1e-14 * size) / h,
    );
  });
});

it('plain and other structures are among them', () => {
  const kinds = climbed.map((e) => whyNotPlain(compiled(exampleSource(e)).plan));
  expect(new Set(kinds).size).toBeGreaterThan(4);
});

const { fits } = JSON.parse(readFileSync(join(root, 'test/oracle/zoo.json'), 'utf8')) as {
  readonly fits: Readonly<Record<string, { readonly start: Nested; readonly objective: number }>>;
};

/** One of each structure; the numbers are scipy's (test/oracle/zoo.py). */
describe('it ends at the maximum that scipy finds from the same start', () => {
  it.each(['gamma', 'map-mixture', 'some-labels', 'known-classes', 'latent-classes', 'repeated-measures'])(
    '%s',
    check,
  );
  it.each(['mixture-of-mixtures', 'hurdle', 'experts', 'claims', 'effects', 'tied-coordinates'])('%s', check);

  async function check(name: string): Promise<void> {
    const { start, objective } = fits[name];
    const fit = await fitExample(name, { algorithm: 'gradient', start: at(start) });
    const { algorithm, newton, converged, trace } = report(fit);
    expect([algorithm, newton, converged]).toEqual(['gradient', [], true]);
    expect(Math.abs((fit.logPosterior ?? fit.logLikelihood!) - objective)).toBeLessThanOrEqual(1e-4);
    trace.slice(1).forEach((x, n) => {
      expect(x).toBeGreaterThanOrEqual(trace[n]);
    });
  }
});

it('where there is no likelihood in closed form, it says why it cannot run', async () => {
  const run = (name: string) => fitExample(name, { algorithm: 'gradient' });
  await expect(run('k-means')).rejects.toThrow(/GMM0514: `--algorithm gradient` cannot run: a limit has no/);
  await expect(run('missing-cells')).rejects.toThrow(/GMM0514: .*missing cells/);
});

it('a fit names its algorithm, and the parameters that Newton steps are for', async () => {
  const told = async (name: string) => {
    const { algorithm, newton } = report(await fitExample(name, { restarts: 1 }));
    return [algorithm, newton];
  };
  expect(await told('old-faithful')).toEqual(['em', []]);
  expect(await told('von-mises')).toEqual(['generalised-em', ['m', 'kappa']]);
});

it('latents whose values together are too many are refused by name, before anything runs', async () => {
  const levels = exampleSource(examples.find((e) => e.name === 'mixture-of-mixtures')!)
    .replace('K = 2', 'K = 200')
    .replace('L = 3', 'L = 100');
  const y = Float64Array.from({ length: 500 }, (_, i) => i);
  await expect(compile(levels).fit({ y })).rejects.toThrow(
    /GMM0515: `z` and `s` take 200 × 100 = 20000 values together.*at most 10000/,
  );
});
