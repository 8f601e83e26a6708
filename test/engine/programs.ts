/** The examples over their data as programs, with weights and labels where wanted, and parameters drawn for them. */
import { compileSource } from '../../src/compile.js';
import { bind } from '../../src/data/bind.js';
import { openTable } from '../../src/data/read.js';
import { referenceEngine } from '../../src/engine/reference/engine.js';
import type { RowData } from '../../src/engine/types.js';
import { constantValues, prepare } from '../../src/fit/prepare.js';
import { shapeOfParameter } from '../../src/plan/frame.js';
import { canBeMissing } from '../../src/plan/marginal.js';
import { parameterStage } from '../../src/plan/parameter-stage.js';
import type { ParameterArray, Parameters, Plan, Program } from '../../src/plan/types.js';
import { stream } from '../../src/random.js';
import { exampleData, exampleSource } from '../models.js';
import type { Example } from '../models.js';

export interface Marks {
  readonly weights?: boolean;
  readonly labels?: boolean;
  /** a fifth of the cells that can be */
  readonly missing?: boolean;
}

export interface Prepared {
  readonly program: Program;
  readonly data: RowData;
  /** what is bound to each data symbol, by coordinate; values of plates and categories from 1 */
  readonly symbols: ReadonlyMap<string, readonly Float64Array[]>;
}

function planOf(source: string): Plan {
  const { plan, diagnostics } = compileSource(source);
  if (plan === undefined) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  return plan;
}

/** An example over its own file; labels only where the model has a latent. */
export async function prepared(example: Example, marks: Marks = {}): Promise<Prepared> {
  const source = exampleSource(example);
  const marked =
    (marks.labels === true ? source.replace(/^(latent .*?)\s+~/m, '$1 from label ~') : source) +
    (marks.weights === true ? 'data weight[i] : positive as weight\n' : '');
  const plan = planOf(marked);
  const { value: table } = await openTable({ kind: 'file', path: exampleData(example) }, {});
  const constants = constantValues(plan.model, {}).value;
  const bound = await bind(planOf(source).model, table!, { bind: {}, constants, use: 'fit' });
  table!.close();
  const { program, data } = prepare(plan, bound.value!, constants);
  const random = stream(example.name, 'marks');
  const rows = Array.from({ length: data.rows }, () => [
    random.uniform(),
    random.uniform(),
    random.uniform(),
  ]);
  const gone = marks.missing === true ? columnsThatMayMiss(program) : [];
  const cells = stream(example.name, 'cells');
  const hasLabels = marks.labels === true && plan.latent !== undefined;
  return {
    program,
    symbols: new Map([...bound.value!.symbols].map(([name, { values }]) => [name, values])),
    data: {
      ...data,
      ...(gone.length > 0 && {
        hasMissing: true,
        columns: data.columns.map((c, at) =>
          gone.includes(at) ? c.map((x) => (cells.uniform() < 0.2 ? NaN : x)) : c,
        ),
      }),
      weights:
        marks.weights === true ? Float64Array.from(rows, ([u]) => Math.floor(6 * u) / 2) : data.weights,
      labels: hasLabels
        ? [Int32Array.from(rows, ([, u, v]) => (u < 0.7 ? 0 : 1 + Math.floor(v * program.components)))]
        : data.labels,
    },
  };
}

/** Columns of symbols that the plan can integrate out. */
export const columnsThatMayMiss = ({ plan, columns }: Program): readonly number[] =>
  columns.flatMap(({ group }, at) => {
    const of = plan.groups[group];
    return of.kind === 'symbol' && canBeMissing(plan, of.symbol) ? [at] : [];
  });

/** Parameters of an M-step from responsibilities drawn at random: feasible, and of the size of the data. */
export async function drawnParameters(
  { program, data }: Prepared,
  seed: string | number,
): Promise<Parameters> {
  const { components: k } = program;
  const random = stream(String(seed), 'responsibilities');
  const responsibilities = new Float64Array(data.rows * k);
  for (let i = 0; i < data.rows; i++) {
    const row = Array.from({ length: k }, () => random.uniform() ** 6 + 1e-3);
    const total = row.reduce((s, r) => s + r, 0);
    row.forEach((r, j) => (responsibilities[i * k + j] = r / total));
  }
  const session = await referenceEngine.open(program, data);
  const moments = await session.momentsOf(responsibilities);
  return parameterStage(program, moments, plainParameters(program)).parameters;
}

/** Zeros and ones that are feasible, for what an update reads before it is computed. */
export const plainParameters = (program: Program): Parameters =>
  new Map(
    program.plan.model.parameters.map((p): [typeof p.name, ParameterArray] => {
      const shape = shapeOfParameter(program, p.name);
      const n = shape.at(-1) ?? 1;
      const length = shape.reduce((a, b) => a * b, 1);
      const entry = (at: number): number => {
        if (p.type.domain === 'simplex') return 1 / n;
        if (p.type.domain === 'unit') return 0.5;
        if (p.type.domain === 'covariance' || p.type.domain === 'orthogonal')
          return Math.floor(at / n) % n === at % n ? 1 : 0;
        return p.type.domain === 'real' ? 0 : 1;
      };
      return [p.name, { shape, data: Float64Array.from({ length }, (_, at) => entry(at)) }];
    }),
  );
