/** Scores of one block of centres for the eight rows of a tile, and the two best of each row so far. */
import { branch, f32x4, i32, i32x4, local, loop, set, tee, v128, when } from '../instructions.js';
import type { Local, Statement, Value } from '../types.js';
import { BLOCK, TILE } from './shape.js';
import type { KMeansShape } from './shape.js';

/** Two vectors side by side: the eight rows of a tile. */
export type Pair<T> = readonly [T, T];
export const HALVES = [0, 1] as const;
export const pair = <T>(make: (half: 0 | 1) => T): Pair<T> => [make(0), make(1)];

export type Scores = readonly Pair<Local<'v128'>>[];
export const scoreLocals = (): Scores => Array.from({ length: BLOCK }, () => pair(() => local('v128')));

/**
 * scores[j] = constant[j] + Σ_c y_c y[j, c], four centres and eight rows at once. One column a turn: in longer stretches of
 * code the host loads everything first, and then has too few registers. Leaves `centre` at the next block.
 */
export function blockScores(
  { columns, fused }: KMeansShape,
  x: Local<'i32'>,
  centre: Local<'i32'>,
  constant: Value<'i32'>,
  constantOffset: number,
  scores: Scores,
): readonly Statement[] {
  const values = pair(() => local('v128'));
  const coefficient = local('v128');
  const at = local('i32');
  const to = local('i32');
  return [
    ...scores.flatMap((score, j) => [
      set(score[0], v128.load(constant, constantOffset + 16 * j)),
      set(score[1], score[0]),
    ]),
    set(at, x),
    set(to, i32.add(x, 4 * TILE * columns)),
    loop((again) => [
      ...HALVES.map((h) => set(values[h], v128.load(at, 16 * h))),
      ...scores.flatMap((score, j) => [
        set(coefficient, v128.load(centre, 16 * j)),
        ...HALVES.map((h) =>
          set(
            score[h],
            fused
              ? f32x4.relaxedMadd(coefficient, values[h], score[h])
              : f32x4.add(f32x4.mul(coefficient, values[h]), score[h]),
          ),
        ),
      ]),
      set(centre, i32.add(centre, 16 * BLOCK)),
      branch(again, i32.ltU(tee(at, i32.add(at, 4 * TILE)), to)),
    ]),
  ];
}

/** The largest score of the block in each row. */
export const topOf = (scores: Scores, half: 0 | 1): Value<'v128'> =>
  f32x4.pmax(f32x4.pmax(scores[0][half], scores[1][half]), f32x4.pmax(scores[2][half], scores[3][half]));

export interface Ranking {
  readonly best: Pair<Local<'v128'>>;
  readonly second: Pair<Local<'v128'>>;
  /** of the best */
  readonly label: Pair<Local<'v128'>>;
}

export const rankingLocals = (): Ranking => ({
  best: pair(() => local('v128')),
  second: pair(() => local('v128')),
  label: pair(() => local('v128')),
});

const LOWEST = -3.4028234663852886e38;

export const clearRanking = ({ best, second, label }: Ranking): readonly Statement[] =>
  HALVES.flatMap((h) => [
    set(best[h], f32x4.constant(LOWEST)),
    set(second[h], f32x4.constant(LOWEST)),
    set(label[h], i32x4.constant(0)),
  ]);

/** Most blocks change nothing: only those that have one of the two best of some row are looked at. */
export function rank(
  scores: Scores,
  top: Pair<Local<'v128'>>,
  first: Value<'i32'>,
  { best, second, label }: Ranking,
): Statement {
  const number = local('v128');
  return when(v128.anyTrue(v128.or(f32x4.gt(top[0], second[0]), f32x4.gt(top[1], second[1]))), [
    set(number, i32x4.splat(first)),
    ...scores.flatMap((score, j) => [
      ...HALVES.flatMap((h) => [
        set(second[h], f32x4.pmax(second[h], f32x4.pmin(best[h], score[h]))),
        set(label[h], v128.bitselect(number, label[h], f32x4.gt(score[h], best[h]))),
        set(best[h], f32x4.pmax(best[h], score[h])),
      ]),
      ...(j + 1 < BLOCK ? [set(number, i32x4.add(number, i32x4.constant(1)))] : []),
    ]),
  ]);
}
