/**
 * `npm run bench`: ms per EM step of each workload on each engine, with the time to the first result, the memory beyond
 * the rows, and what the machine's own rates, measured on the spot, would give. Ratios within one run count; absolute times depend
 * on the machine and the hour. `-- --write` puts the tables into docs/performance.md, `--large` measures 10 million rows
 * too (1 GB, a minute); names choose workloads.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { LARGE, growth, operationsOf, workloads } from './workloads.mjs';

// what is built has no types until it is
const { compile } = await import(String(new URL('../../dist/index.js', import.meta.url)));
const here = fileURLToPath(new URL('.', import.meta.url));
const ENGINES = ['javascript', 'tensorflow', 'tensorflow float32', 'tfjs'];
/** An engine that would take longer than this for a step is left out. */
const PATIENCE = 4e9;

/** @typedef {import('./workloads.mjs').Workload} Workload */
/** @typedef {{ msPerStep: number, firstMs: number, peakMb: number, lossPerRow?: number }} Result */
/** @typedef {{ multiplyAddsPerMs: number, exponentialsPerMs: number }} Rates */

const write = process.argv.includes('--write');
const names = process.argv.slice(2).filter((a) => !a.startsWith('--'));
/** @param {Workload} w */
const isWanted = (w) =>
  (names.length === 0 || names.includes(w.name)) && (w.rows < LARGE || process.argv.includes('--large'));

/** @param {Workload} workload @param {string} engine @returns {Result | undefined} */
function measured(workload, engine) {
  const { multiplyAdds } = operationsOf(workload, compile);
  if (!engine.startsWith('tensorflow') && multiplyAdds > PATIENCE) return undefined;
  const done = spawnSync(process.execPath, [`${here}worker.mjs`, workload.name, ...engine.split(' ')], {
    encoding: 'utf8',
  });
  if (done.status !== 0) {
    process.stderr.write(`${workload.name} on ${engine}: ${done.stderr.trim().split('\n')[0]}\n`);
    return undefined;
  }
  return JSON.parse(done.stdout);
}

/**
 * The machine's own rates, of matrix products and exponentials in float64: those of TensorFlow in float32, halved, as a
 * register holds half as many.
 * @returns {Promise<Rates | undefined>}
 */
async function rates() {
  try {
    const { default: tf } = await import('@tensorflow/tfjs-node');
    /** @param {() => { dataSync: () => unknown }} run */
    const best = (run) => {
      let least = Infinity;
      for (let n = 0; n < 8; n++) {
        const begin = performance.now();
        run().dataSync();
        least = Math.min(least, performance.now() - begin);
      }
      return least;
    };
    const a = tf.randomNormal([1024, 1024]);
    const x = tf.randomNormal([1 << 22]);
    return {
      multiplyAddsPerMs: 1024 ** 3 / best(() => tf.matMul(a, a)) / 2,
      exponentialsPerMs: (1 << 22) / best(() => tf.exp(x)) / 2,
    };
  } catch {
    return undefined;
  }
}

/** @param {number | undefined} x */
const number = (x) =>
  x === undefined ? '–' : x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toPrecision(2);

/** @param {number | undefined} x */
const loss = (x) => (x === undefined ? '–' : Math.abs(x).toExponential(0));

/** @param {string} title @param {readonly Workload[]} list @param {Rates | undefined} machine */
function table(title, list, machine) {
  const head = [
    'workload',
    'N, D, K',
    ...ENGINES,
    'float32 costs',
    'at the rates',
    'share of it',
    'first result',
    'memory',
  ];
  const lines = list.map((w) => {
    const results = ENGINES.map((engine) => measured(w, engine));
    const { multiplyAdds, exponentials } = operationsOf(w, compile);
    const bound =
      machine && multiplyAdds / machine.multiplyAddsPerMs + exponentials / machine.exponentialsPerMs;
    const found = results.slice(0, 2).filter((r) => r !== undefined);
    const best = found.reduce((a, b) => (b.msPerStep < a.msPerStep ? b : a), found[0]);
    const cells = [
      w.name,
      `${w.rows}, ${w.dim}, ${w.components}`,
      ...results.map((r) => number(r?.msPerStep)),
      loss(results[2]?.lossPerRow),
      number(bound),
      best && bound ? `${Math.round((100 * bound) / best.msPerStep)} %` : '–',
      best ? `${Math.round(best.firstMs)} ms` : '–',
      best ? `${Math.round(best.peakMb)} MB` : '–',
    ];
    process.stderr.write(`${cells.join('  ')}\n`);
    return `| ${cells.join(' | ')} |`;
  });
  return [`## ${title}`, '', `| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...lines, ''];
}

const machine = await rates();
const [{ model }] = cpus();
const text = [
  '# Speed',
  '',
  `Milliseconds per EM step (median after the second), by \`npm run bench -- --write --large\` on ${cpus().length} cores (${model.trim()}),`,
  `Node ${process.versions.node}. Only ratios within one run count. float64 but for \`tfjs\` and where it says float32, with what that`,
  'costs in nats a row (models that are no polynomials of the columns stay in float64 there). “At the rates” is what the',
  'step’s multiply-adds and exponentials would take at the rates that TensorFlow reaches here on large arrays (an estimate:',
  'such rates swing by a half); first result and memory (beyond the rows) are those of the faster float64 engine.',
  '',
  ...table('Workloads', workloads.filter(isWanted), machine),
  ...table('Growth', growth.filter(isWanted), machine),
].join('\n');
process.stdout.write(text);
if (write) writeFileSync(new URL('../../docs/performance.md', import.meta.url), text);
