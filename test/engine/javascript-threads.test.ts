/** The JavaScript engine on several threads: the same bits as on one, from threads that take part and come to an end. */
import { setTimeout } from 'node:timers/promises';
import type * as threads from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { weightedMedian } from '../../src/algebra/median.js';
import { compileSource } from '../../src/compile.js';
import { functions } from '../../src/algebra/functions.js';
import { automatic } from '../../src/engine/choose.js';
import { openByPatterns } from '../../src/engine/incomplete.js';
import { javascriptEngine } from '../../src/engine/javascript/engine.js';
import { openIncomplete } from '../../src/engine/javascript/incomplete.js';
import { openLanes } from '../../src/engine/javascript/lanes.js';
import type { LaneOptions } from '../../src/engine/javascript/lanes.js';
import { openRowReading } from '../../src/engine/javascript/row-reading.js';
import { referenceEngine } from '../../src/engine/reference/engine.js';
import type { RowData, Session } from '../../src/engine/types.js';
import { findCollapse } from '../../src/fit/collapse.js';
import { parameterStage } from '../../src/plan/parameter-stage.js';
import { program } from '../../src/plan/program.js';
import type { Moments, Parameters } from '../../src/plan/types.js';
import { stream } from '../../src/random.js';
import { examples } from '../models.js';
import type { Example } from '../models.js';
import { drawnParameters, prepared } from './programs.js';
import type { Prepared } from './programs.js';

/** As large data would be cut. */
const lanes = (threads: number): LaneOptions => ({ threads, limit: 0, leastRows: 8 });

const workers = vi.hoisted(() => ({ started: 0, ended: 0 }));
vi.mock('node:worker_threads', async (actual) => {
  const real = await actual<typeof threads>();
  class Worker extends real.Worker {
    constructor(...args: ConstructorParameters<typeof threads.Worker>) {
      super(...args);
      workers.started++;
      this.on('exit', () => workers.ended++);
    }
  }
  return { ...real, Worker };
});

// sessions share the threads of one that is open, which have started by then
const open: (() => void)[] = [];
beforeAll(async () => {
  for (const threads of [2, 5]) {
    const own = openLanes(1000, { operations: 1, numbers: 0 }, lanes(threads));
    expect(own.count).toBe(32);
    open.push(own.dispose);
    // each thread has a global object of its own
    const threadOf = own.pass(
      `let x = 0;
      return () => {
        for (let n = 0; n < 1e6; n++) x += Math.sqrt(n);
        return (globalThis.ownNumber ??= Math.random()) + 0 * x;
      };`,
      undefined,
      [],
    );
    for (let tries = 0; new Set(threadOf()).size < 2; tries++) {
      expect(tries, 'no other thread takes a lane').toBeLessThan(500);
      await setTimeout(20);
    }
  }
  expect(workers.started).toBe(5);
});
afterAll(async () => {
  for (const dispose of open) dispose();
  for (let tries = 0; workers.ended < workers.started && tries < 500; tries++) await setTimeout(20);
  expect(workers).toEqual({ started: 5, ended: 5 });
});

/** Whether it has weights or labels of its own. */
const isMarked = (e: Example): boolean => e.model.startsWith('rows');

const numbersOf = ({ weight, mean, scatter, groupWeight, strata }: Moments): unknown => [
  weight,
  mean,
  scatter,
  groupWeight,
  strata?.map(numbersOf),
];

const spreads = ({ program }: Prepared): Float64Array => new Float64Array(program.columns.length).fill(1);

/** All passes: two steps, the second's parameters with what the first reads of the rows; rows one by one, and given ones. */
async function answers(session: Session, run: Prepared, start: Parameters) {
  try {
    const first = await session.expectation(start);
    const moments = numbersOf(first.moments);
    const { parameters, failures } = parameterStage(run.program, first.moments, start);
    // what is drawn may leave a component nothing
    const isAll = failures.length === 0 && findCollapse(run.program, parameters, spreads(run)) === undefined;
    const second = isAll ? await session.expectation(parameters) : first;
    const ofSecond = numbersOf(second.moments);
    const rows = await session.posterior(start);
    const given = await session.momentsOf(rows.responsibilities);
    return structuredClone({
      steps: [first.logLikelihood, moments, second.logLikelihood, ofSecond],
      parameters: [...parameters].map(([name, { data }]) => [name, data]),
      rows,
      given: numbersOf(given),
      fromGiven: [...parameterStage(run.program, given, start).parameters].map(([, { data }]) => data),
    });
  } finally {
    session.dispose();
  }
}

describe('the bits do not depend on the number of threads', () => {
  it.each(examples)('$name', async (example) => {
    for (const marks of isMarked(example) ? [{}] : [{}, { weights: true, labels: true }]) {
      const run = await prepared(example, marks);
      if (run.data.hasMissing === true) continue;
      const start = await drawnParameters(run, 1);
      const at = async (options: LaneOptions) =>
        answers(await javascriptEngine(options).open(run.program, run.data), run, start);
      const one = await at(lanes(1));
      expect(await at(lanes(2))).toEqual(one);
      expect(await at(lanes(5))).toEqual(one);
    }
  });

  it.each(examples)('with missing cells: $name', async (example) => {
    const run = await prepared(example, { weights: !isMarked(example), missing: true });
    if (run.data.hasMissing !== true) return;
    const start = await drawnParameters(run, 1);
    const at = (options: LaneOptions) =>
      answers(
        openByPatterns(run.program, run.data, (rows) => openIncomplete(run.program, rows, options)),
        run,
        start,
      );
    const one = await at(lanes(1));
    expect(await at(lanes(2))).toEqual(one);
    expect(await at(lanes(5))).toEqual(one);
  });
});

describe('rows in lanes are summed as the reference has them', () => {
  it.each(examples)('$name', async (example) => {
    const run = await prepared(example, { weights: !isMarked(example) });
    if (run.data.hasMissing === true) return;
    const start = await drawnParameters(run, 1);
    const ours = await answers(await javascriptEngine(lanes(2)).open(run.program, run.data), run, start);
    const theirs = await answers(await referenceEngine.open(run.program, run.data), run, start);
    const expectAlike = (a: unknown, b: unknown): void => {
      if (Array.isArray(b) || ArrayBuffer.isView(b)) {
        const [x, y] = [Array.from(a as ArrayLike<unknown>), Array.from(b as ArrayLike<unknown>)];
        expect(x.length).toBe(y.length);
        const sizes = y
          .filter((v) => typeof v === 'number' && Number.isFinite(v))
          .map((v) => Math.abs(v as number));
        const largest = Math.max(1e-300, ...sizes);
        y.forEach((v, n) => {
          if (typeof v === 'number' && Number.isFinite(v))
            expect(Math.abs((x[n] as number) - v)).toBeLessThanOrEqual(1e-8 * largest);
          else expectAlike(x[n], v);
        });
      } else if (typeof b === 'number' && Number.isFinite(b))
        expect(Math.abs((a as number) - b)).toBeLessThanOrEqual(1e-9 * Math.abs(b));
    };
    expectAlike([ours.steps[0], ours.steps[2]], [theirs.steps[0], theirs.steps[2]]);
    expectAlike(ours.rows.responsibilities, theirs.rows.responsibilities);
  });
});

describe('medians among points of lanes', () => {
  const { plan } = compileSource(`
model Numbers
const K = 2
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param mu[k] : real
param b[k]  : positive
latent z[i] : k ~ Categorical(pi)
data   x[i] : real ~ Laplace(mu[z[i]], b[z[i]])
`);
  const reading = plan!.statistics.flatMap((s) => (s.reading.kind === 'median' ? [s.reading] : []))[0];

  it.each([
    ['of a sample', (u: number) => 10 * u ** 3],
    ['few different numbers', (u: number) => Math.floor(5 * u)],
    ['in order, as no sample would be', (_: number, i: number) => i],
  ] as const)('%s', (_, value) => {
    const random = stream('threads', 'medians');
    const rows = 50_000;
    const x = Float64Array.from({ length: rows }, (__, i) => value(random.uniform(), i));
    const data: RowData = { rows, columns: [x], weights: undefined, labels: [undefined] };
    const r = Float64Array.from({ length: 2 * rows }, () => Math.max(0, random.uniform() - 0.3));
    const found = [1, 2].map((threads) => {
      const reader = openRowReading(program(plan!, { K: 2, N: rows }, new Map()), data, { threads });
      const { rowMedian } = reader.under(r);
      const place = { parameters: new Map(), indices: { k: 1 }, component: 1, stratum: 0, combination: 0 };
      const median = rowMedian!(reading.value, reading.weight, place);
      reader.dispose();
      return median;
    });
    const expected = weightedMedian(
      x,
      r.filter((__, at) => at % 2 === 1),
    );
    expect(found).toEqual([expected, expected]);
  });
});

it('functions that kernels call are the same in all threads', () => {
  const names = Object.keys(functions).filter((name) => !['log', 'exp', 'abs'].includes(name));
  const own = openLanes(1000, { operations: 1, numbers: 0 }, lanes(2));
  const out = Array.from({ length: own.count }, () => own.floats(names.length + 1));
  const calls = [...names, 'exponential'].map((name, n) => `out[${String(n)}] = functions.${name}(x);`);
  const pass = own.pass(
    `return (from, to, x, out) => { for (let n = 0; n < 1e4; n++) { ${calls.join('\n')} } };`,
    undefined,
    [31.7],
    out.map((o) => [o]),
  );
  const expected = [...names, 'exp'].map((name) => functions[name as keyof typeof functions].value(31.7));
  for (let n = 0; n < 20; n++) {
    for (const o of out) o.fill(NaN);
    pass();
    for (const o of out) {
      expect(o).toEqual(out[0]);
      o.forEach((value, at) => {
        expect(Math.abs(value / expected[at] - 1)).toBeLessThan(1e-14);
      });
    }
  }
  own.dispose();
});

it('a kernel that fails is an error, once', () => {
  const own = openLanes(1000, { operations: 1, numbers: 0 }, lanes(2));
  const failing = own.pass(`return (from, to) => { if (from === 500) throw new Error(); };`, undefined, []);
  const working = own.pass(`return (from, to) => to - from;`, undefined, []);
  expect(failing).toThrow('a kernel failed');
  expect(working().reduce((a, b) => a + b)).toBe(1000);
  own.dispose();
});

it('small data start no threads, and are not copied', async () => {
  const before = workers.started;
  const run = await prepared(examples.find((e) => e.name === 'old-faithful')!);
  const session = await javascriptEngine({ threads: 7 }).open(run.program, run.data);
  await session.expectation(await drawnParameters(run, 1));
  expect(workers.started).toBe(before);
  const own = openLanes(run.data.rows, { operations: 10, numbers: 0 }, { threads: 7 });
  expect(own.sharedRows(run.data)).toBe(run.data);
  session.dispose();
});

it('automatically, where rows are short and log densities no polynomials', () => {
  const { plan } = compileSource(`
model Counts
const K = 2
plate i over rows
plate k in 1..K
param pi : simplex[k]
param m[k] : positive
param r[k] : positive
latent z[i] : k ~ Categorical(pi)
data n[i] : count ~ NegativeBinomial(m[z[i]], r[z[i]])
`);
  const request = { engine: 'auto', precision: 'float64', device: 'auto', threads: 2, steps: 100 } as const;
  const at = (k: number) => automatic(program(plan!, { K: k, N: 1e6 }, new Map()), 1e6, request);
  expect(at(3).name).toBe('javascript');
  expect(at(3).why).toContain('on all cores');
  expect(at(400).why).not.toContain('on all cores');
});
