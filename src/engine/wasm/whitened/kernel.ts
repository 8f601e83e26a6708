/**
 * Soft mixtures of many columns whose components have covariances of their own (`emit/wasm/whitened`): numbers in, answers
 * out.
 */
import { sizeOf } from '../../../algebra/evaluate.js';
import { pairList } from '../../../emit/graph/feature-stage.js';
import { MEMORY_LIMIT } from '../../../emit/wasm/layout.js';
import { whitenedModule } from '../../../emit/wasm/whitened/module.js';
import { ANSWERED, paddedColumns, whitenedLayout } from '../../../emit/wasm/whitened/types.js';
import type { WhitenedShape } from '../../../emit/wasm/whitened/types.js';
import { writeRows } from '../../../linear-algebra/columns.js';
import { logitPolynomials } from '../../../plan/natural.js';
import { whyNotPlain } from '../../../plan/plain.js';
import type { Moments, Parameters, Program } from '../../../plan/types.js';
import { mayGenerate } from '../../javascript/compiled.js';
import { javascriptEngine } from '../../javascript/engine.js';
import { referenceEngine } from '../../reference/engine.js';
import { keepMeansWithin, rangesOf, standardisationOf } from '../../standardise.js';
import type { Expectation, RowData, RowPosterior, Session } from '../../types.js';
import type { Kernel, KernelOptions } from '../kernel.js';
import { float64In, int32In, sharedMemory } from '../memory.js';
import { momentsAround } from '../mixture/moments.js';
import { areResolved, topsOf } from '../mixture/origins.js';
import { LANES, openPool } from '../pool.js';
import { placesOf, readWhitened, writeWhitened } from './numbers.js';

/**
 * Of fewer columns little is skipped: the kernel that goes from component to component was measured to be as fast where
 * components are apart, and up to twice as fast where they overlap. Of more, the products that each lane keeps are too many.
 */
const LEAST_COLUMNS = 32;
const MOST_COLUMNS = 128;

export const whitenedKernel: Kernel = {
  name: 'whitened',
  whyNot: (program, rows) => {
    const { plan } = program;
    const reason = whyNotPlain(plan);
    if (reason !== undefined) return reason;
    if (plan.assignment !== 'soft') return 'rows that go to one component each';
    if (plan.pairs.logits !== 'all' || plan.sharedQuadratic || plan.pooledScatter)
      return 'components without covariances of their own';
    // with fewer residuals than columns no Cholesky factor is of all of them
    if (residualsOf(program) < program.columns.length) return 'columns that are read and not modelled';
    if (program.columns.length < LEAST_COLUMNS)
      return `fewer than ${String(LEAST_COLUMNS)} columns, too few to skip any`;
    if (program.columns.length > MOST_COLUMNS) return `more than ${String(MOST_COLUMNS)} columns`;
    const shape = shapeOf(program, rows, { weighted: true, labelled: true, fused: true });
    return whitenedLayout(shape).bytes > MEMORY_LIMIT ? 'data that fill more than 2 GiB' : undefined;
  },
  // 3 times TensorFlow's speed at 32 columns and 16 components that are apart; where they are not, engines take turns
  isFastest: () => true,
  open,
};

/** Coordinates of all residuals together. */
const residualsOf = ({ plan, sizes }: Program): number =>
  plan.logits.reduce((n, t) => {
    if (t.kind !== 'quadratic') return n;
    return n + t.residual.shape.reduce<number>((m, dim) => m * sizeOf(dim, sizes), 1);
  }, 0);

const shapeOf = (
  program: Program,
  rows: number,
  rest: Pick<WhitenedShape, 'weighted' | 'labelled' | 'fused'>,
): WhitenedShape => ({
  rows,
  columns: program.columns.length,
  components: program.components,
  lanes: LANES,
  ...rest,
});

function open(program: Program, data: RowData, { threads, fused }: KernelOptions): Session {
  const shape = shapeOf(program, data.rows, {
    weighted: data.weights !== undefined,
    labelled: data.labels[0]?.some((label) => label > 0) ?? false,
    fused,
  });
  const places = whitenedLayout(shape);
  const { regions } = places;
  const memory = sharedMemory(places.bytes);
  const pool = openPool(
    { kernel: 'whitened', shape, bytes: () => whitenedModule(shape, places) },
    memory,
    threads,
  );
  const standardisation = standardisationOf(data);
  const ranges = rangesOf(data);
  const { shift, scale } = standardisation;
  const factor = scale.map((x) => 1 / x);
  writeRows(float64In(memory, regions.rows), data.columns, paddedColumns(shape), shift, factor);
  if (shape.weighted) float64In(memory, regions.weights).set(data.weights!);
  if (shape.labelled) int32In(memory, regions.labels).set(data.labels[0]!);
  const { statistics } = program.plan.pairs;
  const pairs = pairList('all', shape.columns);
  const summed = pairList(statistics, shape.columns);
  const summedAt = placesOf(shape, summed);
  const polynomials = logitPolynomials(program, pairs);
  // where a component has no top at these parameters, and under given responsibilities: as it stands on paper
  let opened: Promise<Session> | undefined;
  const asStated = (): Promise<Session> =>
    (opened ??= (mayGenerate() ? javascriptEngine({ threads }) : referenceEngine).open(program, data));

  /** Parameters where the kernel reads them; the tops that they are around, undefined where a component has none. */
  const write = (parameters: Parameters): Float64Array | undefined => {
    const around = polynomials(parameters, scale);
    const atMeans = around(shift);
    if (!areResolved(atMeans)) return undefined;
    const from = topsOf(atMeans, pairs, standardisation);
    if (from === undefined) return undefined;
    const [into, bounds] = [float64In(memory, regions.parameters), float64In(memory, regions.bounds)];
    return writeWhitened(into, bounds, shape, around(from), pairs, from, standardisation) ? from : undefined;
  };

  return {
    threads: pool.threads,
    expectation: async (parameters): Promise<Expectation> => {
      const from = write(parameters);
      if (from === undefined) return (await asStated()).expectation(parameters);
      pool.run('step', LANES);
      pool.alone('total');
      const { sums, tops, logarithms, active } = readWhitened(
        float64In(memory, regions.sums),
        shape,
        summedAt,
      );
      const { moments, isFar } = momentsAround(sums, from, standardisation, summed, statistics);
      if (isFar) return (await asStated()).expectation(parameters);
      return {
        moments: keepMeansWithin(ranges, moments),
        logLikelihood: Math.LN2 * (tops + logarithms),
        // the largest responsibility of a row is 1 / Σ 2^(logit − top)
        sumLogLargest: -Math.LN2 * logarithms,
        active,
      };
    },
    momentsOf: async (responsibilities): Promise<Moments> => (await asStated()).momentsOf(responsibilities),
    posterior: async (parameters): Promise<RowPosterior> => {
      if (write(parameters) === undefined) return (await asStated()).posterior(parameters);
      const responsibilities = new Float64Array(shape.rows * shape.components);
      const logDensity = new Float64Array(shape.rows);
      for (let first = 0; first < shape.rows; first += LANES * ANSWERED) {
        const rows = Math.min(shape.rows - first, LANES * ANSWERED);
        int32In(memory, regions.first)[0] = first;
        pool.run('posterior', LANES);
        const r = float64In(memory, regions.responsibilities).subarray(0, rows * shape.components);
        responsibilities.set(r, first * shape.components);
        logDensity.set(float64In(memory, regions.logDensities).subarray(0, rows), first);
      }
      return { responsibilities, logDensity: logDensity.map((x) => Math.LN2 * x) };
    },
    dispose: () => {
      pool.dispose();
      void opened?.then((session) => {
        session.dispose();
      });
    },
  };
}
