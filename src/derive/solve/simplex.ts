import {
  add,
  divide,
  element,
  fixed,
  log,
  multiply,
  number,
  ONE,
  position,
  power,
  running,
  subtract,
  sum,
  ZERO,
} from '../../algebra/build.js';
import { printText } from '../../algebra/print.js';
import { reindex, some } from '../../algebra/traverse.js';
import type { Expr, Range } from '../../algebra/types.js';
import { factorOut, gather, ownFactors, quotient } from '../collect.js';
import type { CollectContext, Factored } from '../collect.js';
import { refused, solved } from './types.js';
import { conditionsAt } from '../copies.js';
import type { Place } from '../copies.js';
import type { HeldValue } from '../types.js';
import type { Solution, SolverForm, Target } from './types.js';

/**
 * Σ_k a_k log θ_k with θ on the simplex, Σ θ = 1. Lagrangian Σ a_k log θ_k + λ (1 − Σ θ_k); a_k / θ_k = λ; summing over
 * k, λ = Σ a; so θ_k = a_k / Σ a. Entries held by a constraint keep their value and leave 1 − Σ held to the others, in
 * the same proportions; m entries that are tied have one θ with Σ a / m for each. A maximum: the Hessian is diagonal with −a_k / θ_k² < 0.
 */
export const simplex: SolverForm = {
  name: 'simplex',
  source: 'Bishop: Pattern Recognition and Machine Learning (2006), appendix E and 9.22',
  attempt: (terms, target, context) => {
    const dim = target.shape[0];
    if (target.fact !== 'simplex' || dim === undefined) return refused('the parameter is not a simplex');
    const own: { readonly factored: Factored; readonly index: string }[] = [];
    for (const t of terms) {
      const factors = ownFactors(t, target.name);
      const factor = factors[0];
      if (
        factors.length !== 1 ||
        factor?.kind !== 'function' ||
        factor.name !== 'log' ||
        factor.argument.kind !== 'element'
      )
        return refused(`not linear in log ${target.name}: ${printText(factor ?? ONE)}`);
      const coordinate = factor.argument.coordinates[0];
      if (coordinate?.kind !== 'running') return refused(`${printText(factor)} names one entry`);
      const rest = gather(
        t.sums.filter((s) => s.index !== coordinate.index),
        t.factors.filter((f) => f !== factor),
        ONE,
        context,
      );
      own.push({ factored: { coefficient: t.coefficient, rest }, index: coordinate.index });
    }
    // the terms may count the entries with indices of different names: that of the data stays, sums over rows know it
    const { index } = own.find((o) => some(o.factored.rest, (p) => p.kind === 'sum')) ?? own[0];
    const coordinate: Range = { index, dim };
    const { coefficient, rest } = factorOut(
      own.map((o) => ({ ...o.factored, rest: reindex(o.factored.rest, o.index, running(index)) })),
    );
    const mass = multiply(number(coefficient), rest);
    return solved(solveSimplex(mass, coordinate, target, context));
  },
};

function solveSimplex(untied: Expr, coordinate: Range, target: Target, context: CollectContext): Solution {
  const total = totalMass(untied, coordinate, context);
  const entry = element(target.symbol, [running(coordinate.index)]);
  // [k = 1]: an entry is held in one copy of the parameter, the others are whole
  const plates = target.ranges.map((r) => r.index);
  const here = (h: HeldValue): readonly Expr[] => conditionsAt(h.at.slice(0, plates.length), plates);
  const entryOf = (e: Expr, places: readonly Place[]): Expr => {
    const place = places[plates.length];
    if (place === 'every') throw new Error('all entries of a simplex at once');
    return reindex(e, coordinate.index, fixed(place));
  };
  const entryTies = target.ties.filter((tie) => tie[0].length > plates.length);
  // entries that are one have the mean of their masses: m log θ counts for each of them
  const mass = add(
    untied,
    ...entryTies.flatMap((tie) => {
      const masses = tie.map((places) => entryOf(untied, places));
      // the mean less its own: Σ (a_l − a) / m
      return tie.map((places, n) =>
        multiply(
          number(1 / tie.length),
          ...conditionsAt(places, [...plates, coordinate.index]),
          add(...masses.filter((_, m) => m !== n).map((other) => subtract(other, masses[n]))),
        ),
      );
    }),
  );
  const heldSum = add(...target.held.map((h) => multiply(...here(h), h.value)));
  const heldMass = add(...target.held.map((h) => multiply(...here(h), entryOf(untied, h.at))));
  const isHeld = target.held.length > 0;
  const left = isHeld ? subtract(total, heldMass) : total;
  const share = isHeld ? subtract(ONE, heldSum) : ONE;
  const lambda = isHeld ? divide(left, share) : left;
  return {
    collected: sum(coordinate, multiply(mass, log(entry))),
    value: isHeld ? multiply(share, divide(mass, left)) : quotient(mass, left),
    gradient: subtract(divide(mass, entry), lambda),
    divisor: left,
    multiplier: {
      lambda,
      constraint: sum(coordinate, entry),
      bound: ONE,
      index: coordinate.index,
      what: 'a simplex, its entries sum to one',
      worked: (unknown) => [
        {
          label: 'derivative',
          left: ZERO,
          relation: '=',
          right: subtract(divide(mass, entry), unknown),
          note: ['the derivative of the Lagrangian in ', entry],
        },
        {
          label: 'so',
          left: entry,
          relation: '=',
          right: divide(mass, unknown),
          note: ['solved for ', entry],
        },
        {
          label: 'sum',
          left: share,
          relation: '=',
          right: divide(left, unknown),
          note: [
            'both sides summed over ',
            position(coordinate.index),
            isHeld ? ', the entries that are held apart' : '',
          ],
        },
        { label: 'multiplier', left: unknown, relation: '=', right: lambda, note: [] },
      ],
      how: `found by summing ${target.name}[…] over ${coordinate.index}`,
    },
    secondOrder: [
      'a maximum: the second derivative is ',
      multiply(number(-1), mass, power(entry, -2)),
      ' < 0',
    ],
    unimodal: false,
  };
}

/** Σ over the coordinate of the mass, with Σ_k r[i,k] = 1. */
function totalMass(mass: Expr, coordinate: Range, context: CollectContext): Expr {
  const parts = mass.kind === 'add' ? mass.terms : [mass];
  return add(...parts.map((p) => gather([coordinate], [], p, context)));
}
