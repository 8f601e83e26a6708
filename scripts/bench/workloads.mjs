/**
 * What `npm run bench` fits: the workloads of a comparison with other programs (rows, dimensions, components), how time
 * grows with each of them, and other structures. Models are texts of the language, rows are drawn from a seed.
 */
import seedrandom from 'seedrandom';

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} source
 * @property {keyof typeof models} model
 * @property {number} rows
 * @property {number} dim
 * @property {number} components
 * @property {number} [steps]
 */

/** @param {string} scale @param {string} covariance */
const gaussian = (scale, covariance) => `
model Clusters
const K = 2
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param mu[k] : real[D]
param ${scale}
latent z[i] : k ~ Categorical(pi)
data   x[i] : real[D] ~ Normal(mu[z[i]], ${covariance})
`;

const models = {
  full: gaussian('Sigma[k] : covariance[D]', 'Sigma[z[i]]'),
  diag: gaussian('v[k] : variance[D]', 'diag(v[z[i]])'),
  tied: gaussian('Sigma : covariance[D]', 'Sigma'),
  kmeans: `
model KMeans
const K = 2
const s2 : variance
plate i over rows
plate k in 1..K
param mu[k] : real[D]
latent z[i] : k ~ Categorical(1 / K)
data   x[i] : real[D] ~ Normal(mu[z[i]], s2 * I)
limit  s2 -> 0+
`,
  lines: `
model Lines
const K = 2
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param w[k]  : real[7]
param s2[k] : variance
data   phi[i] : real[7] from x1, x2, x3, x4, x5, x6, x7
latent z[i] : k ~ Categorical(pi)
data   x8[i] : real ~ Normal(dot(w[z[i]], phi[i]), s2[z[i]])
`,
  studentT: `
model Robust
const K = 2
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param mu[k] : real
param s2[k] : variance
latent z[i] : k ~ Categorical(pi)
data   x1[i] : real ~ StudentT(4, mu[z[i]], s2[z[i]])
`,
};

/**
 * @param {string} name @param {keyof typeof models} model @param {number} rows @param {number} dim
 * @param {number} components @param {{ steps?: number }} [more]
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

export const workloads = [
  work('tiny', 'full', 272, 2, 2, { steps: 200 }),
  work('full-1d', 'full', 1_000_000, 1, 3),
  work('full-2d', 'full', 100_000, 2, 3),
  work('full-8d', 'full', 100_000, 8, 16),
  work('full-32d', 'full', 100_000, 32, 16),
  work('diag-8d', 'diag', 1_000_000, 8, 16),
  work('tied-8d', 'tied', 100_000, 8, 16),
  work('kmeans-16d', 'kmeans', 500_000, 16, 64),
  work('lines-8d', 'lines', 100_000, 8, 4),
  work('student-t', 'studentT', 100_000, 1, 3),
];

/** As many rows as this take a gigabyte: measured only where asked for. */
export const LARGE = 10_000_000;

/** One size at a time, beside full-8d with 4 components. */
export const growth = [
  ...[10_000, 100_000, 1_000_000, LARGE].map((rows) => work(`N = ${rows}`, 'full', rows, 8, 4)),
  ...[2, 4, 16, 32].map((dim) => work(`D = ${dim}`, 'full', 100_000, dim, 4)),
  ...[1, 16, 64, 100].map((components) => work(`K = ${components}`, 'full', 100_000, 8, components)),
];

/** @typedef {{ name: string, multiplyAdds: { value: number }, functions: { value: number } }} Operation */

/**
 * Multiply-adds of the logits and sums of one step, and its exponentials, as the compiler counts them.
 * @param {Workload} workload
 * @param {(source: string) => { cost: (sizes: Record<string, number>) => readonly Operation[] }} compile
 */
export function operationsOf({ source, rows, dim, components }, compile) {
  const operations = compile(source).cost({ N: rows, D: dim, K: components });
  /** @param {readonly string[]} names @param {'multiplyAdds' | 'functions'} measure */
  const total = (names, measure) =>
    operations.filter((o) => names.includes(o.name)).reduce((sum, o) => sum + o[measure].value, 0);
  return {
    multiplyAdds: total(['logits', 'sums'], 'multiplyAdds'),
    exponentials: total(['expressions', 'softmax'], 'functions'),
  };
}

/**
 * Columns x1 … xD of clusters three standard deviations apart, and a start at K of the rows.
 * @param {Workload} workload
 */
export function rowsOf({ rows, dim, components, model }) {
  const u = seedrandom.alea('7');
  const normal = () => Math.sqrt(-2 * Math.log(1 - u())) * Math.cos(2 * Math.PI * u());
  const centres = Array.from({ length: components }, () => Array.from({ length: dim }, () => 3 * normal()));
  const columns = Array.from({ length: dim }, () => new Float64Array(rows));
  for (let i = 0; i < rows; i++) {
    const centre = centres[Math.floor(u() * components)];
    for (let d = 0; d < dim; d++) columns[d][i] = centre[d] + normal();
  }
  const chosen = Array.from({ length: components }, () => Math.floor(u() * rows));
  const mu = chosen.map((i) => columns.map((c) => c[i]));
  /** @param {number} x */
  const diagonal = (x) => mu[0].map((_, a) => mu[0].map((__, b) => (a === b ? x : 0)));
  const pi = mu.map(() => 1 / components);
  const starts = {
    full: { pi, mu, Sigma: mu.map(() => diagonal(10)) },
    diag: { pi, mu, v: mu.map((m) => m.map(() => 10)) },
    tied: { pi, mu, Sigma: diagonal(10) },
    kmeans: { mu },
    lines: { pi, w: mu.map((m) => m.slice(1).map((x) => x / 10)), s2: pi.map(() => 10) },
    studentT: { pi, mu: mu.map(([x]) => x), s2: pi.map(() => 5) },
  };
  return {
    table: Object.fromEntries(columns.map((c, d) => [`x${d + 1}`, c])),
    start: { kind: 'parameters', parameters: starts[model] },
  };
}
