/** What starts on some rows need: how they are drawn, and how EM is run from them. */
import { evaluateFloat64 } from '../plan/evaluate-float64.js';
import { frameOf, shapeOfParameter } from '../plan/frame.js';
import { setComponent } from '../plan/program.js';
import type { Dataset } from '../data/types.js';
import type { Engine, RowData, Session } from '../engine/types.js';
import type { ParameterArray, Parameters, Program } from '../plan/types.js';
import { symbolsOf } from '../algebra/traverse.js';
import type { DataSymbol, SymbolName } from '../model/types.js';
import { columnFacts } from '../engine/column-facts.js';
import { host } from '../host/host.js';
import { runEm } from './em.js';
import type { EmInput, EmOutcome, EmRun } from './em.js';
import { startResponsibilities } from './starts.js';
import type { StartInput } from './starts.js';
import type { FitOptions } from './types.js';

/** Rows, and what a fit reads of them. */
export interface SearchInput {
  readonly program: Program;
  readonly data: RowData;
  readonly dataset: Pick<Dataset, 'symbols'>;
  readonly engine: Engine;
  readonly options: FitOptions;
}

export interface Search {
  /** sum of the row weights */
  readonly weight: number;
  /** start r, from 1 */
  readonly startOf: (restart: number) => EmInput['start'];
  readonly run: (start: EmInput['start'], how: RunOptions, over?: Session) => Promise<EmOutcome>;
}

export interface RunOptions extends Pick<EmInput, 'maxIterations' | 'tolerance'> {
  /** the start's number, of so many, for who watches */
  readonly restart: number;
  readonly restarts: number;
}

export function searchOver(input: SearchInput, session: Session): Search {
  const { program, data, options, engine } = input;
  const variances = columnVariances(data);
  const weight = data.weights === undefined ? data.rows : data.weights.reduce((a, b) => a + b, 0);
  const initial = defaultParameters(program, variances);
  const axes = program.plan.axes.map(({ per }, n) => ({ per, size: program.axisSizes[n] }));
  // what is as large as the rows is made when the first start is drawn
  let drawing: Omit<StartInput, 'seed' | 'init'> | undefined;
  return {
    weight,
    startOf: (restart) => {
      drawing ??= {
        axes,
        data,
        columns: startColumns(input),
        sameKind: program.plan.axes.map((axis) => dataOfItsKind(axis.latent, input)),
        isPossible: supported(program, data),
      };
      const { seed, init } = options;
      const responsibilities = startResponsibilities({ ...drawing, seed, init }, restart);
      return { kind: 'responsibilities', responsibilities };
    },
    run: (start, { restart, restarts, ...limits }, over = session) => {
      const run = () =>
        runEm({
          program,
          session: over,
          start,
          initial,
          data,
          algorithm: options.algorithm,
          accelerate: options.accelerate,
          ...limits,
          epsilon: engine.precision === 'float64' ? 2 ** -52 : 2 ** -23,
          weight,
          variances,
          onStep: (iteration, objective) => options.onProgress?.({ restart, restarts, iteration, objective }),
          aborted: () => options.signal?.aborted ?? false,
        });
      const threads = session.threads ?? engine.threads;
      // threads that run JavaScript want it made faster
      const isNative = engine.name !== 'javascript' && threads > 1;
      return isNative && threads >= host.processors() ? host.undisturbed(run) : run();
    },
  };
}

/** Of two runs the one with the better objective; the first where they are equal. */
export const isBetter = (a: Pick<EmRun, 'objective'>, b: Pick<EmRun, 'objective'>, hard: boolean): boolean =>
  hard ? a.objective < b.objective : a.objective > b.objective;

/** Which rows a component can give at all, by the supports of its distributions; undefined where every component can. */
function supported(
  program: Program,
  data: RowData,
): ((row: number, component: number) => boolean) | undefined {
  const terms = program.plan.logits.flatMap((t) => (t.kind === 'support' && t.stratum === 0 ? [t] : []));
  if (terms.length === 0) return undefined;
  const frame = frameOf(program, new Map());
  const limits = Array.from({ length: program.components }, (_, c) => {
    setComponent(program, frame.indices, c);
    return terms.flatMap((t) =>
      evaluateFloat64(t.when, frame).data[0] === 0 ? [] : [data.supports![t.support]],
    );
  });
  return (row, component) => limits[component].every((holds) => holds[row] === 1);
}

/** Modelled data that range over a latent's own plate, such as what a rater says of the class that is hidden. */
function dataOfItsKind(latent: SymbolName, { program, dataset }: SearchInput): Float64Array | undefined {
  const { model } = program.plan;
  const plate = model.latents.find((l) => l.name === latent)?.type.plate;
  const same = model.data.find((d) => plate !== undefined && d.line !== undefined && d.type.plate === plate);
  return same === undefined ? undefined : dataset.symbols.get(same.name)?.values[0];
}

/** Weighted variances of the columns, [C], of the cells that are there. */
const columnVariances = (data: Pick<RowData, 'columns' | 'weights'>): Float64Array =>
  Float64Array.from(columnFacts(data), ({ spread }) => spread ** 2);

/** Columns for the distances of kmeans++: of the data that the model reads, standardised; in the user's units for a limit. */
function startColumns(input: SearchInput): readonly Float64Array[] {
  const { model, groups } = input.program.plan;
  const read = model.data
    .filter((d) => d.as === undefined && !isNamed(d) && isRead(d.name, groups))
    .flatMap((d) => input.dataset.symbols.get(d.name)?.values ?? []);
  if (model.limit !== undefined) return read;
  const variances = columnVariances({ columns: read, weights: input.data.weights });
  return read.flatMap((column, c) => {
    const sd = Math.sqrt(variances[c]);
    return sd > 0 ? [observed(column).map((x) => x / sd)] : [];
  });
}

/** A column whose missing cells take the mean of the others: for distances only. */
function observed(column: Float64Array): Float64Array {
  let count = 0;
  let sum = 0;
  for (const x of column)
    if (!Number.isNaN(x)) {
      count++;
      sum += x;
    }
  if (count === column.length) return column;
  const mean = sum / count;
  return column.map((x) => (Number.isNaN(x) ? mean : x));
}

/** Its numbers are names: their differences mean nothing. */
const isNamed = (d: DataSymbol): boolean => d.type.domain === 'category' || d.type.domain === 'plate';

const isRead = (name: SymbolName, groups: Program['plan']['groups']): boolean =>
  groups.some((g) =>
    g.kind === 'symbol'
      ? g.symbol === name
      : g.elements.some((e) => symbolsOf(e).some((s) => s.name === name)),
  );

/** Feasible values that a conditional maximisation may look at before its turn: zero means, the columns' own scale. */
function defaultParameters(program: Program, variances: Float64Array): Parameters {
  const typical = variances.reduce((a, b) => Math.max(a, b), 0) || 1;
  return new Map(
    program.plan.model.parameters.map((p): readonly [SymbolName, ParameterArray] => {
      const shape = shapeOfParameter(program, p.name);
      const data = new Float64Array(shape.reduce((a, b) => a * b, 1));
      const last = shape[shape.length - 1] ?? 1;
      const level =
        p.type.scale === 'sd' ? Math.sqrt(typical) : p.type.scale === 'precision' ? 1 / typical : typical;
      if (p.type.domain === 'simplex') data.fill(1 / last);
      else if (p.type.domain === 'positive') data.fill(level);
      else if (p.type.domain === 'shape') data.fill(1);
      else if (p.type.domain === 'unit') data.fill(0.5);
      else if (p.type.domain === 'covariance' || p.type.domain === 'orthogonal')
        for (let at = 0; at < data.length; at++)
          if (Math.floor(at / last) % last === at % last)
            data[at] = p.type.domain === 'covariance' ? level : 1;
      return [p.name, { shape, data }];
    }),
  );
}
