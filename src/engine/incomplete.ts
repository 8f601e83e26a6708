/**
 * Missing cells for any engine: the rows that are complete are its own, the few that are not (with groups: the rows of
 * their groups) are integrated out by themselves (`javascript/incomplete.ts`), and the two answers are added.
 */
import { concatenated } from '../algebra/median.js';
import type { Moments, Program } from '../plan/types.js';
import { mayGenerate } from './javascript/compiled.js';
import { openIncomplete } from './javascript/incomplete.js';
import { referenceEngine } from './reference/engine.js';
import { someRows } from './some-rows.js';
import { incompleteRows } from './reference/missing.js';
import type { Engine, RowData, Session } from './types.js';

/** The same engine for data with missing cells. */
export const withIncompleteRows = (engine: Engine): Engine => ({
  ...engine,
  open: async (program, data) => {
    if (data.hasMissing !== true) return engine.open(program, data);
    const [complete, incomplete] = divided(data);
    if (complete.length === 0) return opened(program, data, engine);
    const ofRows = [complete, incomplete];
    const parts = [
      await engine.open(program, { ...someRows(data, complete), hasMissing: false }),
      await opened(program, someRows(data, incomplete), engine),
    ];
    return joinedSession(program, parts, ofRows, data.rows);
  },
});

const opened = (
  program: Program,
  data: RowData,
  { threads }: Pick<Engine, 'threads'>,
): Session | Promise<Session> =>
  mayGenerate() ? openIncomplete(program, data, { threads }) : referenceEngine.open(program, data);

function divided(data: RowData): readonly [readonly number[], readonly number[]] {
  const rows = new Set(incompleteRows(data));
  const of = data.groups?.of;
  const groups = new Set(of === undefined ? [] : [...rows].map((i) => of[i]));
  const isIncomplete = (i: number): boolean => (of === undefined ? rows.has(i) : groups.has(of[i]));
  const all = Array.from({ length: data.rows }, (_, i) => i);
  return [all.filter((i) => !isIncomplete(i)), all.filter(isIncomplete)];
}

function joinedSession(
  program: Program,
  parts: readonly Session[],
  ofRows: readonly (readonly number[])[],
  rows: number,
): Session {
  const k = program.components;
  return {
    expectation: async (parameters) => {
      const [a, b] = [await parts[0].expectation(parameters), await parts[1].expectation(parameters)];
      return { moments: sumOf(a.moments, b.moments), logLikelihood: a.logLikelihood + b.logLikelihood };
    },
    momentsOf: async (responsibilities) => {
      const of = (n: number): Float64Array => {
        const own = new Float64Array(ofRows[n].length * k);
        ofRows[n].forEach((i, at) => {
          own.set(responsibilities.subarray(i * k, i * k + k), at * k);
        });
        return own;
      };
      return sumOf(await parts[0].momentsOf(of(0)), await parts[1].momentsOf(of(1)));
    },
    posterior: async (parameters) => {
      const responsibilities = new Float64Array(rows * k);
      const logDensity = new Float64Array(rows);
      for (const [n, part] of parts.entries()) {
        const own = await part.posterior(parameters);
        ofRows[n].forEach((i, at) => {
          responsibilities.set(own.responsibilities.subarray(at * k, at * k + k), i * k);
          logDensity[i] = own.logDensity[at];
        });
      }
      return { responsibilities, logDensity };
    },
    dispose: () => {
      for (const part of parts) part.dispose();
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
