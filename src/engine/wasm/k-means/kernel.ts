/** Hard assignment to the nearest centre (`emit/wasm/k-means/shape.ts`): a session of it. */
import { kMeansLayout, kMeansModule } from '../../../emit/wasm/k-means/module.js';
import type { KMeansShape } from '../../../emit/wasm/k-means/shape.js';
import { MEMORY_LIMIT } from '../../../emit/wasm/layout.js';
import type { Parameters, Program } from '../../../plan/types.js';
import { mayGenerate } from '../../javascript/compiled.js';
import { javascriptEngine } from '../../javascript/engine.js';
import { referenceEngine } from '../../reference/engine.js';
import { momentsOf } from '../../reference/moments.js';
import type { Expectation, RowData, RowPosterior, Session } from '../../types.js';
import type { Kernel, KernelOptions } from '../kernel.js';
import { float64In, sharedMemory } from '../memory.js';
import { LANES, openPool } from '../pool.js';
import { centresOf, whyNotCentres } from './centres.js';
import type { Centres } from './centres.js';
import {
  columnFactors,
  distancesFrom,
  exactMoments,
  fillRows,
  liftedCentres,
  momentsIn,
  rowsIn,
  writeCentres,
} from './numbers.js';
import type { Place } from './numbers.js';
import { originOf, quantaOf } from './origin.js';
import { openSearch } from './search.js';

export const kMeansKernel: Kernel = {
  name: 'k-means',
  whyNot: (program, rows) => {
    const reason = whyNotCentres(program.plan);
    if (reason !== undefined) return reason;
    const shape = shapeOf(program, rows, { weighted: true, labelled: true, exact: true, fused: true });
    return kMeansLayout(shape).bytes > MEMORY_LIMIT ? 'data that fill more than 2 GiB' : undefined;
  },
  // at 5e5 rows of 16 columns and 64 centres 4 to 10 times TensorFlow's speed
  isFastest: () => true,
  open,
};

const shapeOf = (
  program: Program,
  rows: number,
  rest: Pick<KMeansShape, 'weighted' | 'labelled' | 'exact' | 'fused'>,
): KMeansShape => ({
  rows,
  columns: program.columns.length,
  components: program.components,
  lanes: LANES,
  ...rest,
});

function open(program: Program, data: RowData, { threads, fused }: KernelOptions): Session {
  const origin = originOf(data);
  const { shift, scale } = origin;
  const weighted = data.weights !== undefined;
  const labelled = data.labels[0]?.some((label) => label > 0) ?? false;
  const quanta = weighted || labelled ? undefined : quantaOf(origin, data.rows);
  const shape = shapeOf(program, data.rows, { weighted, labelled, exact: quanta !== undefined, fused });
  const places = kMeansLayout(shape);
  const memory = sharedMemory(places.bytes);
  const place: Place = { memory, regions: places.regions, shape };
  const pool = openPool(
    { kernel: 'k-means', shape, bytes: () => kMeansModule(shape, places) },
    memory,
    threads,
  );
  fillRows(place, data, shift);
  if (quanta !== undefined) {
    float64In(memory, places.regions.quanta).set(quanta.map((q) => 1 / q));
    pool.run('begin', LANES);
  }
  const search = openSearch(place, pool);
  let packed: Float64Array | undefined;
  // what is no sum of squares at these parameters is run as it stands on paper
  let opened: Promise<Session> | undefined;
  const asStated = (): Promise<Session> =>
    (opened ??= (mayGenerate() ? javascriptEngine({ threads }) : referenceEngine).open(program, data));

  /** Leaves the labels in memory; undefined where the parameters do not let it. */
  const assign = (parameters: Parameters): Centres | undefined => {
    const centres = centresOf(program, parameters);
    const factors = centres && columnFactors(centres.weights, scale);
    if (centres === undefined || factors === undefined) return undefined;
    const lifted = liftedCentres(place, centres, shift, factors);
    if (lifted === undefined) return undefined;
    if (packed === undefined || packed.some((f, c) => f !== factors[c])) {
      float64In(memory, places.regions.factor).set(factors);
      search.pack();
      packed = factors;
    }
    writeCentres(place, centres, lifted);
    search.assign(lifted);
    return centres;
  };

  return {
    threads: pool.threads,
    expectation: async (parameters): Promise<Expectation> => {
      const centres = assign(parameters);
      if (centres === undefined) return (await asStated()).expectation(parameters);
      const exact = quanta && exactMoments(place, shift, quanta);
      let distances = exact && distancesFrom(exact, centres, origin);
      if (distances === undefined) {
        pool.run('sums', LANES);
        distances = float64In(memory, places.regions.distances).reduce((sum, x) => sum + x, 0);
      }
      return {
        moments: exact ?? momentsIn(place, shift),
        logLikelihood: -0.5 * centres.factor * distances,
      };
    },
    momentsOf: (responsibilities) => momentsOf(program, data, responsibilities),
    posterior: async (parameters): Promise<RowPosterior> => {
      const centres = assign(parameters);
      return centres === undefined ? (await asStated()).posterior(parameters) : rowsIn(place, data, centres);
    },
    dispose: () => {
      pool.dispose();
      void opened?.then((session) => {
        session.dispose();
      });
    },
  };
}
