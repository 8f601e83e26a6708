/** Which of two engines is asked, step by step, as the share changes that the first one could not leave out. */
import { expect, it } from 'vitest';
import { compileSource } from '../../src/compile.js';
import { exchanging } from '../../src/engine/exchange.js';
import { openTensorFlow } from '../../src/engine/libraries.js';
import { referenceEngine } from '../../src/engine/reference/engine.js';
import { isTensorFlowInstalled } from '../../src/engine/tensorflow/load.js';
import type { Engine, Expectation, RowData } from '../../src/engine/types.js';
import { openWasm } from '../../src/engine/wasm/engine.js';
import { parameterStage } from '../../src/plan/parameter-stage.js';
import { program as programOf } from '../../src/plan/program.js';
import type { Moments, Parameters, Program } from '../../src/plan/types.js';
import { stream } from '../../src/random.js';

/** An engine that writes its letter for every step, and for being closed. */
const engine = (letter: string, log: string[], active: () => number | undefined): Engine => ({
  name: 'wasm',
  precision: 'float64',
  device: 'cpu',
  threads: 1,
  version: letter,
  open: () =>
    Promise.resolve({
      expectation: (): Expectation => {
        log.push(letter);
        const share = active();
        return {
          moments: {} as Moments,
          logLikelihood: 0,
          ...(share === undefined ? {} : { active: share }),
        };
      },
      momentsOf: () => ({}) as Moments,
      posterior: () => ({ responsibilities: new Float64Array(0), logDensity: new Float64Array(0) }),
      dispose: () => {
        log.push(letter.toUpperCase());
      },
    }),
});

const [program, data] = [{} as Program, {} as RowData];

async function steps(
  shares: readonly (number | undefined)[],
  second: 'there' | 'not there' = 'there',
): Promise<string> {
  const log: string[] = [];
  let step = 0;
  const first = engine('w', log, () => shares[step]);
  const other = (): Promise<Engine | undefined> => {
    log.push('!');
    return Promise.resolve(second === 'there' ? engine('t', log, () => undefined) : undefined);
  };
  const session = await exchanging(first, other).open(program, data);
  for (step = 0; step < shares.length; step++) await session.expectation(new Map());
  session.dispose();
  await Promise.resolve().then(() => undefined);
  return log.join('');
}

const times = (n: number, share: number): readonly number[] => Array.from({ length: n }, () => share);

it('stays with the first while it leaves much out, or says nothing', async () => {
  expect(await steps(times(12, 0.5))).toBe('w'.repeat(12) + 'W');
  expect(await steps([undefined, undefined])).toBe('wwW');
});

it('waits for four dense steps in succession', async () => {
  expect(await steps([...times(3, 0.95), 0.1, ...times(3, 0.95)])).toBe('w'.repeat(7) + 'W');
});

it('opens the second once, and measures again after eight steps', async () => {
  const log = await steps(times(24, 0.95));
  expect(log.slice(0, 25)).toBe('wwww!' + 't'.repeat(8) + 'w' + 't'.repeat(8) + 'w' + 'tt');
});

it('comes back when much can be left out again', async () => {
  const log = await steps([...times(4, 0.95), ...times(8, 0.95), ...times(3, 0.1)]);
  expect(log.slice(0, 16)).toBe('wwww!' + 't'.repeat(8) + 'www');
});

it('does all with the first where there is no second', async () => {
  expect(await steps(times(8, 0.95), 'not there')).toBe('wwww!wwwwW');
});

it.skipIf(!isTensorFlowInstalled().ok)(
  'with TensorFlow, where all components overlap: the same steps',
  async () => {
    const [k, d, rows] = [2, 32, 700];
    const { plan } = compileSource(`
model Overlap
const K = ${String(k)}
plate i over rows
plate k in 1..K
param pi       : simplex[k]
param mu[k]    : real[D]
param Sigma[k] : covariance[D]
latent z[i] : k       ~ Categorical(pi)
data   x[i] : real[D] ~ Normal(mu[z[i]], Sigma[z[i]])
`);
    const random = stream('exchange', 'overlap');
    const array = (shape: readonly number[], value: (at: number) => number) => ({
      shape,
      data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => value(at)),
    });
    const columns = Array.from({ length: d }, () =>
      Float64Array.from({ length: rows }, () => random.normal()),
    );
    const run = programOf(plan!, { D: d, K: k, N: rows }, new Map());
    const table: RowData = { rows, columns, weights: undefined, labels: [undefined] };
    const start = {
      pi: array([k], () => 1 / k),
      mu: array([k, d], () => 0.1 * random.normal()),
      Sigma: array([k, d, d], (at) => (Math.floor(at / d) % d === at % d ? 1 : 0)),
    };
    let parameters: Parameters = new Map(
      plan!.model.parameters.map((p) => [p.name, start[String(p.name) as keyof typeof start]]),
    );
    let bySecond = 0;
    const tensorflow = async (): Promise<Engine | undefined> => {
      const { engine: opened } = await openTensorFlow({ threads: 1, device: 'cpu' });
      return (
        opened && {
          ...opened,
          open: async (p, rowData) => {
            const session = await opened.open(p, rowData);
            return {
              ...session,
              expectation: (at) => {
                bySecond++;
                return session.expectation(at);
              },
            };
          },
        }
      );
    };
    const { engine: first } = openWasm({ threads: 2, device: 'auto' });
    const ours = await exchanging(first!, tensorflow).open(run, table);
    const theirs = await referenceEngine.open(run, table);
    for (let step = 0; step < 8; step++) {
      const [e, f] = [await ours.expectation(parameters), await theirs.expectation(parameters)];
      expect(Math.abs(e.logLikelihood / f.logLikelihood - 1)).toBeLessThan(1e-11);
      f.moments.mean.forEach((m, n) => {
        expect(Math.abs(e.moments.mean[n] - m)).toBeLessThan(1e-10);
      });
      ({ parameters } = parameterStage(run, f.moments, parameters));
    }
    ours.dispose();
    expect(bySecond).toBe(4);
  },
);
