/** Values for every symbol of a derivation at a point: what expressions of its steps are evaluated at. */
import { evaluate, sizeOf } from '../algebra/evaluate.js';
import type { Environment, Field, LatentValue, Tensor } from '../algebra/evaluate.js';
import type { Expr } from '../algebra/types.js';
import { unravel } from './copies.js';
import type { Instance } from './instance.js';
import { latentsOfGroups, latentsOfRows, stages } from './posterior.js';
import { alone, translate } from './translate.js';
import type { Derivation, Hidden } from './types.js';

export interface Point<S> {
  readonly derivation: Derivation;
  readonly instance: Instance;
  readonly field: Field<S>;
  readonly parameters: ReadonlyMap<string, Tensor<S>>;
  /** undefined where nothing is hidden */
  readonly responsibilities: Responsibilities | undefined;
  /** further symbols, such as the multiplier λ */
  readonly extra?: ReadonlyMap<string, Tensor<S>>;
  /** the value of Π [z = k]; by default the responsibility */
  readonly indicators?: (latents: readonly LatentValue[]) => number;
}

/** By name: r[i,k,l] of [N, K, L], r[g,k] of [G, K]. */
export type Responsibilities = ReadonlyMap<string, Tensor<number>>;

export const lift = <S>(t: Tensor<number>, field: Field<S>): Tensor<S> => ({
  shape: t.shape,
  data: t.data.map(field.of),
});

/** An environment in which parameters, constants, data, definitions, responsibilities and statistics have values. */
export function environment<S>(point: Point<S>): Environment<S> {
  const { derivation, instance, field } = point;
  const cache = new Map<string, Tensor<S>>();
  const env: Environment<S> = {
    field,
    sizes: instance.sizes,
    indices: {},
    indicators: point.indicators ?? ((latents) => expectedIndicators(latents, point)),
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
    const r = point.responsibilities?.get(name);
    if (r !== undefined) return lift(r, field);
    const statistic = derivation.statistics.find((s) => s.name === name);
    if (statistic !== undefined) return tabulate(statistic.definition, statistic.ranges, env);
    const definition = derivation.model.definitions.find((d) => d.name === name);
    if (definition === undefined) throw new Error(`${name} has no value`);
    const body = translate(definition.value, alone(derivation.model));
    const ranges = definition.plates.map((plate) => ({ index: plate, dim: derivation.rows!.dim }));
    return tabulate(body, ranges, env);
  };
  return env;
}

/** The probability that latents of one row, or one group, have these values: r summed over the latents not named. */
function expectedIndicators<S>(latents: readonly LatentValue[], point: Point<S>): number {
  const { posterior } = point.derivation;
  if (posterior === undefined || point.responsibilities === undefined) return 1;
  const isOf = (h: Hidden): boolean => latents.some((l) => l.latent === h.latent);
  const ofRows = latentsOfRows(posterior);
  const isRow = ofRows.some(isOf);
  const axes = isRow ? posterior.latents : latentsOfGroups(posterior);
  const asked = isRow || posterior.grouping !== undefined ? axes : posterior.latents;
  const r = point.responsibilities.get(isRow ? posterior.name : posterior.groupName)!;
  const own = latents.find((l) => !isRow || ofRows.some((h) => h.latent === l.latent))!;
  let total = 0;
  const each = r.data.length / r.shape[0];
  for (let n = 0; n < each; n++) {
    const at = unravel(n, r.shape.slice(1));
    const matches = asked.every((h, axis) => {
      const wanted = latents.find((l) => l.latent === h.latent);
      return wanted === undefined || wanted.value === at[axis];
    });
    if (matches) total += r.data[own.at[0] * each + n];
  }
  return total;
}

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
): Responsibilities | undefined {
  const { posterior, model } = derivation;
  if (posterior === undefined) return undefined;
  const known = new Map<string, Tensor<number>>();
  for (const stage of stages(posterior, model)) {
    const isRow = stage.latents.some((h) => latentsOfRows(posterior).includes(h));
    const env = environment({ derivation, instance, field, parameters, responsibilities: known });
    const at = isRow ? posterior.rows : posterior.grouping!.range;
    const axes = isRow ? posterior.latents : stage.latents;
    const soft = tabulate(stage.right, [at, ...axes.map((h) => h.value)], env);
    known.set(
      isRow ? posterior.name : posterior.groupName,
      posterior.assignment === 'soft' ? soft : hardened(soft),
    );
  }
  return known;
}

function hardened(soft: Tensor<number>): Tensor<number> {
  const k = soft.data.length / soft.shape[0];
  const data = soft.data.map((_, at) => {
    const row = soft.data.slice(Math.floor(at / k) * k, Math.floor(at / k) * k + k);
    return row.indexOf(Math.max(...row)) === at % k ? 1 : 0;
  });
  return { shape: soft.shape, data };
}

/** A hard assignment in which every component owns a row: the instance's own latents. */
export function assigned(derivation: Derivation, instance: Instance): Responsibilities {
  const { latents, name } = derivation.posterior!;
  const [{ latent, value }] = latents;
  const owners = instance.latents.get(latent)!;
  const k = sizeOf(value.dim, instance.sizes);
  const r = {
    shape: [owners.length, k],
    data: owners.flatMap((owner) => Array.from({ length: k }, (_, j) => (j === owner ? 1 : 0))),
  };
  return new Map([[name, r]]);
}
