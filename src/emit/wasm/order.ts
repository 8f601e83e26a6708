/** Rows by owner: those that had the same one when they were last looked at stand side by side. */
import { count, i32, local, set } from './instructions.js';
import type { Local, Statement, Value } from './types.js';

export interface OrderPlaces {
  /** address of [N] int32, the owner of each row */
  readonly owners: number;
  /** from the lane's work on: [K] int32, rows of an owner, then where its next one goes */
  readonly places: number;
  /** from the lane's work on: int32 rows */
  readonly order: number;
}

/** A counting sort of the rows from `first` to `end`, of those for which `where` lets the body run; leaves `into` behind them. */
export function orderOf(
  { owners, places, order }: OrderPlaces,
  components: number,
  work: Local<'i32'>,
  [first, end]: readonly [Local<'i32'>, Local<'i32'>],
  into: Local<'i32'>,
  where = (_row: Local<'i32'>, body: readonly Statement[]): readonly Statement[] => body,
): readonly Statement[] {
  const [i, k, before, place] = [local('i32'), local('i32'), local('i32'), local('i32')];
  const ofOwner = (row: Value<'i32'>): Value<'i32'> =>
    i32.add(work, i32.shl(i32.load(i32.shl(row, 2), owners), 2));
  const ofComponent = i32.add(work, i32.shl(k, 2));
  const countOne = [set(place, ofOwner(i)), i32.store(place, i32.add(i32.load(place, places), 1), places)];
  const putOne = [
    set(place, ofOwner(i)),
    set(before, i32.load(place, places)),
    i32.store(before, i),
    i32.store(place, i32.add(before, 4), places),
  ];
  return [
    count(k, 0, i32.constant(components), 1, [i32.store(ofComponent, 0, places)]),
    count(i, first, end, 1, where(i, countOne)),
    set(into, i32.add(work, order)),
    count(k, 0, i32.constant(components), 1, [
      set(before, into),
      set(into, i32.add(into, i32.shl(i32.load(ofComponent, places), 2))),
      i32.store(ofComponent, before, places),
    ]),
    count(i, first, end, 1, where(i, putOne)),
  ];
}
