/** New rows from a fit: each latent is drawn from its line, then each modelled symbol given it. */
import { symbolsOf } from '../algebra/traverse.js';
import { distributionNamed } from '../distributions/registry.js';
import { evaluateFloat64 } from '../plan/evaluate-float64.js';
import type { Value } from '../plan/evaluate-float64.js';
import { frameOf } from '../plan/frame.js';
import { program } from '../plan/program.js';
import type { Plan } from '../plan/types.js';
import type { JointFactor } from '../derive/types.js';
import type { DataSymbol, Latent, SymbolName } from '../model/types.js';
import { stream } from '../random.js';
import type { FitFile } from './fit-file.js';
import { parametersFromJson } from './parameters.js';
import { constantArrays, constantValues } from './prepare.js';
import type { RunProblem } from './run.js';

export interface Sample {
  /** the data's columns, by the names of the table that was fitted */
  readonly columns: readonly {
    readonly name: string;
    /** those of a category are numbers from 1 */
    readonly values: Float64Array;
    /** the labels of a category, in order */
    readonly levels: readonly string[] | undefined;
  }[];
  /** the component of each row, from 1 */
  readonly latents: readonly { readonly name: string; readonly values: Int32Array }[];
}

/** Why a model cannot be sampled; undefined when it can. */
export function cannotSample(plan: Plan): string | undefined {
  if (plan.model.limit !== undefined)
    return `this model is a limit (\`limit ${plan.model.limit.constant} -> 0+\`): it has no density to draw from`;
  const covariate = plan.model.data.find((d) => d.line === undefined && d.as === undefined);
  if (covariate !== undefined)
    return `\`${covariate.name}\` is a covariate: the model does not say how to draw it`;
  const branch = plan.derivation.factors
    .filter((f) => f.role !== 'prior')
    .flatMap((f) => f.branches)
    .find((b) => distributionNamed(b.distribution).sample === undefined);
  return branch === undefined ? undefined : `${branch.distribution} has no way to draw from it`;
}

/** Draws exactly `rows` rows from the stream `seed/sample`. */
export function sampleRows(
  plan: Plan,
  file: Pick<FitFile, 'model' | 'parameters' | 'data'>,
  rows: number,
  seed: string,
): { readonly value: Sample | undefined; readonly problems: readonly RunProblem[] } {
  const constants = constantValues(plan.model, file.model.constants);
  if (constants.problems.length > 0) return { value: undefined, problems: constants.problems };
  const sizes: Record<string, number> = { ...sizesOf(plan, file) };
  for (const [name, value] of constants.value) if (typeof value === 'number') sizes[name] = value;
  const joined = program(plan, sizes, constantArrays(constants.value));
  const parameters = parametersFromJson(
    file.parameters,
    joined,
    new Set(plan.model.parameters.map((p) => p.name)),
  );
  if (parameters.value === undefined) return { value: undefined, problems: parameters.problems };

  const frame = frameOf(joined, parameters.value);
  const drawn = new Map<string, Value>();
  const known = frame.value;
  const here = { ...frame, value: (name: string): Value => drawn.get(name) ?? known(name) };
  if (plan.rows !== undefined) here.indices[plan.rows.index] = 0;
  const random = stream(seed, 'sample');
  const factors = ancestorsFirst(plan.derivation.factors.filter((f) => f.role !== 'prior'));
  const latents = plan.model.latents.map((l) => ({ name: l.name, values: new Int32Array(rows) }));
  const columns = factors
    .filter((f) => f.role === 'data')
    .flatMap((f) =>
      (file.data.columns[f.symbol] ?? [f.symbol]).map((name, at) => ({
        symbol: f.symbol,
        at,
        name,
        values: new Float64Array(rows),
        levels: isNumbered(plan, f.symbol) ? file.data.levels[f.symbol] : undefined,
      })),
    );
  for (let row = 0; row < rows; row++)
    for (const factor of factors) {
      const value = draw(factor, here, random);
      // a truth value is drawn as 0 or 1 and numbered 1 or 2
      const number = value[0] + (symbolOf(plan, factor.symbol).type.domain === 'boolean' ? 1 : 0);
      for (const { selectors } of factors)
        for (const s of selectors) if (s.symbol === factor.symbol) here.indices[s.value.index] = number - 1;
      if (factor.role === 'latent') {
        latents.find((l) => l.name === factor.symbol)!.values[row] = number;
        continue;
      }
      drawn.set(factor.symbol, {
        shape: value.length > 1 ? [1, value.length] : [1],
        data: Float64Array.from(value),
      });
      for (const c of columns) if (c.symbol === factor.symbol) c.values[row] = value[c.at];
    }
  return { value: { columns, latents }, problems: [] };
}

const symbolOf = (plan: Plan, name: SymbolName): Latent | DataSymbol =>
  [...plan.model.latents, ...plan.model.data].find((s) => s.name === name)!;

/** A value that is one of several names. */
function isNumbered(plan: Plan, name: SymbolName): boolean {
  const { domain } = symbolOf(plan, name).type;
  return domain === 'category' || domain === 'plate';
}

/** Each factor after those whose symbols it looks at. */
function ancestorsFirst(factors: readonly JointFactor[]): readonly JointFactor[] {
  const sorted: JointFactor[] = [];
  const looksAt = (f: JointFactor): readonly string[] => [
    ...f.selectors.map((s) => s.symbol),
    ...f.branches.flatMap((b) =>
      [b.when, ...Object.values(b.arguments)].flatMap(symbolsOf).map((s) => s.name),
    ),
  ];
  const put = (f: JointFactor): void => {
    if (sorted.includes(f)) return;
    for (const other of factors) if (other !== f && looksAt(f).includes(other.symbol)) put(other);
    sorted.push(f);
  };
  factors.forEach(put);
  return sorted;
}

function draw(
  factor: JointFactor,
  frame: Parameters<typeof evaluateFloat64>[1],
  random: ReturnType<typeof stream>,
): readonly number[] {
  const branch = factor.branches.find((b) => evaluateFloat64(b.when, frame).data[0] !== 0)!;
  const args = Object.fromEntries(
    Object.entries(branch.arguments).map(([key, e]) => [key, evaluateFloat64(e, frame).data]),
  );
  return distributionNamed(branch.distribution).sample!(args, random);
}

/** Named sizes as the fit had them: from the columns that each symbol read. */
function sizesOf(plan: Plan, file: Pick<FitFile, 'data'>): Readonly<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const size of plan.model.sizes) if (size.value !== undefined) sizes[size.name] = size.value;
  for (const d of plan.model.data) {
    const [first] = d.type.shape;
    const columns = file.data.columns[d.name];
    if (d.type.shape.length === 1 && first.kind === 'named' && columns !== undefined)
      sizes[first.name] = columns.length;
  }
  return sizes;
}
