/**
 * The certificate: a derivation judged by what it claims, on a small random instance in float64, without its own rules.
 * Derivatives are those of the log joint as the densities were written (forward-mode automatic differentiation), not of
 * any derived form.
 */
import { add } from '../algebra/build.js';
import { evaluate } from '../algebra/evaluate.js';
import { float64 } from '../algebra/fields.js';
import { constraintsOf } from './constraints.js';
import { randomInstance } from './instance.js';
import type { Instance, Randomness } from './instance.js';
import { factorExpr } from './joint.js';
import { assigned, environment, posteriorAt } from './point.js';
import { unravel } from './copies.js';
import { assignedIn, likeliest, unitsOf } from './enumerate.js';
import { marginal } from './posterior.js';
import { updated } from './judged-update.js';
import type { ParameterValues as Parameters } from './judged-update.js';
import { expectedLogJoint, feasible, stationary, unbeaten } from './certificate-update.js';
import type { Check } from './certificate-update.js';
import { pivots } from './domains.js';
import type { Derivation } from './types.js';

export type { Check };

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
