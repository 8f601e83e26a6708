/**
 * Small steps and short fits beside other programs, which take turns with this one in one run:
 * `node scripts/bench/peers.mjs [PYTHON [CXX]]`, a Python that has scikit-learn and a C++ compiler that finds Armadillo.
 *
 * A step's time is (a fit of many steps − a fit of few) / the steps between, so that what a fit costs once cancels. A fit of
 * k-means is timed whole: rows in memory in, result out.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { models } from './models.mjs';
import { rowsOf } from './rows.mjs';
import { workloadOf } from './workloads.mjs';

const here = new URL('.', import.meta.url);
const { compile } = await import(String(new URL('../../dist/index.js', here)));
const [python, cxx] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'gmm-bench-'));

/** @typedef {{ ms: number, steps: number, value: number, stepsMs?: readonly number[] }} Answer */
/** @typedef {{ name: string, fit: (steps: number) => Promise<Answer>, end: () => void }} Program */
/**
 * @typedef {object} Problem
 * @property {keyof typeof models} model
 * @property {readonly Float64Array[]} columns
 * @property {readonly (readonly number[])[]} means
 * @property {number} variance
 * @property {unknown} start
 */

/** A program that answers a line by a line. @param {string} name @param {string} file @param {readonly string[]} args @returns {Program} */
function asked(name, file, args) {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    name,
    fit: async (steps) => {
      child.stdin.write(`${steps}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${name} ended without an answer`);
      return JSON.parse(value);
    },
    end: () => child.stdin.end(),
  };
}

/** This program. @param {Problem} problem @returns {Program} */
function ours({ model, columns, means, start }) {
  const compiled = compile(models[model]);
  const table = Object.fromEntries(columns.map((c, d) => [`x${d + 1}`, c]));
  return {
    name: 'gmm',
    fit: async (steps) => {
      const begin = performance.now();
      const fit = await compiled.fit(table, {
        start,
        set: { K: means.length },
        tolerance: 0,
        maxIterations: steps,
      });
      const ms = performance.now() - begin;
      const { timings, fit: found } = fit.toJSON();
      const value = (fit.logLikelihood ?? found.inertia) / columns[0].length;
      return { ms, steps: timings.iterationsMs.length, value, stepsMs: timings.iterationsMs };
    },
    end: () => undefined,
  };
}

/** Everyone who is there. @param {Problem} problem @returns {readonly Program[]} */
function programs(problem) {
  const { model, columns, means, variance } = problem;
  const [rows, start] = [join(folder, 'rows.f64'), join(folder, 'start.f64')];
  const [n, d] = [columns[0].length, columns.length];
  writeFileSync(
    rows,
    Float64Array.from({ length: n * d }, (_, at) => columns[at % d][Math.floor(at / d)]),
  );
  writeFileSync(start, Float64Array.from(means.flat()));
  const args = [rows, start, n, d, means.length, variance].map(String);
  const list = [ours(problem)];
  if (python !== undefined)
    list.push(asked('scikit-learn', python, [new URL('peers.py', here).pathname, ...args, model]));
  if (cxx !== undefined && model === 'full') {
    const program = join(folder, 'peers');
    const flags = ['-O3', '-march=native', '-fopenmp', new URL('peers.cpp', here).pathname, '-o', program];
    const built = spawnSync(cxx, [...flags, '-larmadillo', '-lopenblas'], { encoding: 'utf8' });
    if (built.status === 0) list.push(asked('Armadillo', program, args));
    else process.stderr.write(`no Armadillo: ${built.stderr.split('\n')[0]}\n`);
  }
  return list;
}

/** @param {readonly number[]} list */
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
/** @param {readonly number[]} list */
const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
/** @param {number} ms */
const micro = (ms) => `${(ms * 1000).toFixed(1)} µs`;

/** The eruptions of the Old Faithful geyser, from two of them. @returns {Problem} */
function tiny() {
  const lines = readFileSync(new URL('../../models/data/faithful.csv', here), 'utf8').trim().split('\n');
  const rows = lines.slice(1).map((l) => l.split(',').map(Number));
  const columns = [0, 1].map((d) => Float64Array.from(rows, (r) => r[d]));
  const means = [rows[0], rows[2]];
  const variance = 30;
  const Sigma = means.map(() => [
    [variance, 0],
    [0, variance],
  ]);
  const parameters = { pi: [0.5, 0.5], mu: means, Sigma };
  return { model: 'full', columns, means, variance, start: { kind: 'parameters', parameters } };
}

const FEW = 2;
const MANY = 2000;
const TURNS = 9;

async function tinyTable() {
  const list = programs(tiny());
  const [own] = list;
  const fresh = (await own.fit(MANY)).stepsMs ?? [];
  const steps = list.map(() => /** @type {number[]} */ ([]));
  const stepsMs = [];
  const values = /** @type {string[]} */ ([]);
  for (let round = 0; round < TURNS; round++)
    for (const [at, program] of list.entries()) {
      const few = await program.fit(FEW);
      const many = await program.fit(MANY);
      steps[at].push((many.ms - few.ms) / (many.steps - few.steps));
      values[at] = `${many.value.toFixed(6)} after ${many.steps}`;
      if (at === 0) stepsMs.push(...(many.stepsMs ?? []));
    }
  list.forEach((p) => p.end());
  const times = steps.map(median);
  return [
    `272 × 2, K = 2, full covariances (Old Faithful), a step by the difference between fits of ${MANY} steps and of ${FEW}, median of ${TURNS}:`,
    '',
    '| program | a step | times its speed | mean log-likelihood, steps |',
    '| --- | --- | --- | --- |',
    ...list.map(
      (p, at) =>
        `| ${p.name} | ${micro(times[at])} | ${at === 0 ? '' : (times[at] / times[0]).toFixed(1)} | ${values[at]} |`,
    ),
    '',
    `gmm’s steps by its own clock: median ${micro(median(stepsMs))}, mean ${micro(mean(stepsMs))}; of the first ${MANY} steps of`,
    `a process, while code is still being made: median ${micro(median(fresh))}, mean ${micro(mean(fresh))}.`,
    '',
  ];
}

/** @param {number} separation of the centres: 1 as they are drawn @returns {Problem} */
function clusters(separation) {
  const workload = workloadOf('kmeans-16d');
  if (workload === undefined) throw new Error('no workload kmeans-16d');
  const { table, start } = rowsOf({ ...workload, separation });
  const columns = /** @type {readonly Float64Array[]} */ (Object.values(table));
  const { mu } = /** @type {{ mu: number[][] }} */ (start.parameters);
  return { model: 'kmeans', columns, means: mu, variance: 1, start };
}

const STEPS = 12;

async function kMeansTable() {
  const lines = /** @type {string[]} */ ([]);
  for (const [name, separation] of /** @type {const} */ ([
    ['apart', 3],
    ['overlapping', 0.5],
  ])) {
    const list = programs(clusters(separation));
    const first = /** @type {Answer[]} */ ([]);
    for (const p of list) first.push(await p.fit(STEPS));
    const later = list.map(() => /** @type {number[]} */ ([]));
    for (let round = 0; round < TURNS; round++)
      for (const [at, p] of list.entries()) later[at].push((await p.fit(STEPS)).ms);
    list.forEach((p) => p.end());
    const times = later.map(median);
    list.forEach((p, at) =>
      lines.push(
        `| ${name} | ${p.name} | ${times[at].toFixed(0)} ms | ${at === 0 ? '' : (times[at] / times[0]).toFixed(2)} | ` +
          `${first[at].ms.toFixed(0)} ms | ${first[at].steps} | ${first[at].value.toFixed(6)} |`,
      ),
    );
  }
  return [
    `A whole k-means fit of at most ${STEPS} steps, 500 000 × 16, K = 64, rows in memory in, result out, median of ${TURNS} after the first:`,
    '',
    '| centres | program | a fit | times its speed | the first fit of a process | steps | inertia per row |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ];
}

try {
  const text = [...(await tinyTable()), ...(await kMeansTable())];
  process.stdout.write(`${text.join('\n')}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
