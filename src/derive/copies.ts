/** Which copies of a parameter a constraint speaks of: a place for each of its plates, and for the entry of a simplex. */
import { condition, number, position } from '../algebra/build.js';
import type { Expr } from '../algebra/types.js';

/** A number from 1, or every value of the plate. */
export type Place = number | 'every';

/** Copies (or entries of a simplex) that an equation makes one: with the same places for `every` in each. */
export type Tie = readonly (readonly Place[])[];

/** Whether a copy, counted from 0, is one of those at these places. */
export const isAt = (places: readonly Place[], at: readonly number[]): boolean =>
  places.length === at.length && places.every((p, n) => p === 'every' || p === at[n] + 1);

/** The copy that stands for those it is tied to: itself where it is tied to none. Counted from 0. */
export function leaderOf(ties: readonly Tie[], at: readonly number[]): readonly number[] {
  const tie = ties.find((t) => t.some((places) => isAt(places, at)));
  return tie === undefined ? at : tie[0].map((p, n) => (p === 'every' ? at[n] : p - 1));
}

/** Whether a copy stands for itself. */
export const isLeader = (ties: readonly Tie[], at: readonly number[]): boolean =>
  leaderOf(ties, at).every((v, n) => v === at[n]);

/** [k = 1] for each place that is a number, with the indices that the places belong to. */
export const conditionsAt = (places: readonly Place[], indices: readonly string[]): readonly Expr[] =>
  indices.flatMap((index, n) => {
    const place = places[n];
    return typeof place === 'number' ? [condition('=', position(index), number(place))] : [];
  });

/** `k` and `every` as they are written: `A[1,3]`, `A[k,3]`. */
export const placesText = (places: readonly Place[], indices: readonly string[]): string =>
  places.map((p, n) => (p === 'every' ? (indices[n] ?? '·') : String(p))).join(',');

/** The value of every copy (or entry) replaced by that of its leader. `lengths` are those of the places. */
export function withTies<T extends ArrayLike<unknown> & { [n: number]: unknown }>(
  data: T,
  ties: readonly Tie[],
  lengths: readonly number[],
): T {
  if (ties.length === 0) return data;
  const count = lengths.reduce((a, b) => a * b, 1);
  const each = data.length / count;
  for (let copy = 0; copy < count; copy++) {
    const at = unravel(copy, lengths);
    const leader = leaderOf(ties, at).reduce((offset, v, axis) => offset * lengths[axis] + v, 0);
    if (leader !== copy) for (let n = 0; n < each; n++) data[copy * each + n] = data[leader * each + n];
  }
  return data;
}

/** The position along each axis of a flat index. */
export function unravel(flat: number, shape: readonly number[]): readonly number[] {
  const at: number[] = [];
  let rest = flat;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    at.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return at;
}

/** The constraints on the entries of one copy of a simplex, each entry counted from 1. */
export function entriesOf(
  held: readonly { readonly at: readonly Place[] }[],
  ties: readonly Tie[],
  copy: readonly number[],
): { readonly held: readonly number[]; readonly ties: readonly (readonly number[])[] } {
  const rank = copy.length;
  const entry = (places: readonly Place[]): readonly number[] => {
    const last = places[rank];
    return places.length > rank && last !== 'every' && isAt(places.slice(0, rank), copy) ? [last] : [];
  };
  return {
    held: held.flatMap((h) => entry(h.at)),
    ties: ties.map((tie) => tie.flatMap(entry)).filter((tie) => tie.length > 1),
  };
}
