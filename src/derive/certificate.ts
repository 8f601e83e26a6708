/**
 * The certificate: a derivation judged by what it claims, on a small random instance in float64, without its own rules.
 * Derivatives are those of the log joint as the densities were written (forward-mode automatic differentiation), not of
 * any derived form.
 */
import { add } from '../algebra/build.js';
import { evaluate } from '../algebra/evaluate.js';
import type { Tensor } from '../algebra/evaluate.js';
import { duals, float64 } from '../algebra/fields.js';
import type { Dual } from '../algebra/fields.js';
import { constraintsOf } from './constraints.js';
import { alike, randomInstance, tangentDirection } from './instance.js';
import type { Instance, Randomness } from './instance.js';
import { factorExpr } from './joint.js';
import { assigned, environment, posteriorAt } from './point.js';
import { entriesOf, isAt, leaderOf, unravel } from './copies.js';
import type { Responsibilities } from './point.js';
import { assignedIn, likeliest, unitsOf } from './enumerate.js';
import { marginal } from './posterior.js';
import { updated } from './judged-update.js';
import type { ParameterValues as Parameters } from './judged-update.js';
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
const STEPS = 20;

export function certify(derivation: Derivation, random: Randomness): readonly Check[] {
  const instance = randomInstance(derivation.model, random);
  const r =
    derivation.limit === undefined
      ? posteriorAt(derivation, instance, instance.parameters, float64)
      : assigned(derivation, instance);
  const checks: Check[] = [];
  let parameters: Parameters = instance.parameters;
  for (const update of derivation.updates) {
    parameters = new Map([
      ...parameters,
      [update.parameter, updated(update, derivation, instance, parameters, r)],
    ]);
    checks.push(feasible(update, derivation, parameters));
    checks.push(stationary(update, derivation, instance, parameters, r, random));
    checks.push(unbeaten(update, derivation, instance, parameters, r, random));
  }
  if (derivation.posterior !== undefined) checks.push(posteriorIsRight(derivation, random));
  checks.push(climbs(derivation, instance));
  return checks;
}

/** The expected log joint at parameters, r held: the log joint with each [z = k] in it replaced by r. */
function expectedLogJoint<S>(derivation: Derivation, env: ReturnType<typeof environment<S>>): S {
  return evaluate(add(...derivation.factors.map((f) => factorExpr(f, derivation.model))), env).data[0];
}

interface Copy {
  /** of each plate, from 0 */
  readonly at: readonly number[];
  readonly offset: number;
  /** its own, and those of the copies that are tied to it */
  readonly offsets: readonly number[];
  readonly length: number;
  readonly shape: readonly number[];
  /** of a simplex */
  readonly entries: ReturnType<typeof entriesOf>;
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

function stationary(
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

function unbeaten(
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

/** A feasible point near by. */
function perturbed(
  domain: string,
  values: readonly number[],
  copy: Copy,
  size: number,
  random: Randomness,
): readonly number[] {
  if (domain === 'positive') return values.map((x) => x * Math.exp(size * random.normal()));
  if (domain === 'unit') return values.map((x) => 1 / (1 + ((1 - x) / x) * Math.exp(size * random.normal())));
  if (domain === 'simplex') {
    const { held, ties } = copy.entries;
    const free = values.map((_, at) => !held.includes(at + 1));
    const mass = values.reduce((s, x, at) => s + (free[at] ? x : 0), 0);
    const moves = alike(
      values.map(() => random.normal()),
      ties,
    );
    const moved = values.map((x, at) => (free[at] ? x * Math.exp(size * moves[at]) : x));
    const total = moved.reduce((s, x, at) => s + (free[at] ? x : 0), 0);
    return moved.map((x, at) => (free[at] ? (x * mass) / total : x));
  }
  if (domain === 'shape') {
    const logs = values.map((x) => Math.log(x) + size * random.normal());
    const mean = logs.reduce((a, b) => a + b, 0) / logs.length;
    return logs.map((x) => Math.exp(x - mean));
  }
  if (domain === 'orthogonal') return rotated(values, copy.shape[0], size, random);
  if (domain === 'covariance') {
    // (I + A) Σ (I + A)ᵀ stays positive definite
    const n = copy.shape[0];
    const a = Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0) + size * random.normal());
    return multiplyThree(a, values, n);
  }
  return values.map((x) => x + size * random.normal());
}

/** Q turned a little in every plane of two axes. */
function rotated(values: readonly number[], n: number, size: number, random: Randomness): readonly number[] {
  const q = [...values];
  for (let a = 0; a < n; a++)
    for (let b = a + 1; b < n; b++) {
      const angle = size * random.normal();
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let i = 0; i < n; i++) {
        const [x, y] = [q[i * n + a], q[i * n + b]];
        q[i * n + a] = c * x + s * y;
        q[i * n + b] = c * y - s * x;
      }
    }
  return q;
}

function multiplyThree(a: readonly number[], m: readonly number[], n: number): readonly number[] {
  const am = Array.from({ length: n * n }, (_, at) => {
    let s = 0;
    for (let t = 0; t < n; t++) s += a[Math.floor(at / n) * n + t] * m[t * n + (at % n)];
    return s;
  });
  return Array.from({ length: n * n }, (_, at) => {
    let s = 0;
    for (let t = 0; t < n; t++) s += am[Math.floor(at / n) * n + t] * a[(at % n) * n + t];
    return s;
  });
}

function feasible(update: Update, derivation: Derivation, parameters: Parameters): Check {
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

const isOrthogonal = (q: readonly number[], n: number): boolean =>
  multiplyThree(
    q,
    Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0)),
    n,
  ).every((x, at) => Math.abs(x - (at % (n + 1) === 0 ? 1 : 0)) < 1e-9);

function isPositiveDefinite(m: readonly number[], n: number): boolean {
  const isSymmetric = m.every(
    (x, at) => Math.abs(x - m[(at % n) * n + Math.floor(at / n)]) <= 1e-9 * (1 + Math.abs(x)),
  );
  return isSymmetric && pivots(m, n).every((x) => x > 0);
}

/** The pivots of Gaussian elimination: all positive for a positive definite matrix. */
function pivots(m: readonly number[], n: number): readonly number[] {
  const a = [...m];
  for (let c = 0; c < n; c++)
    for (let i = c + 1; i < n; i++) {
      const factor = a[i * n + c] / a[c * n + c];
      for (let j = c; j < n; j++) a[i * n + j] -= factor * a[c * n + j];
    }
  return Array.from({ length: n }, (_, i) => a[i * n + i]);
}

/** Rows of r sum to one and equal what enumerating every assignment of the latents in the log joint gives. */
function posteriorIsRight(derivation: Derivation, random: Randomness): Check {
  const posterior = derivation.posterior!;
  const rows = 3;
  const full = randomInstance(derivation.model, random, rows);
  const weight = derivation.model.data.find((d) => d.as === 'weight');
  // for a limit, the posterior at a small value of the constant is already the indicator
  const instance: Instance = {
    ...full,
    data:
      weight === undefined
        ? full.data
        : new Map([
            ...full.data,
            [weight.name, { shape: [rows], data: Array.from({ length: rows }, () => 1) }],
          ]),
    constants:
      derivation.limit === undefined
        ? full.constants
        : new Map([...full.constants, [derivation.limit.constant, { shape: [], data: [1e-5] }]]),
  };
  const r = posteriorAt(derivation, instance, instance.parameters, float64)!;
  // units are independent given the parameters: each is enumerated with the others held
  const units = unitsOf(derivation, instance);
  const point = {
    derivation,
    instance,
    field: float64,
    parameters: instance.parameters,
    responsibilities: r,
  };
  const { indicators } = environment(point);
  const others = likeliest(units, indicators);
  let worst = 0;
  let assignments = 0;
  units.forEach((unit, n) => {
    const values = Array.from({ length: unit.count }, (_, v) =>
      expectedLogJoint(
        derivation,
        environment({
          derivation,
          instance,
          field: float64,
          parameters: instance.parameters,
          responsibilities: undefined,
          indicators: assignedIn(
            units,
            others.map((o, m) => (m === n ? v : o)),
          ),
        }),
      ),
    );
    assignments += values.length;
    const top = Math.max(...values);
    const total = values.reduce((s, v) => s + Math.exp(v - top), 0);
    for (const place of unit.places) {
      for (let value = 0; value < place.size; value++) {
        const brute = values.reduce(
          (s, v, code) =>
            unravel(
              code,
              unit.places.map((p) => p.size),
            )[unit.places.indexOf(place)] === value
              ? s + Math.exp(v - top)
              : s,
          0,
        );
        const found = indicators([{ latent: place.hidden.latent, at: [place.at], value }]);
        worst = Math.max(worst, Math.abs(brute / total - found));
      }
    }
  });
  return {
    name: `the posterior of ${posterior.latents.map((h) => h.latent).join(' and ')} equals enumeration (${String(assignments)} assignments)`,
    parameter: undefined,
    passed: worst <= 1e-10,
    detail: `largest difference ${worst.toExponential(1)}`,
  };
}

/** A scale has left the sizes at which float64 can tell whether the objective rises. */
function hasCollapsed(derivation: Derivation, parameters: Parameters): boolean {
  const isExtreme = (x: number): boolean => !(x > 1e-6 && x < 1e6);
  return derivation.model.parameters.some((p) => {
    const { data, shape } = parameters.get(p.name)!;
    if (p.type.domain === 'positive' || p.type.domain === 'shape') return data.some(isExtreme);
    if (p.type.domain !== 'covariance') return false;
    const n = shape[shape.length - 1];
    return Array.from({ length: data.length / (n * n) }, (_, k) =>
      pivots(data.slice(k * n * n, (k + 1) * n * n), n),
    )
      .flat()
      .some(isExtreme);
  });
}

/** EM from the instance's parameters never lowers the objective (never raises an inertia). */
function climbs(derivation: Derivation, instance: Instance): Check {
  const priors = derivation.limit === undefined ? derivation.factors.filter((f) => f.role === 'prior') : [];
  const objective = (parameters: Parameters): number => {
    const env = environment({
      derivation,
      instance,
      field: float64,
      parameters,
      responsibilities: undefined,
    });
    if (derivation.limit !== undefined) return -evaluate(derivation.limit.objective, env).data[0];
    const data =
      derivation.posterior === undefined
        ? add(
            ...derivation.factors
              .filter((f) => f.role === 'data')
              .map((f) => factorExpr(f, derivation.model)),
          )
        : marginal(derivation.posterior, derivation.model);
    return evaluate(add(data, ...priors.map((f) => factorExpr(f, derivation.model))), env).data[0];
  };
  let parameters: Parameters = instance.parameters;
  const { byParameter } = constraintsOf(derivation.model);
  let before = derivation.updates.some(
    (u) => u.held.length > 0 || (byParameter.get(u.parameter)?.bounds ?? []).length > 0,
  )
    ? -Infinity
    : objective(parameters);
  let worst = 0;
  let steps = 0;
  for (; steps < STEPS; steps++) {
    const r = posteriorAt(derivation, instance, parameters, float64);
    let next: Parameters = parameters;
    for (const update of derivation.updates)
      next = new Map([...next, [update.parameter, updated(update, derivation, instance, next, r)]]);
    const after = objective(next);
    // a component may shrink onto a single row of so small an instance: the likelihood is then unbounded, and rising
    if (!Number.isFinite(after) || hasCollapsed(derivation, next)) break;
    worst = Math.max(worst, (before - after) / (1 + Math.abs(after)));
    before = after;
    parameters = next;
  }
  return {
    name: `${String(STEPS)} EM steps never lower the objective`,
    parameter: undefined,
    passed: worst <= 1e-10,
    detail: `largest fall ${worst.toExponential(1)}, ${String(steps)} steps`,
  };
}
