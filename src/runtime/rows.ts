/** What the E-step of an emitted module is made of where it goes through the rows one by one. */

/** A number, or arrays of them nested to any depth. */
export type Numbers = number | readonly Numbers[];

/** All numbers, in order. */
export const numbersIn = (value: Numbers): number[] =>
  typeof value === 'number' ? [value] : value.flatMap(numbersIn);

/** The same nesting with other numbers. */
export function refilled<T extends Numbers>(like: T, numbers: Iterable<number>): T {
  const next = numbers[Symbol.iterator]();
  const fill = (part: Numbers): Numbers =>
    typeof part === 'number' ? (next.next().value as number) : part.map(fill);
  return fill(like) as T;
}

export interface Shares<T> {
  /** as the logits are nested; they sum to one */
  readonly shares: T;
  /** log Σ exp of the logits */
  readonly logTotal: number;
}

/** exp(logits) over their sum, the largest taken out first; all on the first where every logit is −∞. */
export function normalise<T extends Numbers>(logits: T): Shares<T> {
  const list = numbersIn(logits);
  const top = highest(list);
  if (top === -Infinity) return assign(logits);
  const shares = list.map((a) => Math.exp(a - top));
  const sum = totalOf(shares, (e) => e);
  return {
    shares: refilled(
      logits,
      shares.map((e) => e / sum),
    ),
    logTotal: top + Math.log(sum),
  };
}

/** All on the first of the largest logits, which stands in the place of log Σ exp. */
export function assign<T extends Numbers>(logits: T): Shares<T> {
  const list = numbersIn(logits);
  const top = highest(list);
  const first = list.indexOf(top);
  return {
    shares: refilled(
      logits,
      list.map((_, n) => (n === first ? 1 : 0)),
    ),
    logTotal: top,
  };
}

/** log Σ exp f over 0 … n − 1, the largest taken out first. */
export const logSumExp = (n: number, f: (index: number) => number): number =>
  normalise(Array.from({ length: n }, (_, index) => f(index))).logTotal;

/** The largest f over 0 … n − 1. */
export const largestOf = (n: number, f: (index: number) => number): number =>
  highest(Array.from({ length: n }, (_, index) => f(index)));

/** The largest of a list; of codes from 1, how many values there are. */
export const highest = (list: readonly number[]): number => list.reduce((a, b) => Math.max(a, b), -Infinity);

/** Σ f over a list. */
export const totalOf = <T>(list: readonly T[], f: (item: T) => number): number =>
  list.reduce((sum, item) => sum + f(item), 0);

/** The rows of each group, from codes that count from 1. */
export function membersOf(codes: readonly number[], groups: number): number[][] {
  const members = Array.from({ length: groups }, (): number[] => []);
  codes.forEach((code, row) => members[code - 1].push(row));
  return members;
}

/** x y, and 0 where x is 0, whatever y is: 0 log 0 = 0. */
export const times = (x: number, y: number): number => (x === 0 ? 0 : x * y);
