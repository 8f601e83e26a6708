/** Logits in the plan's three forms: affine residuals, the reference engine's, and polynomials in standard columns. */
import { describe, expect, it } from 'vitest';
import { float64 } from '../../src/algebra/fields.js';
import { evaluate } from '../../src/algebra/evaluate.js';
import { normalForm } from '../../src/algebra/normal.js';
import { environment } from '../../src/derive/point.js';
import { logitFunctions } from '../../src/engine/reference/logits.js';
import { standardisationOf, standardised } from '../../src/engine/standardise.js';
import { affineMatrix } from '../../src/plan/matrices.js';
import { logitPolynomials, naturalParameters } from '../../src/plan/natural.js';
import { frameOf } from '../../src/plan/frame.js';
import { whyNotPlain } from '../../src/plan/plain.js';
import type { LogitTerm } from '../../src/plan/types.js';
import { drawnParameters, prepared } from '../engine/programs.js';
import { compiled, plainExamples } from '../models.js';
import { caseOf, sources, toArrays } from './instances.js';
import type { Case } from './instances.js';

const pairsOf = (columns: number): readonly (readonly [number, number])[] =>
  Array.from({ length: columns }, (_, a) =>
    Array.from({ length: columns - a }, (__, b): readonly [number, number] => [a, a + b]),
  ).flat();

/** logit[k] at row i from coefficients of the standardised columns. */
function polynomial(run: Pick<Case, 'program' | 'data'>, parameters: ReturnType<typeof toArrays>) {
  const { program, data } = run;
  const standard = standardisationOf(data);
  const u = standardised(data, standard);
  const c = data.columns.length;
  const pairs = pairsOf(c);
  const { constant, linear, quadratic } = naturalParameters(program, parameters, standard, pairs);
  const at = (column: number, i: number): number => u[column * data.rows + i];
  return {
    quadratic,
    pairs: pairs.length,
    value: (k: number, i: number): number =>
      pairs.reduce(
        (s, [a, b], p) => s + quadratic[k * pairs.length + p] * at(a, i) * at(b, i),
        data.columns.reduce((s, _, a) => s + linear[k * c + a] * at(a, i), constant[k]),
      ),
  };
}

function expectSameLogits(
  run: Pick<Case, 'program' | 'data'>,
  parameters: ReturnType<typeof toArrays>,
): void {
  const natural = polynomial(run, parameters);
  const logits = logitFunctions(run.program, parameters, run.data);
  logits.forEach((logit, k) => {
    for (let i = 0; i < run.data.rows; i++) {
      const expected = logit(i);
      expect(Math.abs(natural.value(k, i) - expected)).toBeLessThanOrEqual(
        1e-10 * Math.max(1, Math.abs(expected)),
      );
    }
  });
}

/** Models whose logits are polynomials of the columns, one latent per row. */
const plain = Object.entries(sources).filter(
  ([, source]) => whyNotPlain(compiled(source).plan) === undefined,
);

describe('natural parameters give the reference engine’s logits', () => {
  it.each(plain)('%s, small random instances', (_, source) => {
    for (const seed of [1, 2]) {
      const run = caseOf(source, seed);
      expectSameLogits(run, toArrays(run.instance.parameters));
    }
  });

  it.each(plainExamples)('$name, its own data', async (example) => {
    const run = await prepared(example);
    expectSameLogits(run, await drawnParameters(run, 1));
  });

  it.each(plain)('%s: around places of the components’ own', (_, source) => {
    const run = caseOf(source, 1);
    const { program, data } = run;
    const parameters = toArrays(run.instance.parameters);
    const { shift, scale } = standardisationOf(data);
    const c = data.columns.length;
    const pairs = pairsOf(c);
    const places = Float64Array.from(
      { length: program.components * c },
      (__, n) => shift[n % c] + 0.3 * n * scale[n % c],
    );
    const around = logitPolynomials(program, pairs)(parameters, scale)(places);
    for (let k = 0; k < program.components; k++) {
      const place = places.slice(k * c, k * c + c);
      const one = naturalParameters(program, parameters, { shift: place, scale }, pairs);
      expect(around.constant[k]).toBe(one.constant[k]);
      for (const [all, own] of [
        [around.linear, one.linear],
        [around.quadratic, one.quadratic],
      ]) {
        const each = all.length / program.components;
        expect(all.slice(k * each, k * each + each)).toEqual(own.slice(k * each, k * each + each));
      }
    }
  });

  it('a scale that is not positive definite is refused', () => {
    const run = caseOf(sources['old-faithful'], 1);
    const parameters = toArrays(run.instance.parameters);
    parameters.get('Sigma' as never)!.data.fill(1);
    const standard = standardisationOf(run.data);
    expect(() => naturalParameters(run.program, parameters, standard, [])).toThrow('not positive definite');
    expect(() => logitFunctions(run.program, parameters, run.data)).toThrow('not positive definite');
  });

  it.each(plain)('%s: the quadratic part is one for all where the plan says so', (_, source) => {
    const run = caseOf(source, 3);
    if (run.plan.component === undefined) return;
    const { quadratic, pairs } = polynomial(run, toArrays(run.instance.parameters));
    const scale = Math.max(...quadratic.map(Math.abs));
    const gap = Math.max(...quadratic.map((q, at) => Math.abs(q - quadratic[at % pairs])));
    if (run.plan.sharedQuadratic) expect(gap).toBeLessThanOrEqual(1e-12 * scale);
    else expect(gap).toBeGreaterThan(1e-6 * scale);
  });
});

describe('affine forms', () => {
  type Quadratic = Extract<LogitTerm, { kind: 'quadratic' }>;
  it.each(plain)('%s: U c + u is the residual', (_, source) => {
    const run = caseOf(source, 1);
    const { derivation, plan, instance, program, data } = run;
    const terms =
      derivation.posterior?.logits.flatMap((l) => l.terms) ??
      derivation.factors.filter((f) => f.role === 'data').flatMap((f) => normalForm(f.density, f.line));
    const vectors = terms.flatMap((t) =>
      t.factors.flatMap((f) => (f.kind === 'quadratic' ? [f.vector] : [])),
    );
    const forms = plan.logits.filter((t): t is Quadratic => t.kind === 'quadratic');
    expect(forms.length).toBe(vectors.length);
    const { parameters } = instance;
    const env = environment({
      derivation,
      instance,
      field: float64,
      parameters,
      responsibilities: undefined,
    });
    const frame = frameOf(program, toArrays(parameters));
    for (let k = 0; k < program.components; k++) {
      if (plan.component !== undefined) frame.indices[plan.component.index] = k;
      forms.forEach((form, n) => {
        const { rows, columns, matrix, offset } = affineMatrix(form.residual, program, frame);
        for (let i = 0; i < data.rows; i++) {
          const indices = {
            [plan.rows!.index]: i,
            ...(plan.component === undefined ? {} : { [plan.component.index]: k }),
          };
          const expected = evaluate(vectors[n], { ...env, indices }).data;
          expect(expected.length).toBe(rows);
          expected.forEach((e, d) => {
            const sum = columns.reduce(
              (s, c, j) => s + matrix[d * columns.length + j] * data.columns[c][i],
              offset[d],
            );
            expect(Math.abs(sum - e)).toBeLessThan(1e-12 * (1 + Math.abs(e)));
          });
        }
      });
    }
  });
});

describe('what a plan shares', () => {
  it.each([
    // pooled scatter, shared quadratic, pairs of the statistics, pairs of the logits
    ['old-faithful', false, false, 'all', 'all'],
    ['tied', true, true, 'all', 'all'],
    ['diagonal', false, false, 'squares', 'squares'],
    ['tied-diagonal', true, true, 'squares', 'squares'],
    ['spherical', false, false, 'squares', 'squares'],
    ['tied-spherical', true, true, 'squares', 'squares'],
    ['galaxies', false, false, 'squares', 'squares'],
    ['two-curves', false, false, 'all', 'all'],
    ['a shared precision', true, true, 'all', 'all'],
    ['a shared curve and variance', true, true, 'all', 'all'],
  ] as const)('%s', (name, pooledScatter, sharedQuadratic, statistics, logits) => {
    expect(compiled(sources[name]).plan).toMatchObject({
      pooledScatter,
      sharedQuadratic,
      pairs: { statistics, logits },
    });
  });

  it.each(['fixed-variance', 'k-means'])('%s needs no second moments', (name) => {
    const { plan } = compiled(sources[name]);
    expect([plan.pairs.statistics, plan.sharedQuadratic]).toEqual(['none', true]);
  });
});
