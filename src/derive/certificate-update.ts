/** What the certificate claims of one update: it is feasible, the expected log joint is level there, and nothing near by is better. */
import { add } from '../algebra/build.js';
import { evaluate } from '../algebra/evaluate.js';
import type { Tensor } from '../algebra/evaluate.js';
import { duals, float64 } from '../algebra/fields.js';
import type { Dual } from '../algebra/fields.js';
import { constraintsOf } from './constraints.js';
import { tangentDirection } from './instance.js';
import type { Instance, Randomness } from './instance.js';
import { factorExpr } from './joint.js';
import { environment } from './point.js';
import { entriesOf, isAt, leaderOf, unravel } from './copies.js';
import type { Responsibilities } from './point.js';
import type { ParameterValues as Parameters } from './judged-update.js';
import { isOrthogonal, isPositiveDefinite, perturbed } from './domains.js';
import type { MovingValue } from './domains.js';
import type { Derivation, Update } from './types.js';

export interface Check {
  readonly name: string;
  /** undefined for checks of the whole */
  readonly parameter: string | undefined;
  readonly passed: boolean;
  readonly detail: string;
}

const STATIONARY = 1e-8;
/** How far beside a bend its slopes are looked at. */
const BESIDE = 1e-7;
const PERTURBATIONS = 100;

/** The expected log joint at parameters, r held: the log joint with each [z = k] in it replaced by r. */
export function expectedLogJoint<S>(derivation: Derivation, env: ReturnType<typeof environment<S>>): S {
  return evaluate(add(...derivation.factors.map((f) => factorExpr(f, derivation.model))), env).data[0];
}

interface Copy extends MovingValue {
  /** of each plate, from 0 */
  readonly at: readonly number[];
  readonly offset: number;
  /** its own, and those of the copies that are tied to it */
  readonly offsets: readonly number[];
  readonly length: number;
}

/** The copies of a parameter that move, one of those that are tied. */
function copiesOf(update: Update, derivation: Derivation, tensor: Tensor<number>): readonly Copy[] {
  const declared = derivation.model.parameters.find((p) => p.name === update.parameter)!;
  const shape = tensor.shape.slice(declared.plates.length);
  const length = shape.reduce((a, b) => a * b, 1);
  const lengths = tensor.shape.slice(0, declared.plates.length);
  const count = tensor.data.length / length;
  const leaders = Array.from({ length: count }, (_, copy) =>
    leaderOf(update.ties, unravel(copy, lengths)).reduce((at, v, axis) => at * lengths[axis] + v, 0),
  );
  return leaders.flatMap((leader, copy): readonly Copy[] => {
    const at = unravel(copy, lengths);
    if (leader !== copy || update.held.some((h) => isAt(h.at, at))) return [];
    const offsets = leaders.flatMap((other, n) => (other === leader ? [n * length] : []));
    return [
      { at, offset: copy * length, offsets, length, shape, entries: entriesOf(update.held, update.ties, at) },
    ];
  });
}

export function stationary(
  update: Update,
  derivation: Derivation,
  instance: Instance,
  parameters: Parameters,
  r: Responsibilities | undefined,
  random: Randomness,
): Check {
  const tensor = parameters.get(update.parameter)!;
  const declared = derivation.model.parameters.find((p) => p.name === update.parameter)!;
  const limits = boundsOf(update, derivation, instance, parameters);
  let worst = 0;
  for (const copy of copiesOf(update, derivation, tensor)) {
    const { low, high } = limits(copy.at);
    for (let n = 0; n < copy.length; n++) {
      const at = copy.offset + n;
      const [onFloor, onCap] = [tensor.data[at] <= low, tensor.data[at] >= high];
      // between bounds each coordinate is looked at by itself: on one the slope may point out of the feasible set only
      const direction = !isBounded({ low, high })
        ? tangentDirection(
            declared.type.domain,
            copy.shape,
            copy.entries,
            random,
            tensor.data.slice(copy.offset, copy.offset + copy.length),
          )
        : tensor.data.slice(copy.offset, copy.offset + copy.length).map((_, m) => (m === n ? 1 : 0));
      const valueAt = (step: number): Dual => {
        const moving = tensor.data.map((value, m) => {
          const derivative = directionAt(m, copy, direction);
          return { value: value + step * derivative, derivative };
        });
        const env = environment<Dual>({
          derivation,
          instance,
          field: duals,
          parameters: new Map([
            ...[...parameters].map(
              ([name, t]) => [name, { shape: t.shape, data: t.data.map(duals.of) }] as const,
            ),
            [update.parameter, { shape: tensor.shape, data: moving }],
          ]),
          responsibilities: r,
        });
        return expectedLogJoint(derivation, env);
      };
      // nothing is free: the rounding of a direction is none
      const length = Math.hypot(...direction);
      if (length < 1e-12) continue;
      const scale = Math.max(
        ...tensor.data.slice(copy.offset, copy.offset + copy.length).map(Math.abs),
        1e-3,
      );
      const slopeAt = (step: number): number => {
        const { value, derivative } = valueAt(step);
        return (derivative / length) * (scale / (1 + Math.abs(value)));
      };
      // beside a bend the slope points to it from both sides
      const [rise, fall] = update.crossing ? [slopeAt(BESIDE), -slopeAt(-BESIDE)] : [slopeAt(0), -slopeAt(0)];
      worst = Math.max(worst, onFloor ? rise : onCap ? fall : Math.max(rise, fall));
    }
  }
  return {
    name: 'the derivative of the expected log joint vanishes',
    parameter: update.parameter,
    passed: worst <= STATIONARY,
    detail: `largest relative slope ${worst.toExponential(1)}`,
  };
}

/** How the number at `at` moves when the copy, and those tied to it, go along a direction. */
function directionAt(at: number, copy: Copy, direction: readonly number[]): number {
  const offset = copy.offsets.find((o) => at >= o && at < o + copy.length);
  return offset === undefined ? 0 : direction[at - offset];
}

/** The floor under each copy of a parameter and the cap over it, as the model's own `constrain` lines have them. */
function boundsOf(
  update: Update,
  derivation: Derivation,
  instance: Instance,
  parameters: Parameters,
): (at: readonly number[]) => { readonly low: number; readonly high: number } {
  const bounds = constraintsOf(derivation.model).byParameter.get(update.parameter)?.bounds ?? [];
  const env = environment({ derivation, instance, field: float64, parameters, responsibilities: undefined });
  return (at) => {
    const values = (side: 'floor' | 'cap'): readonly number[] =>
      bounds.filter((b) => b.side === side && isAt(b.at, at)).map((b) => evaluate(b.value, env).data[0]);
    return { low: Math.max(-Infinity, ...values('floor')), high: Math.min(Infinity, ...values('cap')) };
  };
}

const isBounded = ({ low, high }: { readonly low: number; readonly high: number }): boolean =>
  low > -Infinity || high < Infinity;

export function unbeaten(
  update: Update,
  derivation: Derivation,
  instance: Instance,
  parameters: Parameters,
  r: Responsibilities | undefined,
  random: Randomness,
): Check {
  const tensor = parameters.get(update.parameter)!;
  const declared = derivation.model.parameters.find((p) => p.name === update.parameter)!;
  const valueAt = (data: readonly number[]): number =>
    expectedLogJoint(
      derivation,
      environment({
        derivation,
        instance,
        field: float64,
        parameters: new Map([...parameters, [update.parameter, { shape: tensor.shape, data }]]),
        responsibilities: r,
      }),
    );
  const here = valueAt(tensor.data);
  const limits = boundsOf(update, derivation, instance, parameters);
  let best = -Infinity;
  for (let n = 0; n < PERTURBATIONS; n++) {
    const size = 10 ** (-4 * random.uniform());
    const data = [...tensor.data];
    for (const copy of copiesOf(update, derivation, tensor)) {
      const { low, high } = limits(copy.at);
      const moved = perturbed(
        declared.type.domain,
        tensor.data.slice(copy.offset, copy.offset + copy.length),
        copy,
        size,
        random,
      );
      moved.forEach((x, at) => {
        for (const offset of copy.offsets) data[offset + at] = Math.min(Math.max(x, low), high);
      });
    }
    best = Math.max(best, valueAt(data) - here);
  }
  return {
    name: `no feasible perturbation raises the expected log joint (${String(PERTURBATIONS)} tried)`,
    parameter: update.parameter,
    passed: best <= 1e-9 * (1 + Math.abs(here)),
    detail: `largest change ${best.toExponential(1)}`,
  };
}

export function feasible(update: Update, derivation: Derivation, parameters: Parameters): Check {
  const tensor = parameters.get(update.parameter)!;
  const declared = derivation.model.parameters.find((p) => p.name === update.parameter)!;
  const problems: string[] = [];
  if (tensor.data.some((x) => !Number.isFinite(x))) problems.push('a value is not finite');
  for (const copy of copiesOf(update, derivation, tensor)) {
    const values = tensor.data.slice(copy.offset, copy.offset + copy.length);
    const { domain } = declared.type;
    if (
      domain === 'simplex' &&
      (values.some((x) => x < 0) || Math.abs(values.reduce((a, b) => a + b, 0) - 1) > 1e-10)
    )
      problems.push('a simplex does not sum to 1');
    if (domain === 'unit' && values.some((x) => !(x >= 0 && x <= 1)))
      problems.push('a value is not between 0 and 1');
    if (domain === 'positive' && values.some((x) => !(x > 0))) problems.push('a value is not positive');
    if (domain === 'shape' && Math.abs(values.reduce((a, x) => a + Math.log(x), 0)) > 1e-9)
      problems.push('the product of a shape is not one');
    if (domain === 'orthogonal' && !isOrthogonal(values, copy.shape[0]))
      problems.push('a matrix is not orthogonal');
    if (domain === 'covariance' && !isPositiveDefinite(values, copy.shape[0]))
      problems.push('a matrix is not symmetric positive definite');
  }
  return {
    name: 'feasible',
    parameter: update.parameter,
    passed: problems.length === 0,
    detail: problems[0] ?? 'in its domain',
  };
}
