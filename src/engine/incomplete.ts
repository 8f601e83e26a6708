/**
 * Missing cells for any engine: the rows that are complete are its own, the few that are not (with groups: the rows of
 * their groups) are integrated out by themselves, by the pattern of what they miss, by the
 * engine or by generated JavaScript (`javascript/incomplete.ts`), and the two answers are added.
 */
import { concatenated } from '../algebra/median.js';
import type { Moments, Program } from '../plan/types.js';
import { mayGenerate } from './javascript/compiled.js';
import { openIncomplete } from './javascript/incomplete.js';
import { inPatterns } from './patterns.js';
import type { PatternRows } from './patterns.js';
import { referenceEngine } from './reference/engine.js';
import { missesCells } from './reference/missing.js';
import { someRows } from './some-rows.js';
import type { Engine, Expectation, RowData, Session } from './types.js';

/** The same engine for data with missing cells. */
export const withIncompleteRows = (engine: Engine): Engine => ({
  ...engine,
  open: async (program, data) => {
    if (data.hasMissing !== true) return engine.open(program, data);
    const { complete, incomplete } = divided(data);
    const parts: Part[] = [];
    if (complete.length > 0) {
      const rows = { ...someRows(data, complete), hasMissing: false };
      parts.push({ rows: complete, session: await engine.open(program, rows) });
    }
    parts.push(await incompletePart(program, data, incomplete, engine));
    return joinedSession(program, data, parts);
  },
});

/** Rows of the data, and what answers for them in that order. */
interface Part {
  readonly rows: Int32Array;
  readonly session: Session;
}

async function incompletePart(
  program: Program,
  data: RowData,
  rows: Int32Array,
  engine: Pick<Engine, 'threads' | 'openIncomplete'>,
): Promise<Part> {
  const patterns = inPatterns(program, data, rows);
  const session =
    engine.openIncomplete?.(program, patterns) ??
    (mayGenerate()
      ? openIncomplete(program, patterns, engine)
      : await referenceEngine.open(program, patterns.data));
  return { rows: patterns.order, session };
}

/** All rows by their patterns, each of which misses something or not. */
export function openByPatterns(
  program: Program,
  data: RowData,
  open: (rows: PatternRows) => Session,
): Session {
  const rows = inPatterns(program, data);
  return joinedSession(program, data, [{ rows: rows.order, session: open(rows) }]);
}

/** With groups the rows of a group stay together. */
function divided(data: RowData): { readonly complete: Int32Array; readonly incomplete: Int32Array } {
  const misses = missesCells(data);
  const of = data.groups?.of;
  if (of !== undefined) {
    const groups = new Uint8Array(data.groups!.count);
    for (let i = 0; i < data.rows; i++) if (misses[i] === 1) groups[of[i]] = 1;
    for (let i = 0; i < data.rows; i++) misses[i] = groups[of[i]];
  }
  let count = 0;
  for (let i = 0; i < data.rows; i++) count += misses[i];
  const incomplete = new Int32Array(count);
  const complete = new Int32Array(data.rows - count);
  for (let i = 0, [at, other] = [0, 0]; i < data.rows; i++)
    if (misses[i] === 1) incomplete[at++] = i;
    else complete[other++] = i;
  return { complete, incomplete };
}

function joinedSession(program: Program, { rows: n }: RowData, parts: readonly Part[]): Session {
  const k = program.components;
  const momentsOfAll = (found: readonly Moments[]): Moments => found.reduce(sumOf);
  return {
    expectation: async (parameters) => {
      const found: Expectation[] = [];
      for (const { session } of parts) found.push(await session.expectation(parameters));
      return {
        moments: momentsOfAll(found.map((f) => f.moments)),
        logLikelihood: found.reduce((sum, f) => sum + f.logLikelihood, 0),
      };
    },
    momentsOf: async (responsibilities) => {
      const found: Moments[] = [];
      for (const { rows, session } of parts) {
        const own = new Float64Array(rows.length * k);
        for (let at = 0; at < rows.length; at++)
          for (let c = 0; c < k; c++) own[at * k + c] = responsibilities[rows[at] * k + c];
        found.push(await session.momentsOf(own));
      }
      return momentsOfAll(found);
    },
    posterior: async (parameters) => {
      const responsibilities = new Float64Array(n * k);
      const logDensity = new Float64Array(n);
      for (const { rows, session } of parts) {
        const own = await session.posterior(parameters);
        for (let at = 0; at < rows.length; at++) {
          for (let c = 0; c < k; c++) responsibilities[rows[at] * k + c] = own.responsibilities[at * k + c];
          logDensity[rows[at]] = own.logDensity[at];
        }
      }
      return { responsibilities, logDensity };
    },
    dispose: () => {
      for (const { session } of parts) session.dispose();
    },
  };
}

/**
 * Moments of two sets of rows as those of both: scatters add, and what lies between the two means.
 * Source: Chan, Golub, LeVeque (1979).
 */
export function sumOf(a: Moments, b: Moments): Moments {
  const { components, columns: c } = a;
  const weight = a.weight.map((n, k) => n + b.weight[k]);
  const share = (m: Moments, k: number): number => (weight[k] > 0 ? m.weight[k] / weight[k] : 0);
  const mean = a.mean.map((x, at) => {
    const k = Math.floor(at / c);
    return share(a, k) * x + share(b, k) * b.mean[at];
  });
  const each = a.scatter.length / components;
  const gap = (k: number, d: number): number => a.mean[k * c + d] - b.mean[k * c + d];
  const scatter = a.scatter.map((x, at) => {
    const [k, entry] = [Math.floor(at / each), at % each];
    const [i, j] = each === c ? [entry, entry] : [Math.floor(entry / c), entry % c];
    return x + b.scatter[at] + share(a, k) * b.weight[k] * gap(k, i) * gap(k, j);
  });
  return {
    components,
    columns: c,
    weight,
    mean,
    scatter,
    ...(a.strata === undefined ? {} : { strata: a.strata.map((s, n) => sumOf(s, b.strata![n])) }),
    ...(a.groupWeight === undefined
      ? {}
      : { groupWeight: a.groupWeight.map((n, g) => n + b.groupWeight![g]) }),
    ...(a.rowSum === undefined || b.rowSum === undefined ? {} : { rowSum: bothRowSums(a.rowSum, b.rowSum) }),
    ...(a.rowPoints === undefined || b.rowPoints === undefined
      ? {}
      : { rowPoints: bothRowPoints(a.rowPoints, b.rowPoints) }),
  };
}

type PointsOfRows = NonNullable<Moments['rowPoints']>;

const bothRowPoints =
  (a: PointsOfRows, b: PointsOfRows): PointsOfRows =>
  (value, weight, at) => {
    const [left, right] = [a(value, weight, at), b(value, weight, at)];
    return {
      values: concatenated([left.values, right.values]),
      weights: concatenated([left.weights, right.weights]),
    };
  };

type RowSum = NonNullable<Moments['rowSum']>;

const bothRowSums =
  (a: RowSum, b: RowSum): RowSum =>
  (body, at) => {
    const other = b(body, at);
    return a(body, at).map((x, e) => x + other[e]);
  };
