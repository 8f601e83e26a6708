/**
 * One workload on one engine in a process of its own: `node worker.mjs NAME ENGINE [PRECISION]` prints times and memory as
 * JSON, and the engine that it ran on.
 */
import { rowsOf } from './rows.mjs';
import { workloadOf } from './workloads.mjs';

const [, , name, engine, precision] = process.argv;
const workload = workloadOf(name);
if (workload === undefined) throw new Error(`no workload ${name}`);
const { table, start } = rowsOf(workload);
const before = process.memoryUsage().rss / 2 ** 20;
const begin = performance.now();
// what is built has no types until it is
const { compile } = await import(String(new URL('../../dist/index.js', import.meta.url)));
const options = {
  engine,
  ...(precision && { precision }),
  start,
  set: { K: workload.components },
  tolerance: 0,
  maxIterations: workload.steps ?? 12,
};
const fit = await compile(workload.source)
  .fit(table, options)
  .catch((/** @type {Error} */ error) => {
    // an engine that does not run the model says why in one line
    process.stderr.write(`error: ${error.message.split('\n')[0]}\n`);
    process.exit(1);
  });
const wholeMs = performance.now() - begin;
const { timings, fit: found, engine: used } = fit.toJSON();
/** @type {readonly number[]} */
const iterationsMs = timings.iterationsMs;
const steps = iterationsMs.slice(2).sort((a, b) => a - b);
const after = iterationsMs.slice(1).reduce((a, b) => a + b, 0);
process.stdout.write(
  JSON.stringify({
    engine: used.name,
    msPerStep: steps[Math.floor(steps.length / 2)],
    // all but the steps after the first: what a user waits for anything at all
    firstMs: wholeMs - after,
    peakMb: process.resourceUsage().maxRSS / 1024 - before,
    lossPerRow: found.precisionLoss?.perRow,
    value: fit.logLikelihood ?? found.inertia,
  }),
);
