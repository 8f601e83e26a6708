/**
 * What `npm run bench` fits: the workloads of a comparison with other programs (rows, dimensions, components), other
 * structures that the language states, and how time grows with each size.
 */
import { models } from './models.mjs';

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} source
 * @property {keyof typeof models} model
 * @property {number} rows
 * @property {number} dim
 * @property {number} components
 * @property {number} [steps]
 * @property {boolean} [missing] some cells are
 * @property {number} [separation] of the clusters, in standard deviations; 3 where nothing is said
 */

/**
 * @param {string} name @param {keyof typeof models} model @param {number} rows @param {number} dim
 * @param {number} components @param {{ steps?: number, missing?: boolean }} [more]
 * @returns {Workload}
 */
const work = (name, model, rows, dim, components, more = {}) => ({
  name,
  source: models[model],
  model,
  rows,
  dim,
  components,
  ...more,
});

/** What the others are compared with, per unit of work. */
export const YARDSTICK = 'full-8d';

export const workloads = [
  work('tiny', 'full', 272, 2, 2, { steps: 2000 }),
  work('full-1d', 'full', 1_000_000, 1, 3),
  work('full-2d', 'full', 100_000, 2, 3),
  work(YARDSTICK, 'full', 100_000, 8, 16),
  work('full-32d', 'full', 100_000, 32, 16),
  work('diag-8d', 'diag', 1_000_000, 8, 16),
  work('tied-8d', 'tied', 100_000, 8, 16),
  work('kmeans-16d', 'kmeans', 500_000, 16, 64),
];

export const others = [
  work('full-64d', 'full', 20_000, 64, 8),
  work('weights', 'weighted', 100_000, 8, 16),
  work('missing', 'full', 100_000, 8, 16, { missing: true }),
  work('lines-8d', 'lines8', 100_000, 8, 4),
  work('lines-16d', 'lines16', 100_000, 16, 4),
  work('mixed', 'mixed', 100_000, 4, 4),
  work('student-t', 'studentT', 100_000, 1, 3),
  work('robust-4d', 'robust', 100_000, 4, 3),
  work('laplace', 'laplace', 300_000, 1, 3),
  work('gamma', 'gamma', 100_000, 1, 3),
  work('beta', 'beta', 100_000, 1, 3),
  work('counts', 'counts', 100_000, 2, 3),
  work('groups', 'groups', 100_000, 1, 3),
];

/** As many rows as this take a gigabyte: measured only where asked for. */
export const LARGE = 10_000_000;

/** One size at a time, beside full-8d with 4 components. */
export const growth = [
  // of so few rows a fit is over before V8 has made its code: as many steps as show the rows' share
  work('N = 10000', 'full', 10_000, 8, 4, { steps: 300 }),
  ...[100_000, 1_000_000, LARGE].map((rows) => work(`N = ${rows}`, 'full', rows, 8, 4)),
  ...[2, 4, 16, 32, 64].map((dim) => work(`D = ${dim}`, 'full', 100_000, dim, 4)),
  ...[1, 16, 64, 100].map((components) => work(`K = ${components}`, 'full', 100_000, 8, components)),
];

/** @param {string} name */
export const workloadOf = (name) => [...workloads, ...others, ...growth].find((w) => w.name === name);

/** @typedef {{ name: string, per: 'step' | 'round', multiplyAdds: { value: number }, functions: { value: number } }} Operation */

/** Those of a step that go through the rows. */
const OF_ROWS = ['logits', 'expressions', 'softmax', 'sums', 'row sums'];

/**
 * Multiply-adds and functions of one step that go through the rows, as the compiler counts them; what Newton's method asks
 * for in each of its rounds counts once.
 * @param {Workload} workload
 * @param {(source: string) => { cost: (sizes: Record<string, number>) => readonly Operation[] }} compile
 */
export function operationsOf({ source, rows, dim, components }, compile) {
  const operations = compile(source).cost({ N: rows, D: dim, K: components });
  /** @param {'multiplyAdds' | 'functions'} measure */
  const total = (measure) =>
    operations.filter((o) => OF_ROWS.includes(o.name)).reduce((sum, o) => sum + o[measure].value, 0);
  return { multiplyAdds: total('multiplyAdds'), functions: total('functions') };
}
