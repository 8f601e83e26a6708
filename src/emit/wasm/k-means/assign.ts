/**
 * The labels of the rows, a tile at a time. Rows lie in the tiles in an order of their own (`order`), best so that rows of one
 * label lie together: then a tile need not look at every block of centres (`margins.ts`).
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
  set,
  v128,
  wasmFunction,
  when,
} from '../instructions.js';
import type { Statement, Value, WasmFunction } from '../types.js';
import { decideFunction } from './decide.js';
import { fixedAt, moveFunction } from './fixed.js';
import { share } from './lanes.js';
import { NONE, OWN, leaveOutFar, readSquares, renewMargins, shrink } from './margins.js';
import { HALVES, blockScores, clearRanking, pair, rank, rankingLocals, scoreLocals, topOf } from './score.js';
import { BLOCK, TILE, blocksOf, paddedBlocks, tilesOf } from './shape.js';
import type { KMeansLayout, KMeansShape } from './shape.js';
import { eachBit } from './tile.js';
import type { TileState, Vector } from './tile.js';

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

/** How far off a score of the tile may be. */
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
