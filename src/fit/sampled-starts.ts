/**
 * Starts on a sample of the rows. Where rows are many, starts cost as many times the fit as there are of them, and all that
 * they tell is which leads to the best maximum; a sample tells that as well. So they are drawn and run on a sample, drawn by
 * the seed; the best of them, by their objectives on all rows, goes on with all rows.
 *
 * What a sample would get wrong is left to starts on all rows: rows that belong together (groups), and estimates at the edge
 * of what a parameter can be, such as a probability of 0 for what the sample happens to lack, which EM never leaves.
 */
import { someRows } from '../engine/some-rows.js';
import type { RowData } from '../engine/types.js';
import type { BoundSymbol } from '../data/types.js';
import { withRows } from '../plan/program.js';
import type { Parameters, Program } from '../plan/types.js';
import { stream } from '../random.js';
import type { EmFailure, EmRun } from './em.js';
import { isBetter, searchOver } from './search.js';
import { eachStart } from './side-by-side.js';
import type { Search, SearchInput } from './search.js';

export interface FailedStart {
  readonly failure: EmFailure;
  readonly restart: number;
}

export interface SampledStarts {
  /** rows in the sample */
  readonly rows: number;
  /** where to go on from, the best first */
  readonly best: readonly { readonly restart: number; readonly parameters: Parameters }[];
  readonly failures: readonly FailedStart[];
  /** one line on what was done */
  readonly said: string;
}

/** Without being asked, up to so many rows are all used. */
const MANY_ROWS = 100_000;
const SAMPLE = 20_000;
const SAMPLE_PER_COMPONENT = 1000;

/** A start on a sample need only come near: the rest is done on all rows. */
const TOLERANCE = 1e-6;
const STEPS = 100;

/** So many different maxima are looked at with all rows. */
const FINALISTS = 3;
/** Objectives this close, in nats a row, or relatively for an inertia, are of one maximum. */
const SAME = 1e-4;

/** How many rows starts run on; undefined where that is all of them. */
export function sampleSize(
  asked: number | 'all' | undefined,
  { rows, components }: { readonly rows: number; readonly components: number },
): number | undefined {
  if (asked === 'all') return undefined;
  const size = asked ?? Math.max(SAMPLE, SAMPLE_PER_COMPONENT * components);
  if (asked === undefined && (rows <= MANY_ROWS || size > rows / 5)) return undefined;
  return size < rows ? Math.max(size, components) : undefined;
}

/** Runs all starts on a sample; undefined where all rows should be used. `whole` is the search over all rows. */
export async function sampledStarts(
  input: SearchInput,
  whole: Search,
  restarts: number,
): Promise<SampledStarts | undefined> {
  const { program, data, options } = input;
  if (data.groups !== undefined) return undefined;
  const size = sampleSize(options.startRows, { rows: data.rows, components: program.components });
  const rows = size === undefined ? undefined : drawRows(data, size, options.seed);
  if (rows === undefined) return undefined;
  const { runs, failures, weight } = await runOnSample(sampleOf(input, rows), restarts);
  const hard = program.plan.assignment === 'hard';
  const areSame = (a: number, b: number): boolean => Math.abs(a - b) <= SAME * (hard ? a : weight);
  const finalists: { readonly restart: number; readonly run: EmRun }[] = [];
  for (const { restart, run } of distinct(runs, areSame)) {
    const at = { kind: 'parameters', parameters: run.parameters } as const;
    const none = { maxIterations: 0, tolerance: 0, restart, restarts };
    const outcome = await whole.run(at, none);
    if (outcome.kind === 'done') finalists.push({ restart, run: outcome.run });
  }
  finalists.sort((a, b) => (isBetter(a.run, b.run, hard) ? -1 : isBetter(b.run, a.run, hard) ? 1 : 0));
  if (finalists.length === 0 || isAtEdge(finalists[0].run.parameters, program)) return undefined;
  return {
    rows: rows.length,
    best: finalists.map(({ restart, run }) => ({ restart, parameters: run.parameters })),
    failures,
    said: `starts: ${String(restarts)} on ${String(rows.length)} of ${String(data.rows)} rows; number ${String(finalists[0].restart)} goes on with all rows`,
  };
}

interface Run {
  readonly restart: number;
  readonly run: EmRun;
}

async function runOnSample(
  input: SearchInput,
  restarts: number,
): Promise<{
  readonly runs: readonly Run[];
  readonly failures: readonly FailedStart[];
  readonly weight: number;
}> {
  const { options } = input;
  const runs: Run[] = [];
  const failures: FailedStart[] = [];
  const limits = {
    restarts,
    tolerance: Math.max(options.tolerance, TOLERANCE),
    maxIterations: Math.min(options.maxIterations, STEPS),
  };
  const session = await input.engine.open(input.program, input.data);
  const search = searchOver(input, session);
  try {
    const outcomes = await eachStart(
      restarts,
      session,
      (restart, over) => search.run(search.startOf(restart), { ...limits, restart }, over),
      () => options.signal?.aborted === true,
    );
    outcomes.forEach((outcome, at) => {
      const restart = at + 1;
      if (outcome.kind === 'done') runs.push({ restart, run: outcome.run });
      else failures.push({ failure: outcome.failure, restart });
    });
  } finally {
    session.dispose();
  }
  const hard = input.program.plan.assignment === 'hard';
  runs.sort((a, b) => (isBetter(a.run, b.run, hard) ? -1 : isBetter(b.run, a.run, hard) ? 1 : 0));
  return { runs, failures, weight: search.weight };
}

/** The best of each maximum, the best first. */
function distinct(runs: readonly Run[], same: (a: number, b: number) => boolean): readonly Run[] {
  const kept: Run[] = [];
  for (const run of runs)
    if (!kept.some((other) => same(other.run.objective, run.run.objective))) kept.push(run);
  return kept.slice(0, FINALISTS);
}

/** In their order, without replacement, of those that count; undefined where fewer count. */
export function drawRows(data: RowData, size: number, seed: string): Int32Array | undefined {
  const { weights } = data;
  const counting =
    weights === undefined ? data.rows : weights.reduce((n, weight) => (weight > 0 ? n + 1 : n), 0);
  if (size >= counting) return undefined;
  const random = stream(seed, 'start', 'rows');
  const rows = new Int32Array(size);
  let [wanted, left] = [size, counting];
  // selection sampling: Knuth, The Art of Computer Programming, vol. 2, algorithm S
  for (let i = 0; wanted > 0; i++) {
    if (weights !== undefined && !(weights[i] > 0)) continue;
    if (random.uniform() * left < wanted) rows[size - wanted--] = i;
    left--;
  }
  return rows;
}

/** The same fit with these rows only. */
export function sampleOf(input: SearchInput, rows: Int32Array): SearchInput {
  const symbols = [...input.dataset.symbols].map(([name, bound]): readonly [typeof name, BoundSymbol] => [
    name,
    { ...bound, values: bound.values.map((v) => Float64Array.from(rows, (i) => v[i])) },
  ]);
  return {
    ...input,
    program: withRows(input.program, rows.length),
    data: someRows(input.data, rows),
    dataset: { symbols: new Map(symbols) },
  };
}

const EDGES: Readonly<Record<string, readonly number[]>> = { simplex: [0], positive: [0], unit: [0, 1] };

function isAtEdge(parameters: Parameters, program: Program): boolean {
  return program.plan.model.parameters.some(({ name, type }) =>
    (EDGES[type.domain] ?? []).some((edge) => parameters.get(name)!.data.includes(edge)),
  );
}
