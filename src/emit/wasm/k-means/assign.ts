/**
 * The labels of the rows, a tile at a time. Rows lie in the tiles in an order of their own (`order`), best so that rows of one
 * label lie together: then a tile need not look at every block of centres.
 *
 * For each tile and block a *margin* is kept: every row of the tile is nearer to the centre it belongs to than to any other
 * centre of the block, by at least that much. From step to step the centres move, and margins shrink by as much as the
 * farthest-moved centre of the block, and of the tile's labels (the triangle inequality). Blocks whose margin is still positive
 * are left out. After the tile's own blocks are known, a block may also be left out because it is far from the tile's centre:
 * d(x, j) − d(x, a) ≥ d(a, j) − 2 d(x, a). Sources: Elkan (2003); Hamerly (2010); by groups of centres, Ding et al. (2015).
 *
 * Margins are lower bounds with all roundings of float32 counted in, so they change what is computed and never a label.
 */
import {
  block,
  branch,
  call,
  callFor,
  count,
  f32,
  f32x4,
  i32,
  i32x4,
  local,
  loop,
  select,
  set,
  v128,
  wasmFunction,
  when,
} from '../instructions.js';
import type { Local, Statement, Value, WasmFunction } from '../types.js';
import { decideFunction } from './decide.js';
import { fixedAt, moveFunction } from './fixed.js';
import { share } from './lanes.js';
import { HALVES, blockScores, clearRanking, pair, rank, rankingLocals, scoreLocals, topOf } from './score.js';
import type { Pair, Ranking } from './score.js';
import { BLOCK, TILE, blocksOf, paddedBlocks, tilesOf } from './shape.js';
import type { KMeansLayout, KMeansShape } from './shape.js';

type Vector = Value<'v128'>;
type Index = Local<'i32'>;

/** A margin that says nothing, and that of a block which is looked at because it is a row's own. */
const NONE = -1;
const OWN = -2;
/** More than the roundings of a root and two sums in float32, of what they are taken of. */
const SLACK = 2 ** -21;

export function assignFunction(shape: KMeansShape, places: KMeansLayout): WasmFunction {
  const { regions } = places;
  const lane = local('i32');
  const tile = local('i32');
  const end = local('i32');
  const tops = local('i32');
  const list = local('i32');
  const looked = local('i32');
  const moved = local('i32');
  const near = local('i32');
  const tileState: TileState = {
    lane,
    tile,
    tops,
    list,
    near,
    looked,
    moved,
    x: local('i32'),
    margins: local('i32'),
    labels: local('i32'),
    listed: local('i32'),
    done: local('i32'),
    usedUp: local('i32'),
    ranking: rankingLocals(),
    error: local('v128'),
    squares: pair(() => local('v128')),
    off: local('v128'),
  };
  return wasmFunction(
    'assign',
    [lane],
    [
      set(near, i32.load(i32.constant(regions.near.at))),
      set(tops, i32.add(i32.mul(lane, 4 * TILE * blocksOf(shape)), regions.tops.at)),
      set(list, i32.add(i32.mul(lane, 4 * blocksOf(shape)), regions.list.at)),
      set(looked, i32.constant(0)),
      set(moved, i32.constant(0)),
      ...share(lane, tile, end, tilesOf(shape), shape.lanes),
      count(tile, tile, end, 1, tileCode(shape, places, tileState)),
      i32.store(i32.mul(lane, 8), looked, regions.progress.at),
      i32.store(i32.mul(lane, 8), moved, regions.progress.at + 4),
    ],
  );
}

interface TileState {
  readonly lane: Index;
  readonly tile: Index;
  /** the lane's own: largest scores by block, and the blocks that are looked at */
  readonly tops: Index;
  readonly list: Index;
  /** whether margins are kept */
  readonly near: Index;
  /** blocks looked at, and labels changed, by the lane */
  readonly looked: Index;
  readonly moved: Index;
  readonly x: Index;
  readonly margins: Index;
  readonly labels: Index;
  readonly listed: Index;
  readonly done: Index;
  readonly usedUp: Index;
  readonly ranking: Ranking;
  /** how far off a score of the tile may be */
  readonly error: Local<'v128'>;
  readonly squares: Pair<Local<'v128'>>;
  readonly off: Local<'v128'>;
}

function tileCode(shape: KMeansShape, places: KMeansLayout, t: TileState): readonly Statement[] {
  const { regions } = places;
  const g = local('i32');
  const isFirst = local('i32');
  const push = (value: Value<'i32'>): readonly Statement[] => [
    i32.store(i32.add(t.list, i32.mul(t.listed, 4)), value),
    set(t.listed, i32.add(t.listed, 1)),
  ];
  const marginAt = (b: Value<'i32'>): Value<'i32'> => i32.add(t.margins, i32.mul(b, 4));
  const at = local('i32');
  const mask = local('i32');
  const margin = local('v128');
  const nextBlocks = count(
    at,
    0,
    4 * paddedBlocks(shape),
    16,
    [
      set(margin, v128.load(i32.add(t.margins, at))),
      set(
        mask,
        i32x4.bitmask(v128.and(f32x4.le(margin, f32x4.constant(0)), f32x4.ge(margin, f32x4.constant(NONE)))),
      ),
      eachBit(mask, g, push(i32.add(i32.shrU(at, 2), g))),
    ],
    true,
  );
  const ownBlocks = Array.from({ length: TILE }, (_, row) => [
    set(g, i32.shrU(i32.load(t.labels, 4 * row), Math.log2(BLOCK))),
    when(f32.ge(f32.load(marginAt(g)), NONE), [f32.store(marginAt(g), OWN), ...push(g)]),
  ]).flat();
  const all = count(g, 0, blocksOf(shape), 1, push(g));
  return [
    set(t.labels, i32.add(i32.mul(t.tile, 4 * TILE), regions.tileLabels.at)),
    set(t.margins, i32.add(i32.mul(t.tile, 4 * paddedBlocks(shape)), regions.margins.at)),
    set(t.x, i32.add(i32.mul(t.tile, 4 * TILE * shape.columns), regions.tiles.at)),
    set(t.listed, i32.constant(0)),
    set(t.done, i32.constant(0)),
    block((leave) => [
      when(t.near, [...shrink(shape, places, t), branch(leave, i32.eqz(t.usedUp)), ...ownBlocks], [all]),
      set(t.error, errorOf(places, t)),
      when(t.near, readSquares(places, t)),
      ...clearRanking(t.ranking),
      set(isFirst, t.near),
      loop((again) => [
        lookAt(shape, places, t),
        when(isFirst, [
          set(isFirst, i32.constant(0)),
          ...leaveOutFar(shape, places, t),
          nextBlocks,
          branch(again, i32.gtS(t.listed, t.done)),
        ]),
      ]),
      set(t.looked, i32.add(t.looked, t.listed)),
      ...settle(shape, places, t),
    ]),
  ];
}

/** The body for each bit that is set, its number in `bit`; none is set afterwards. */
const eachBit = (bits: Index, bit: Index, body: readonly Statement[]): Statement =>
  block((leave) => [
    loop((again) => [
      branch(leave, i32.eqz(bits)),
      set(bit, i32.ctz(bits)),
      set(bits, i32.and(bits, i32.sub(bits, 1))),
      ...body,
      branch(again),
    ]),
  ]);

/** margin −= what the centres have moved; never above what it truly is. Says in `usedUp` whether some is gone. */
function shrink(shape: KMeansShape, { regions }: KMeansLayout, t: TileState): readonly Statement[] {
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

function errorOf({ regions }: KMeansLayout, t: TileState): Vector {
  const norm = v128.load32Splat(i32.mul(t.tile, 4), regions.norms.at);
  const zero = i32.constant(0);
  return f32x4.add(
    f32x4.mul(norm, v128.load32Splat(zero, regions.scoreError.at)),
    v128.load32Splat(zero, regions.scoreError.at + 4),
  );
}

/** Scores of the blocks that are listed and not done. */
function lookAt(shape: KMeansShape, { regions }: KMeansLayout, t: TileState): Statement {
  const g = local('i32');
  const centre = local('i32');
  const top = pair(() => local('v128'));
  const scores = scoreLocals();
  return block((leave) => [
    loop((again) => [
      branch(leave, i32.geS(t.done, t.listed)),
      set(g, i32.load(i32.add(t.list, i32.mul(t.done, 4)))),
      set(t.done, i32.add(t.done, 1)),
      set(centre, i32.add(i32.mul(g, 16 * BLOCK * shape.columns), regions.scoreCentres.at)),
      ...blockScores(shape, t.x, centre, i32.mul(g, 16 * BLOCK), regions.scoreConstants.at, scores),
      ...HALVES.flatMap((h) => [
        set(top[h], topOf(scores, h)),
        v128.store(i32.add(t.tops, i32.mul(g, 4 * TILE)), top[h], 16 * h),
      ]),
      rank(scores, top, i32.mul(g, BLOCK), t.ranking),
      branch(again),
    ]),
  ]);
}

/** The rows' |y|², and how far off |y|² − 2 score may be; for `distance`. */
function readSquares({ regions }: KMeansLayout, t: TileState): readonly Statement[] {
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
function leaveOutFar(shape: KMeansShape, { regions }: KMeansLayout, t: TileState): readonly Statement[] {
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

/** Writes labels, those that float32 leaves open decided again, and new margins of the blocks that were looked at. */
function settle(shape: KMeansShape, places: KMeansLayout, t: TileState): readonly Statement[] {
  const { regions } = places;
  const { best, second, label } = t.ranking;
  const decide = decideFunction(shape, places);
  const before = pair(() => local('v128'));
  const row = local('i32');
  const open = local('i32');
  const changed = local('i32');
  const order = local('i32');
  const wasOpen = local('i32');
  const bitsOf = (of: (h: 0 | 1) => Vector): Value<'i32'> =>
    i32.or(i32x4.bitmask(of(0)), i32.shl(i32x4.bitmask(of(1)), 4));
  const rowOf = i32.load(i32.add(order, i32.shl(row, 2)));
  const inTile = i32.add(t.labels, i32.shl(row, 2));
  const moved = local('i32');
  const to = local('i32');
  const from = i32.load(i32.mul(moved, 4), regions.labels.at);
  // what fills the last tile counts nowhere
  const keepSums = when(i32.ltS(moved, shape.rows), [
    call(moveFunction(shape, places), [
      moved,
      fixedAt(shape, places, t.lane, from),
      fixedAt(shape, places, t.lane, to),
    ]),
  ]);
  return [
    set(order, i32.add(i32.mul(t.tile, 4 * TILE), regions.order.at)),
    ...HALVES.flatMap((h) => [
      set(before[h], v128.load(t.labels, 16 * h)),
      v128.store(t.labels, label[h], 16 * h),
    ]),
    set(
      open,
      bitsOf((h) => f32x4.le(f32x4.sub(best[h], second[h]), f32x4.add(t.error, t.error))),
    ),
    set(wasOpen, open),
    eachBit(open, row, [i32.store(inTile, callFor('i32', decide, [rowOf]))]),
    set(
      changed,
      bitsOf((h) => i32x4.ne(before[h], v128.load(t.labels, 16 * h))),
    ),
    eachBit(changed, row, [
      set(moved, rowOf),
      set(to, i32.load(inTile)),
      ...(shape.exact ? [keepSums] : []),
      i32.store(i32.mul(moved, 4), to, regions.labels.at),
      set(t.moved, i32.add(t.moved, 1)),
    ]),
    when(t.near, renewMargins(t, wasOpen)),
  ];
}

/** min over the rows of d(x, others of the block) − d(x, own); none where a row was open. */
function renewMargins(t: TileState, wasOpen: Index): readonly Statement[] {
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
