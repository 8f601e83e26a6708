/** The rows of a workload, drawn from a seed, and where its fit begins. */
import seedrandom from 'seedrandom';

/** @typedef {import('./workloads.mjs').Workload} Workload */

/** Share of the cells that are missing where some are. */
const MISSING = 0.02;
/** Rows of a group. */
const GROUP = 10;

/**
 * Columns x1 … xD of clusters some standard deviations apart, and what the model reads beside or instead of them.
 * @param {Workload} workload
 */
export function rowsOf({ rows, dim, components, model, missing, separation = 3 }) {
  const u = seedrandom.alea('7');
  const normal = () => Math.sqrt(-2 * Math.log(1 - u())) * Math.cos(2 * Math.PI * u());
  const centres = Array.from({ length: components }, () =>
    Array.from({ length: dim }, () => separation * normal()),
  );
  const columns = Array.from({ length: dim }, () => new Float64Array(rows));
  const z = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    // rows of a group belong together
    z[i] = model === 'groups' && i % GROUP > 0 ? z[i - 1] : Math.floor(u() * components);
    for (let d = 0; d < dim; d++) columns[d][i] = centres[z[i]][d] + normal();
  }
  const chosen = Array.from({ length: components }, () => Math.floor(u() * rows));
  const start = startOf(
    model,
    chosen.map((i) => columns.map((c) => c[i])),
  );
  /** @param {(i: number) => number} value */
  const column = (value) => Float64Array.from(z, (_, i) => value(i));
  const drawn = {
    times: () => column(() => 0.5 + 1.5 * u()),
    kind: () => column((i) => 1 + ((z[i] + Math.floor(1.5 * u())) % 3)),
    flag: () => column((i) => Number(u() < (z[i] % 2 === 0 ? 0.2 : 0.7))),
    count: () => column((i) => Math.floor((2 + 3 * z[i]) * -Math.log(1 - u()))),
    subject: () => column((i) => Math.floor(i / GROUP)),
    // sums of exponentials are Gamma, e^-y / (e^-y + e^-y') of such is within 0 and 1
    y: () => column((i) => -(1 + z[i]) * Math.log((1 - u()) * (1 - u()) * (1 - u()))),
    u: () => column((i) => (1 + (9 * (z[i] + 0.5)) / components + normal() / 3 + 5) / 20),
  };
  /** @type {Record<string, readonly (keyof typeof drawn)[]>} */
  const also = {
    weighted: ['times'],
    mixed: ['kind', 'flag', 'count'],
    groups: ['subject'],
    gamma: ['y'],
    beta: ['u'],
    counts: ['count'],
  };
  /** @param {Float64Array} c */
  const cells = (c) => (missing ? Array.from(c, (x) => (u() < MISSING ? null : x)) : c);
  const table = {
    ...Object.fromEntries(columns.map((c, d) => [`x${d + 1}`, cells(c)])),
    ...Object.fromEntries((also[model] ?? []).map((name) => [name, drawn[name]()])),
  };
  return { table, start: { kind: 'parameters', parameters: start } };
}

/**
 * Parameters at K of the rows.
 * @param {Workload['model']} model @param {readonly (readonly number[])[]} mu
 */
function startOf(model, mu) {
  /** @param {number} x */
  const diagonal = (x) => mu[0].map((_, a) => mu[0].map((__, b) => (a === b ? x : 0)));
  /** @template T @param {(k: number) => T} value */
  const each = (value) => mu.map((_, k) => value(k));
  const pi = each(() => 1 / mu.length);
  const full = () => ({ pi, mu, Sigma: each(() => diagonal(10)) });
  const lines = () => ({ pi, w: mu.map((m) => m.slice(1).map((x) => x / 10)), s2: each(() => 10) });
  const numbers = mu.map(([x]) => x);
  const rising = each((k) => 1 + k);
  const starts = {
    full,
    weighted: full,
    robust: full,
    diag: () => ({ pi, mu, v: mu.map((m) => m.map(() => 10)) }),
    tied: () => ({ pi, mu, Sigma: diagonal(10) }),
    kmeans: () => ({ mu }),
    lines8: lines,
    lines16: lines,
    studentT: () => ({ pi, mu: numbers, s2: each(() => 5) }),
    groups: () => ({ pi, mu: numbers, s2: each(() => 5) }),
    laplace: () => ({ pi, mu: numbers, b: each(() => 2) }),
    gamma: () => ({ pi, a: each(() => 2), b: rising.map((k) => 1 / k) }),
    beta: () => ({ pi, a: rising, b: each((k) => mu.length - k) }),
    mixed: () => ({
      pi,
      mu: mu.map((m) => m.slice(0, 4)),
      v: mu.map(() => [5, 5, 5, 5]),
      kinds: each((k) => [0, 1, 2].map((c) => (c === k % 3 ? 0.5 : 0.25))),
      chance: each((k) => (1 + (k % 3)) / 4),
      rate: rising,
    }),
    counts: () => ({ pi, w: each((k) => [Math.log(1 + k), 0, 0]) }),
  };
  return starts[model]();
}
