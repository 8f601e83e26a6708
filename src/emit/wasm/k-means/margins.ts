/**
 * For each tile and block of centres a *margin* is kept: every row of the tile is nearer to the centre it belongs to than to any
 * other centre of the block, by at least that much. From step to step the centres move, and margins shrink by as much as the
 * farthest-moved centre of the block, and of the tile's labels (the triangle inequality). Blocks whose margin is still positive
 * are left out. After the tile's own blocks are known, a block may also be left out because it is far from the tile's centre:
 * d(x, j) − d(x, a) ≥ d(a, j) − 2 d(x, a). Sources: Elkan (2003); Hamerly (2010); by groups of centres, Ding et al. (2015).
 *
 * Margins are lower bounds with all roundings of float32 counted in, so they change what is computed and never a label.
 */
import { count, f32, f32x4, i32, i32x4, local, select, set, v128, when } from '../instructions.js';
import type { Local, Statement, Value } from '../types.js';
import { HALVES, pair } from './score.js';
import { TILE, paddedBlocks } from './shape.js';
import type { KMeansLayout, KMeansShape } from './shape.js';
import type { Index, TileState, Vector } from './tile.js';

/** A margin that says nothing, and that of a block which is looked at because it is a row's own. */
export const NONE = -1;
export const OWN = -2;
/** More than the roundings of a root and two sums in float32, of what they are taken of. */
const SLACK = 2 ** -21;

/** margin −= what the centres have moved; never above what it truly is. Says in `usedUp` whether some is gone. */
export function shrink(shape: KMeansShape, { regions }: KMeansLayout, t: TileState): readonly Statement[] {
  const own = local('f32');
  const by = local('v128');
  const at = local('i32');
  const margin = local('v128');
  const any = local('v128');
  const shift = (row: number): Value<'f32'> =>
    f32.load(i32.mul(i32.load(t.labels, 4 * row), 4), regions.shifts.at);
  return [
    set(
      own,
      Array.from({ length: TILE - 1 }, (_, n) => shift(n + 1)).reduce((a, b) => f32.max(a, b), shift(0)),
    ),
    set(by, f32x4.splat(own)),
    set(any, i32x4.constant(0)),
    count(
      at,
      0,
      4 * paddedBlocks(shape),
      16,
      [
        set(
          margin,
          f32x4.mul(
            f32x4.sub(
              v128.load(i32.add(t.margins, at)),
              f32x4.add(v128.load(at, regions.blockShifts.at), by),
            ),
            f32x4.constant(1 - SLACK),
          ),
        ),
        set(margin, f32x4.pmax(margin, f32x4.constant(NONE))),
        v128.store(i32.add(t.margins, at), margin),
        set(any, v128.or(any, f32x4.le(margin, f32x4.constant(0)))),
      ],
      true,
    ),
    set(t.usedUp, v128.anyTrue(any)),
  ];
}

/** The rows' |y|², and how far off |y|² − 2 score may be; for `distance`. */
export function readSquares({ regions }: KMeansLayout, t: TileState): readonly Statement[] {
  const norm = v128.load32Splat(i32.mul(t.tile, 4), regions.norms.at);
  return [
    ...HALVES.map((h) =>
      set(t.squares[h], v128.load(i32.mul(t.tile, 4 * TILE), regions.squares.at + 16 * h)),
    ),
    set(
      t.off,
      f32x4.add(f32x4.add(t.error, t.error), f32x4.mul(f32x4.mul(norm, norm), f32x4.constant(SLACK / 2))),
    ),
  ];
}

/** √(|y|² − 2 score ± what it may be off by): at most, or at least, the distance of each row. */
function distance(t: TileState, score: Vector, half: 0 | 1, bound: 'most' | 'least'): Vector {
  const about = f32x4.sub(t.squares[half], f32x4.add(score, score));
  const moved = bound === 'most' ? f32x4.add(about, t.off) : f32x4.sub(about, t.off);
  return f32x4.sqrt(f32x4.pmax(moved, f32x4.constant(0)));
}

/** The four lanes' least, in all lanes. */
const leastOf = (v: Local<'v128'>): readonly Statement[] => [
  set(v, f32x4.pmin(v, v128.shuffle(v, v, [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7]))),
  set(v, f32x4.pmin(v, v128.shuffle(v, v, [4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11]))),
];

/** margin ≥ d(a, block) − 2 max d(x, a), where all rows of the tile belong to one a. */
export function leaveOutFar(
  shape: KMeansShape,
  { regions }: KMeansLayout,
  t: TileState,
): readonly Statement[] {
  const { best, label } = t.ranking;
  const first = local('i32');
  const reach = local('v128');
  const gap = local('i32');
  const at = local('i32');
  const margin = local('v128');
  const one = local('v128');
  const far = f32x4.mul(f32x4.sub(v128.load(i32.add(gap, at)), reach), f32x4.constant(1 - SLACK));
  const negated = (h: 0 | 1): Vector => f32x4.neg(distance(t, best[h], h, 'most'));
  return [
    set(first, i32x4.extract(label[0], 0)),
    set(one, i32x4.splat(first)),
    when(i32.and(i32x4.allTrue(i32x4.eq(label[0], one)), i32x4.allTrue(i32x4.eq(label[1], one))), [
      set(reach, f32x4.pmin(negated(0), negated(1))),
      ...leastOf(reach),
      set(reach, f32x4.mul(reach, f32x4.constant(-2 * (1 + SLACK)))),
      set(gap, i32.add(i32.mul(first, 4 * paddedBlocks(shape)), regions.gaps.at)),
      count(
        at,
        0,
        4 * paddedBlocks(shape),
        16,
        [
          set(margin, v128.load(i32.add(t.margins, at))),
          v128.store(
            i32.add(t.margins, at),
            v128.bitselect(f32x4.pmax(margin, far), margin, f32x4.ge(margin, f32x4.constant(NONE))),
          ),
        ],
        true,
      ),
    ]),
  ];
}

/** min over the rows of d(x, others of the block) − d(x, own); none where a row was open. */
export function renewMargins(t: TileState, wasOpen: Index): readonly Statement[] {
  const { best, second } = t.ranking;
  const n = local('i32');
  const g = local('i32');
  const own = pair(() => local('v128'));
  const top = local('v128');
  const least = local('v128');
  const margin = local('v128');
  const gap = (h: 0 | 1): readonly Statement[] => [
    set(top, v128.load(i32.add(t.tops, i32.mul(g, 4 * TILE)), 16 * h)),
    // in the block of the best, the others are at least as far as the second
    set(top, v128.bitselect(second[h], top, f32x4.ge(top, best[h]))),
    set(least, distance(t, top, h, 'least')),
    set(
      least,
      f32x4.sub(f32x4.sub(least, own[h]), f32x4.mul(f32x4.add(least, own[h]), f32x4.constant(SLACK))),
    ),
    set(margin, h === 0 ? least : f32x4.pmin(margin, least)),
  ];
  return [
    ...HALVES.map((h) => set(own[h], distance(t, best[h], h, 'most'))),
    count(n, 0, t.listed, 1, [
      set(g, i32.load(i32.add(t.list, i32.mul(n, 4)))),
      ...HALVES.flatMap(gap),
      ...leastOf(margin),
      f32.store(
        i32.add(t.margins, i32.mul(g, 4)),
        f32.max(select(f32.constant(NONE), f32x4.extract(margin, 0), wasOpen), NONE),
      ),
    ]),
  ];
}
