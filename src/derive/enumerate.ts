/**
 * Brute force over latents, for the judges: the units that are independent given the parameters (a row with its latents,
 * or a group with its own and those of its rows), and assignments of values to them.
 */
import { sizeOf } from '../algebra/evaluate.js';
import type { Environment, LatentValue } from '../algebra/evaluate.js';
import type { Instance } from './instance.js';
import { unravel } from './copies.js';
import { latentsOfGroups, latentsOfRows } from './posterior.js';
import type { Derivation, Hidden } from './types.js';

/** Latents that are enumerated together. */
export interface Unit {
  readonly places: readonly { readonly hidden: Hidden; readonly at: number; readonly size: number }[];
  /** combinations of their values */
  readonly count: number;
}

export function unitsOf(derivation: Derivation, instance: Instance): readonly Unit[] {
  const posterior = derivation.posterior!;
  const { grouping } = posterior;
  const rows = sizeOf(posterior.rows.dim, instance.sizes);
  const place = (at: number) => (hidden: Hidden) => ({
    hidden,
    at,
    size: sizeOf(hidden.value.dim, instance.sizes),
  });
  const ofRow = (i: number) => latentsOfRows(posterior).map(place(i));
  const unit = (places: Unit['places']): Unit => ({
    places,
    count: places.reduce((n, p) => n * p.size, 1),
  });
  const all = Array.from({ length: rows }, (_, i) => i);
  if (grouping === undefined) return all.map((i) => unit(ofRow(i)));
  const codes = instance.data.get(grouping.symbol)!.data;
  return Array.from({ length: sizeOf(grouping.range.dim, instance.sizes) }, (_, g) =>
    unit([
      ...latentsOfGroups(posterior).map(place(g)),
      ...all.filter((i) => codes[i] === g + 1).flatMap(ofRow),
    ]),
  );
}

/** The values of every latent where unit n has combination assignment[n]; an environment's `indicators`. */
export function assignedIn(
  units: readonly Unit[],
  assignment: readonly number[],
): (latents: readonly LatentValue[]) => number {
  const values = new Map<string, number>();
  units.forEach((unit, n) => {
    const each = unravel(
      assignment[n],
      unit.places.map((p) => p.size),
    );
    unit.places.forEach((p, m) => values.set(`${p.hidden.latent} ${String(p.at)}`, each[m]));
  });
  return (latents) =>
    latents.every((l) => values.get(`${l.latent} ${String(l.at[0])}`) === l.value) ? 1 : 0;
}

/** For each unit the combination whose values are each the likeliest: where the others are held, so that no density is 0. */
export function likeliest(
  units: readonly Unit[],
  indicators: Environment<number>['indicators'],
): readonly number[] {
  return units.map(({ places }) =>
    places.reduce((code, place) => {
      const shares = Array.from({ length: place.size }, (_, value) =>
        indicators([{ latent: place.hidden.latent, at: [place.at], value }]),
      );
      return code * place.size + shares.indexOf(Math.max(...shares));
    }, 0),
  );
}
