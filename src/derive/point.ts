/** Values for every symbol of a derivation at a point: what expressions of its steps are evaluated at. */
import { evaluate, sizeOf } from '../algebra/evaluate.js';
import type { Environment, Field, Tensor } from '../algebra/evaluate.js';
import type { Expr } from '../algebra/types.js';
import type { Instance } from './instance.js';
import { responsibilityExpr } from './posterior.js';
import { translate } from './translate.js';
import type { Derivation } from './types.js';

export interface Point<S> {
  readonly derivation: Derivation;
  readonly instance: Instance;
  readonly field: Field<S>;
  readonly parameters: ReadonlyMap<string, Tensor<S>>;
  /** r[i,k] of [N, K]; undefined where nothing is hidden */
  readonly responsibilities: Tensor<number> | undefined;
  /** further symbols, such as the multiplier λ */
  readonly extra?: ReadonlyMap<string, Tensor<S>>;
  /** the value of [z = k]; by default the responsibility */
  readonly indicator?: (latent: string, at: readonly number[], value: number) => number;
}

export const lift = <S>(t: Tensor<number>, field: Field<S>): Tensor<S> => ({
  shape: t.shape,
  data: t.data.map(field.of),
});

/** An environment in which parameters, constants, data, definitions, responsibilities and statistics have values. */
export function environment<S>(point: Point<S>): Environment<S> {
  const { derivation, instance, field } = point;
  const cache = new Map<string, Tensor<S>>();
  const posterior = derivation.posterior;
  const env: Environment<S> = {
    field,
    sizes: instance.sizes,
    indices: {},
    indicator: point.indicator ?? ((_, at, value) => responsibilityAt(point.responsibilities, at[0], value)),
    values: (name) => {
      const direct = point.parameters.get(name) ?? point.extra?.get(name) ?? cache.get(name);
      if (direct !== undefined) return direct;
      const made = make(name);
      cache.set(name, made);
      return made;
    },
  };
  const make = (name: string): Tensor<S> => {
    const known = instance.constants.get(name) ?? instance.data.get(name);
    if (known !== undefined) return lift(known, field);
    if (posterior?.name === name && point.responsibilities !== undefined)
      return lift(point.responsibilities, field);
    const statistic = derivation.statistics.find((s) => s.name === name);
    if (statistic !== undefined) return tabulate(statistic.definition, statistic.ranges, env);
    const definition = derivation.model.definitions.find((d) => d.name === name);
    if (definition === undefined) throw new Error(`${name} has no value`);
    const body = translate(definition.value, { model: derivation.model, problems: [], selectors: [] });
    const ranges = definition.plates.map((plate) => ({ index: plate, dim: derivation.rows!.dim }));
    return tabulate(body, ranges, env);
  };
  return env;
}

const responsibilityAt = (r: Tensor<number> | undefined, row: number, component: number): number =>
  r === undefined ? 1 : r.data[row * r.shape[1] + component];

/** The whole array of an expression over ranges, ranges first. */
export function tabulate<S>(
  e: Expr,
  ranges: readonly { readonly index: string; readonly dim: number | string }[],
  env: Environment<S>,
): Tensor<S> {
  const [first, ...rest] = ranges;
  if (first === undefined) return evaluate(e, env);
  const parts = Array.from({ length: sizeOf(first.dim, env.sizes) }, (_, value) =>
    tabulate(e, rest, { ...env, indices: { ...env.indices, [first.index]: value } }),
  );
  return { shape: [parts.length, ...parts[0].shape], data: parts.flatMap((p) => p.data) };
}

/** The posterior at the point's own parameters: softmax, or the indicator of the largest for a hard assignment. */
export function posteriorAt(
  derivation: Derivation,
  instance: Instance,
  parameters: ReadonlyMap<string, Tensor<number>>,
  field: Field<number>,
): Tensor<number> | undefined {
  const { posterior } = derivation;
  if (posterior === undefined) return undefined;
  const env = environment({ derivation, instance, field, parameters, responsibilities: undefined });
  const soft = tabulate(responsibilityExpr(posterior), [posterior.rows, posterior.component], env);
  if (posterior.assignment === 'soft') return soft;
  const k = soft.shape[1];
  const data = soft.data.map((_, at) => {
    const row = soft.data.slice(Math.floor(at / k) * k, Math.floor(at / k) * k + k);
    return row.indexOf(Math.max(...row)) === at % k ? 1 : 0;
  });
  return { shape: soft.shape, data };
}

/** A hard assignment in which every component owns a row: the instance's own latents. */
export function assigned(derivation: Derivation, instance: Instance): Tensor<number> {
  const { latent, component } = derivation.posterior!;
  const owners = instance.latents.get(latent)!;
  const k = sizeOf(component.dim, instance.sizes);
  return {
    shape: [owners.length, k],
    data: owners.flatMap((owner) => Array.from({ length: k }, (_, j) => (j === owner ? 1 : 0))),
  };
}
