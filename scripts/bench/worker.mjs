/** One workload on one engine in a process of its own: `node worker.mjs NAME ENGINE` prints times and memory as JSON. */
import { growth, rowsOf, workloads } from './workloads.mjs';

const [, , name, engine, precision] = process.argv;
const workload = [...workloads, ...growth].find((w) => w.name === name);
if (workload === undefined) throw new Error(`no workload ${name}`);
const { table, start } = rowsOf(workload);
const before = process.memoryUsage().rss / 2 ** 20;
const begin = performance.now();
// what is built has no types until it is
const { compile } = await import(String(new URL('../../dist/index.js', import.meta.url)));
const fit = await compile(workload.source).fit(table, {
  engine,
  ...(precision && { precision }),
  start,
  set: { K: workload.components },
  tolerance: 0,
  maxIterations: workload.steps ?? 12,
});
const wholeMs = performance.now() - begin;
/** @type {readonly number[]} */
const iterationsMs = fit.toJSON().timings.iterationsMs;
const steps = iterationsMs.slice(2).sort((a, b) => a - b);
const after = iterationsMs.slice(1).reduce((a, b) => a + b, 0);
process.stdout.write(
  JSON.stringify({
    msPerStep: steps[Math.floor(steps.length / 2)],
    // all but the steps after the first: what a user waits for anything at all
    firstMs: wholeMs - after,
    peakMb: process.resourceUsage().maxRSS / 1024 - before,
    lossPerRow: fit.toJSON().fit.precisionLoss?.perRow,
    value: fit.logLikelihood ?? fit.toJSON().fit.inertia,
  }),
);
