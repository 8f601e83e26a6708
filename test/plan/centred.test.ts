/** Least squares with covariates far from zero: the slope, the variance and the fit are those of the rows moved to zero. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/index.js';
import { stream } from '../../src/random.js';

const random = stream('centred', 'rows');
const n = 200;
// multiples of 2^-10, so that moving them by 1e6 loses nothing
const t = Float64Array.from({ length: n }, () => Math.round(1024 * random.normal()) / 1024);
const u = Float64Array.from({ length: n }, () => Math.round(1024 * random.normal()) / 1024);
const z = Array.from({ length: n }, (_, i) => 1 + (i % 2));
const y = t.map((v, i) => (z[i] === 1 ? 3 + 2 * v - u[i] : -4 + v + 0.5 * u[i]) + 0.3 * random.normal());
const move = (column: Float64Array): Float64Array => column.map((v) => v + 1e6);

const line = `model Line
plate i over rows
param w  : real[3]
param s2 : variance
data t[i] : real
data u[i] : real
let  phi[i] = [1, t[i], u[i]]
data y[i] : real ~ Normal(dot(w, phi[i]), s2)
`;
const lines = `model Lines
const K = 2
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param w[k]  : real[3]
param s2[k] : variance
data t[i] : real
data u[i] : real
let  phi[i] = [1, t[i], u[i]]
latent z[i] : k ~ Categorical(pi)
data y[i] : real ~ Normal(dot(w[z[i]], phi[i]), s2[z[i]])
`;

const near = (actual: number, expected: number, relative: number): void =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.abs(expected));

function expectMoved(far: readonly number[], close: readonly number[]): void {
  near(far[1], close[1], 1e-9);
  near(far[2], close[2], 1e-9);
  near(far[0], close[0] - 1e6 * (close[1] + close[2]), 1e-9);
}

describe('covariates at 1e6', () => {
  it('of a line', async () => {
    const model = compile(line);
    const [close, far] = [await model.fit({ t, u, y }), await model.fit({ t: move(t), u: move(u), y })];
    expectMoved(far.parameters['w'] as number[], close.parameters['w'] as number[]);
    near(far.parameters['s2'] as number, close.parameters['s2'] as number, 1e-8);
    near(far.logLikelihood!, close.logLikelihood!, 1e-8);
  });

  it('of a mixture of lines, wherever the 1 stands among them', async () => {
    for (const phi of ['[1, t[i], u[i]]', '[t[i], 1, u[i]]', '[t[i], u[i], 1]']) {
      const model = compile(lines.replace('[1, t[i], u[i]]', phi));
      const start = { kind: 'labels', labels: { z } } as const;
      const close = await model.fit({ t, u, y }, { start, tolerance: 1e-11 });
      const far = await model.fit({ t: move(t), u: move(u), y }, { start, tolerance: 1e-11 });
      near(far.logLikelihood!, close.logLikelihood!, 1e-7);
      const terms = phi.slice(1, -1).split(', ');
      const order = ['1', 't[i]', 'u[i]'].map((term) => terms.indexOf(term));
      for (const k of [0, 1]) {
        const w = (fit: typeof far): number[] => {
          const row = (fit.parameters['w'] as number[][])[k];
          return order.map((at) => row[at]);
        };
        const [a, b] = [w(far), w(close)];
        near(a[1], b[1], 1e-6);
        near(a[2], b[2], 1e-6);
        near((far.parameters['s2'] as number[])[k], (close.parameters['s2'] as number[])[k], 1e-6);
      }
    }
  });

  it('a constant that is not 1 counts as one', async () => {
    const one = await compile(line).fit({ t: move(t), u: move(u), y });
    const five = await compile(line.replace('[1, ', '[5, ')).fit({ t: move(t), u: move(u), y });
    const [a, b] = [one.parameters['w'] as number[], five.parameters['w'] as number[]];
    near(5 * b[0], a[0], 1e-9);
    near(b[1], a[1], 1e-9);
  });

  it('a covariate that never changes beside the 1 is not determined', async () => {
    const still = new Float64Array(n).fill(1e6);
    await expect(compile(line).fit({ t, u: still, y })).rejects.toThrow('GMM0502');
  });

  // Two parameters are two updates that contain each other. Cycled, they crawl when t is far from zero: this passes, and
  // then fails here, once they are solved together.
  it('a line of two parameters is least squares too', async () => {
    const model = compile(`model Line
plate i over rows
param a  : real
param b  : real
param s2 : variance
data t[i] : real
data y[i] : real ~ Normal(a + b * t[i], s2)
`);
    const options = { maxIterations: 20 };
    const [close, far] = [
      await model.fit({ t, y }, options),
      await model.fit({ t: t.map((v) => v + 2000), y }, options),
    ];
    near(far.parameters['b'] as number, close.parameters['b'] as number, 1e-6);
    near(far.logLikelihood!, close.logLikelihood!, 1e-6);
  });
});
