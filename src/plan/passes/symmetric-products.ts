/**
 * A second moment Σ r a bᵀ whose two sides are the same form is symmetric: half of it is read off the moments, and it is
 * symmetric to the last bit, as a Cholesky factorisation wants it.
 *
 *     before   S[k] = Σ r (x − mu)(x − mu)ᵀ read as left, right: D² entries
 *     after    right is left: D (D + 1) / 2 entries
 */
import type { AffineForm, Pass, PlannedStatistic, StatisticReading } from '../types.js';

type Second = Extract<StatisticReading, { kind: 'second' }>;

export const symmetricProducts: Pass = {
  name: 'symmetric-products',
  apply: (plan) => {
    const found: string[] = [];
    const statistics = plan.statistics.map((s): PlannedStatistic => {
      const { reading } = s;
      if (reading.kind !== 'second' || reading.left === reading.right || !areEqual(reading)) return s;
      found.push(`${s.name} is symmetric: each pair of its entries is read once`);
      return { ...s, reading: { ...reading, right: reading.left } };
    });
    return { plan: { ...plan, statistics }, notes: found };
  },
};

const areEqual = ({ left, right }: Second): boolean => textOf(left) === textOf(right);

const textOf = (form: AffineForm): string => JSON.stringify(form);
