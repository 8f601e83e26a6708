/** Models of many shapes, and small random instances of them as programs: the judge's numbers in the plan's layout. */
import { float64 } from '../../src/algebra/fields.js';
import { sizeOf } from '../../src/algebra/evaluate.js';
import type { Tensor } from '../../src/algebra/evaluate.js';
import { randomInstance } from '../../src/derive/instance.js';
import type { Instance } from '../../src/derive/instance.js';
import { environment, tabulate } from '../../src/derive/point.js';
import type { Responsibilities } from '../../src/derive/point.js';
import type { Derivation } from '../../src/derive/types.js';
import type { RowData } from '../../src/engine/types.js';
import { program } from '../../src/plan/program.js';
import type { ParameterArray, Parameters, Plan, Program } from '../../src/plan/types.js';
import { stream } from '../../src/random.js';
import { compiled, exampleSource, examples, mixture } from '../models.js';
import { structures } from '../structures.js';

const regression = (lines: string, mean: string, scale = 's2[z[i]]', type = 'real'): string => `
model Regression
const K = 3
plate i over rows
plate k in 1..K
param pi : simplex[k]
${lines}
data   t[i] : real
data   u[i] : real
let    phi[i] = [1, t[i], u[i] * t[i]]
latent z[i] : k ~ Categorical(pi)
data   y[i] : ${type} ~ Normal(${mean}, ${scale})
`;

/** Beside the examples: ties, axes, priors, constraints, weights, several lines. */
const further: Readonly<Record<string, string>> = {
  'standard deviations of coordinates': mixture('param s[k] : sd[D]', 'diag(s[z[i]])'),
  'a shared precision': mixture('param L : precision[D, D]', 'L'),
  'volume, shape, axes': mixture(
    'param lambda[k] : variance\nparam A[k] : shape[D]\nparam Q[k] : orthogonal[D]',
    "lambda[z[i]] * Q[z[i]] * diag(A[z[i]]) * Q[z[i]]'",
  ),
  'shared axes': mixture(
    'param lambda[k] : variance\nparam A : shape[D]\nparam Q : orthogonal[D]',
    "lambda[z[i]] * Q * diag(A) * Q'",
  ),
  weighted: `${mixture('param Sigma[k] : covariance[D]', 'Sigma[z[i]]')}data w[i] : positive as weight\n`,
  'held and floored': `${mixture('param s2[k] : variance', 's2[z[i]]', 'real')}constrain pi[1] = 0.3\nconstrain mu[2] = 1\nconstrain s2[k] >= 0.5\n`,
  priors: mixture('param s2[k] : variance ~ InverseGamma(2, 1)', 's2[z[i]]', 'real').replace(
    'simplex[k]',
    'simplex[k] ~ Dirichlet(2)',
  ),
  'a prior of the covariance': mixture(
    'const Psi : covariance[D]\nparam Sigma[k] : covariance[D] ~ InverseWishart(7, Psi)',
    'Sigma[z[i]]',
  ),
  'curves of three coefficients': regression(
    'param w[k] : real[3]\nparam s2[k] : variance',
    'dot(w[z[i]], phi[i])',
  ),
  'a shared slope': regression(
    'param a[k] : real\nparam b : real\nparam s2[k] : variance',
    'a[z[i]] + b * t[i]',
  ),
  'a shared curve and variance': regression(
    'param a[k] : real\nparam w : real[2]\nparam s2 : variance\nlet psi[i] = [t[i], u[i] * t[i]]',
    'a[z[i]] + dot(w, psi[i])',
    's2',
  ),
};

export const sources: Readonly<Record<string, string>> = {
  ...Object.fromEntries(examples.map((e) => [e.name, exampleSource(e)])),
  ...further,
  ...structures,
};

export interface Case {
  readonly derivation: Derivation;
  readonly plan: Plan;
  readonly instance: Instance;
  readonly program: Program;
  readonly data: RowData;
}

export const toArrays = (tensors: ReadonlyMap<string, Tensor<number>>): Parameters =>
  new Map(
    [...tensors].map(([name, t]) => [name, { shape: t.shape, data: Float64Array.from(t.data) }] as const),
  ) as ReadonlyMap<string, ParameterArray> as Parameters;

/** A model at random sizes, parameters and rows; `planned` makes another plan of its derivation. */
export function caseOf(
  source: string,
  seed: string | number,
  planned?: (derivation: Derivation) => Plan,
): Case {
  const whole = compiled(source);
  const { derivation } = whole;
  const plan = planned?.(derivation) ?? whole.plan;
  const instance = randomInstance(derivation.model, stream(String(seed), 'instance'));
  const run = program(plan, instance.sizes, toArrays(instance.constants));
  const rows = derivation.rows!;
  const env = environment({
    derivation,
    instance,
    field: float64,
    parameters: instance.parameters,
    responsibilities: undefined,
  });
  const n = instance.sizes[rows.dim];
  const columns = plan.groups.flatMap((g): readonly Float64Array[] => {
    if (g.kind === 'derived')
      return g.elements.map((e) => {
        const values = Array.from({ length: n }, (_, row) =>
          tabulate(e, [], { ...env, indices: { [rows.index]: row } }),
        );
        return Float64Array.from(values, (v) => v.data[0]);
      });
    const { shape, data } = instance.data.get(g.symbol)!;
    const width = shape[1] ?? 1;
    return Array.from({ length: width }, (_, d) =>
      Float64Array.from({ length: n }, (__, row) => data[row * width + d]),
    );
  });
  const weight = derivation.model.data.find((d) => d.as === 'weight');
  const weights = weight === undefined ? undefined : Float64Array.from(instance.data.get(weight.name)!.data);
  const codes = (symbol: string): readonly number[] => instance.data.get(symbol)!.data;
  const { grouping } = plan;
  const data: RowData = {
    rows: n,
    columns,
    weights,
    labels: plan.axes.map(() => undefined),
    groups:
      grouping === undefined
        ? undefined
        : {
            count: instance.sizes[grouping.range.dim],
            of: Int32Array.from(codes(grouping.symbol), (c) => c - 1),
          },
    strata: plan.strata
      .slice(1)
      .map(({ symbols }) =>
        Int32Array.from({ length: n }, (_, row) =>
          symbols.reduce(
            (at, { symbol, value }) => at * sizeOf(value.dim, instance.sizes) + codes(symbol)[row] - 1,
            0,
          ),
        ),
      ),
    supports: plan.supports.map((e) =>
      Uint8Array.from(
        { length: n },
        (_, row) => tabulate(e, [], { ...env, indices: { [rows.index]: row } }).data[0],
      ),
    ),
  };
  return { derivation, plan, instance, program: run, data };
}

/** Responsibilities of the judge as an engine has them: of every combination of the latents' values, for each row. */
export function ofRows(run: Case, r: Responsibilities | undefined): Float64Array {
  if (r === undefined) return new Float64Array(run.data.rows).fill(1);
  const { name, groupName } = run.derivation.posterior!;
  const { grouping, axes } = run.plan;
  if (grouping === undefined || axes.some((a) => a.per === 'row'))
    return Float64Array.from(r.get(name)!.data);
  const ofGroups = r.get(groupName)!.data;
  const k = run.program.components;
  return Float64Array.from(
    { length: run.data.rows * k },
    (_, at) => ofGroups[run.data.groups!.of[Math.floor(at / k)] * k + (at % k)],
  );
}
