/**
 * `npm run bench`: ms per EM step of each workload on each engine and on the one that `auto` picks, with its time to the
 * first result, the memory beyond the rows, and what the machine's own rates, measured on the spot, would give. Ratios
 * within one run count; absolute times depend on the machine and the hour. `-- --write` puts the tables into
 * docs/performance.md, `--large` measures 10 million rows too (1 GB, a minute); names choose workloads.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { rates } from './rates.mjs';
import { LARGE, YARDSTICK, growth, operationsOf, others, workloadOf, workloads } from './workloads.mjs';

// what is built has no types until it is
const { compile } = await import(String(new URL('../../dist/index.js', import.meta.url)));
const here = fileURLToPath(new URL('.', import.meta.url));
const ENGINES = ['javascript', 'wasm', 'tensorflow', 'tensorflow float32', 'tfjs'];
/** Engines that would take long for more multiply-adds a step than this are left out. */
const PATIENCE = 4e9;
const SLOW = ['javascript', 'tfjs'];
/** An engine this much faster than the one that `auto` picks is named beside it: less is noise. */
const CLEARLY = 1.25;

/** @typedef {import('./workloads.mjs').Workload} Workload */
/** @typedef {{ engine: string, msPerStep: number, firstMs: number, peakMb: number, lossPerRow?: number }} Result */

const write = process.argv.includes('--write');
const names = process.argv.slice(2).filter((a) => !a.startsWith('--'));
const unknown = names.filter((name) => workloadOf(name) === undefined);
if (unknown.length > 0) {
  process.stderr.write(`no workload ${unknown.join(', ')}\n`);
  process.exit(2);
}
/** @param {Workload} w */
const isWanted = (w) =>
  (names.length === 0 || names.includes(w.name)) && (w.rows < LARGE || process.argv.includes('--large'));

/** @param {Workload} workload @param {string} engine @returns {Result | undefined} */
function measured(workload, engine) {
  const { multiplyAdds } = operationsOf(workload, compile);
  if (SLOW.includes(engine) && multiplyAdds > PATIENCE) return undefined;
  const done = spawnSync(process.execPath, [`${here}worker.mjs`, workload.name, ...engine.split(' ')], {
    encoding: 'utf8',
  });
  if (done.status === 0) return JSON.parse(done.stdout);
  const reason = done.stderr.split('\n').find((line) => line.startsWith('error: ')) ?? done.stderr.trim();
  process.stderr.write(`${workload.name} on ${engine}: ${reason}\n`);
  return undefined;
}

const machine = await rates();

/** What the step's work takes at the machine's rates. @param {Workload} w */
function atTheRates(w) {
  if (machine === undefined) return undefined;
  const { multiplyAdds, functions } = operationsOf(w, compile);
  return multiplyAdds / machine.multiplyAddsPerMs + functions / machine.functionsPerMs;
}

/** Time over that of the rates. @param {Workload} w @param {Result | undefined} result */
function overRates(w, result) {
  const bound = atTheRates(w);
  return bound !== undefined && result !== undefined ? result.msPerStep / bound : undefined;
}

/** @type {number | undefined} */
let found;
/** The same of the yardstick, measured once. */
function yardstick() {
  const w = workloadOf(YARDSTICK);
  return (found ??= w && overRates(w, measured(w, 'auto')));
}

/** @param {number | undefined} x */
const number = (x) =>
  x === undefined ? '–' : x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toPrecision(2);

/** @param {number | undefined} x */
const loss = (x) => (x === undefined ? '–' : Math.abs(x).toExponential(0));

/**
 * The engine that `auto` picks and its time, and the fastest of float64 where that is clearly faster.
 * @param {Result | undefined} auto @param {readonly (Result | undefined)[]} results
 */
function picked(auto, results) {
  if (auto === undefined) return '–';
  const others = results.slice(0, 3).filter((r) => r !== undefined);
  const best = others.reduce((a, b) => (b.msPerStep < a.msPerStep ? b : a), auto);
  const faster = best.msPerStep * CLEARLY < auto.msPerStep && best.engine !== auto.engine;
  return `${number(auto.msPerStep)} ${auto.engine}${faster ? ` (${best.engine} is faster)` : ''}`;
}

/** @param {string} title @param {readonly Workload[]} list */
function table(title, list) {
  if (list.length === 0) return [];
  const head = [
    'workload',
    'N, D, K',
    ...ENGINES,
    'float32 costs',
    '`auto`',
    'at the rates',
    'share of it',
    `beside ${YARDSTICK}`,
    'first result',
    'memory',
  ];
  const lines = list.map((w) => {
    const results = ENGINES.map((engine) => measured(w, engine));
    const auto = measured(w, 'auto');
    const over = overRates(w, auto);
    const unit = over === undefined ? undefined : yardstick();
    const cells = [
      w.name,
      `${w.rows}, ${w.dim}, ${w.components}`,
      ...results.map((r) => number(r?.msPerStep)),
      loss(results[3]?.lossPerRow),
      picked(auto, results),
      number(atTheRates(w)),
      over === undefined ? '–' : `${Math.round(100 / over)} %`,
      over === undefined || unit === undefined ? '–' : number(over / unit),
      auto ? `${Math.round(auto.firstMs)} ms` : '–',
      auto ? `${Math.round(auto.peakMb)} MB` : '–',
    ];
    process.stderr.write(`${cells.join('  ')}\n`);
    return `| ${cells.join(' | ')} |`;
  });
  return [`## ${title}`, '', `| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...lines, ''];
}

const [{ model }] = cpus();
const text = [
  '# Speed',
  '',
  `Milliseconds per EM step (median after the second of 12; of so few rows that V8 is still making code in those, of more), by`,
  `\`npm run bench -- --write --large\` on ${cpus().length} cores (${model.trim()}), Node ${process.versions.node}. Only ratios within one run`,
  'count. float64 but for `tfjs` and where it says float32, with what that costs in nats a row (models that are no polynomials of',
  'the columns stay in float64 there). A dash: the engine does not run the model, or would take long. `auto` is a run of its own,',
  'with the engine that it picks; first result, memory (beyond the rows) and what follows are of that run. “At the rates” is what',
  'the multiply-adds and functions that go through the rows',
  'would take at the rates of matrix products and exponentials that TensorFlow reaches here on large arrays (an estimate:',
  `such rates swing by a half; what Newton’s method asks for is counted once); “beside ${YARDSTICK}” is the time over that bound,`,
  `divided by the same of ${YARDSTICK}: 3 means three times slower per unit of work.`,
  '',
  ...table('Workloads', workloads.filter(isWanted)),
  ...table('Other structures', others.filter(isWanted)),
  ...table('Growth', growth.filter(isWanted)),
].join('\n');
process.stdout.write(text);
if (write) writeFileSync(new URL('../../docs/performance.md', import.meta.url), text);
