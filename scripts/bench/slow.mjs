/**
 * Slow problems: steps and time until the log-likelihood is within 1e-8 (relative) of the maximum that the start leads to, by
 * EM and by `--accelerate`; and by scikit-learn and mclust where a Python and an R that have them are named:
 * `node scripts/bench/slow.mjs [PYTHON [RSCRIPT]]`.
 * Everyone begins at the same parameters.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import seedrandom from 'seedrandom';

const here = new URL('.', import.meta.url);
const CLOSE = 1e-8;

/** @param {string} name @param {readonly string[]} columns */
function file(name, columns) {
  const [head, ...lines] = readFileSync(new URL(`../../models/data/${name}`, here), 'utf8')
    .trim()
    .split('\n');
  const at = columns.map((c) => head.split(',').indexOf(c));
  return lines.map((l) => at.map((n) => Number(l.split(',')[n])));
}

/** Four clusters in eight dimensions whose means are about one standard deviation apart in each. */
function overlapping() {
  const u = seedrandom.alea('5');
  const normal = () => Math.sqrt(-2 * Math.log(1 - u())) * Math.cos(2 * Math.PI * u());
  const centres = Array.from({ length: 4 }, () => Array.from({ length: 8 }, normal));
  return Array.from({ length: 10_000 }, (_, i) => centres[i % 4].map((m) => m + normal()));
}

const problems = [
  {
    name: 'iris, K = 4',
    rows: file('iris.csv', ['sepal_length', 'sepal_width', 'petal_length', 'petal_width']),
  },
  { name: 'Old Faithful, K = 4', rows: file('faithful.csv', ['eruptions', 'waiting']) },
  { name: '10 000 × 8, overlapping, K = 4', rows: overlapping() },
];

/** K rows as means, the covariance of all rows for each. @param {readonly number[][]} rows @param {number} k */
function startOf(rows, k) {
  const n = rows.length;
  const mean = rows[0].map((_, d) => rows.reduce((s, r) => s + r[d], 0) / n);
  const Sigma = mean.map((a, i) =>
    mean.map((b, j) => rows.reduce((s, r) => s + (r[i] - a) * (r[j] - b), 0) / n),
  );
  const mu = Array.from({ length: k }, (_, c) => rows[Math.floor(((c + 0.5) * n) / k)]);
  return { pi: mu.map(() => 1 / k), mu, Sigma: mu.map(() => Sigma) };
}

const source = /** @param {number} dim */ (dim) => `
model Full
const K = 4
plate i over rows
plate k in 1..K
param pi       : simplex[k]
param mu[k]    : real[D]
param Sigma[k] : covariance[D]
latent z[i] : k ~ Categorical(pi)
data   x[i] : real[D] from ${Array.from({ length: dim }, (_, d) => `x${d + 1}`).join(', ')} ~ Normal(mu[z[i]], Sigma[z[i]])
`;

const { compile } = await import(String(new URL('../../dist/index.js', here)));
const [python, rscript] = process.argv.slice(2);

/** @param {string | undefined} program @param {string} script @param {string} input */
function peer(program, script, input) {
  if (program === undefined) return 'not asked';
  const done = spawnSync(program, [new URL(script, here).pathname], { input, encoding: 'utf8' });
  return done.status === 0 ? done.stdout.trim() : (done.stderr.trim().split('\n').at(-1) ?? 'failed');
}

const lines = [
  '## Slow problems',
  '',
  'Steps and time from the same start until the log-likelihood is within 1e-8 (relative) of the maximum that it leads to',
  '(`node scripts/bench/slow.mjs PYTHON RSCRIPT`); full covariances.',
  '',
  '| problem | log-likelihood | EM | accelerated | scikit-learn | mclust |',
  '| --- | --- | --- | --- | --- | --- |',
];
for (const { name, rows } of problems) {
  const table = Object.fromEntries(rows[0].map((_, d) => [`x${d + 1}`, rows.map((r) => r[d])]));
  const parameters = startOf(rows, 4);
  const model = compile(source(rows[0].length));
  /** @param {boolean} accelerate @param {number} tolerance */
  const run = async (accelerate, tolerance) => {
    const fit = await model.fit(table, {
      start: { kind: 'parameters', parameters },
      accelerate,
      tolerance,
      maxIterations: 20_000,
    });
    const { timings, fit: summary } = fit.toJSON();
    /** @type {readonly number[]} */
    const trace = summary.trace;
    /** @type {readonly number[]} */
    const ms = timings.iterationsMs;
    return { trace, ms, value: fit.logLikelihood };
  };
  await run(false, 1e-6);
  const best = await run(false, 0);
  /** @param {Awaited<ReturnType<typeof run>>} found */
  const reached = (found) => {
    const at = found.trace.findIndex((l) => l >= best.value - CLOSE * Math.abs(best.value));
    if (at < 0) return `another maximum (${found.value.toFixed(4)})`;
    return `${at} steps, ${found.ms
      .slice(0, at)
      .reduce((a, b) => a + b, 0)
      .toFixed(0)} ms`;
  };
  const plain = reached(best);
  const fast = reached(await run(true, 0));
  const target = best.value - CLOSE * Math.abs(best.value);
  const { pi, mu, Sigma } = parameters;
  const sklearn = peer(python, 'slow.py', JSON.stringify({ rows, start: parameters, target }));
  const numbers = [rows.length, rows[0].length, pi.length, target, ...rows.flat(), ...pi, ...mu.flat()];
  const mclust = peer(rscript, 'slow.R', [...numbers, ...Sigma.flat(2)].join('\n'));
  lines.push(`| ${name} | ${best.value.toFixed(6)} | ${plain} | ${fast} | ${sklearn} | ${mclust} |`);
}
process.stdout.write(`${lines.join('\n')}\n`);
