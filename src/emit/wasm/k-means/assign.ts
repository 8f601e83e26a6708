/** The labels of the rows, a tile at a time (see `shape.ts`). */
import {
  block,
  branch,
  call,
  count,
  f32x4,
  f64,
  f64x2,
  i32,
  i32x4,
  local,
  loop,
  set,
  tee,
  v128,
  wasmFunction,
  when,
} from '../instructions.js';
import type { Local, Statement, Value, WasmFunction } from '../types.js';
import { share } from './lanes.js';
import { BLOCK, TILE, paddedColumns, paddedComponents, tilesOf } from './shape.js';
import type { KMeansLayout, KMeansShape } from './shape.js';

type Vector = Value<'v128'>;

const LOWEST = -3.4028234663852886e38;

/** Two vectors side by side: the eight rows of a tile. */
type Pair<T> = readonly [T, T];
const HALVES = [0, 1] as const;
const pair = <T>(make: (half: 0 | 1) => T): Pair<T> => [make(0), make(1)];

export function assignFunction(shape: KMeansShape, places: KMeansLayout): WasmFunction {
  const lane = local('i32');
  const tile = local('i32');
  const end = local('i32');
  const decide = decideFunction(shape, places);
  return wasmFunction(
    'assign',
    [lane],
    [
      ...share(lane, tile, end, tilesOf(shape), shape.lanes),
      count(tile, tile, end, 1, tileCode(shape, places, tile, decide)),
    ],
  );
}

function tileCode(
  shape: KMeansShape,
  { regions }: KMeansLayout,
  tile: Local<'i32'>,
  decide: WasmFunction,
): readonly Statement[] {
  const x = local('i32');
  const centre = local('i32');
  const constant = local('i32');
  const first = local('i32');
  const row = local('i32');
  const best = pair(() => local('v128'));
  const second = pair(() => local('v128'));
  const label = pair(() => local('v128'));
  const number = local('v128');
  const scores = Array.from({ length: BLOCK }, () => pair(() => local('v128')));
  const unclear = local('i32');
  const error = local('v128');

  const clear = HALVES.flatMap((h) => [
    set(best[h], f32x4.constant(LOWEST)),
    set(second[h], f32x4.constant(LOWEST)),
    set(label[h], i32x4.constant(0)),
  ]);
  const top = (h: 0 | 1): Vector =>
    f32x4.pmax(f32x4.pmax(scores[0][h], scores[1][h]), f32x4.pmax(scores[2][h], scores[3][h]));
  // most blocks change nothing: only those that have one of the two best are looked at
  const rank = when(v128.anyTrue(v128.or(f32x4.gt(top(0), second[0]), f32x4.gt(top(1), second[1]))), [
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
  const kp = paddedComponents(shape);
  return [
    set(x, i32.add(i32.mul(tile, 4 * TILE * shape.columns), regions.tiles.at)),
    set(row, i32.mul(tile, TILE)),
    ...clear,
    set(centre, i32.constant(regions.scoreCentres.at)),
    set(constant, i32.constant(regions.scoreConstants.at)),
    count(
      first,
      0,
      kp,
      BLOCK,
      [
        ...blockScores(shape, { x, centre, constant, scores }),
        rank,
      ],
      true,
    ),
    ...HALVES.map((h) => v128.store(i32.add(i32.mul(row, 4), regions.labels.at), label[h], 16 * h)),
    // twice the error of a score
    set(
      error,
      f32x4.add(
        f32x4.mul(
          v128.load32Splat(i32.mul(tile, 4), regions.norms.at),
          v128.load32Splat(i32.constant(0), regions.scoreError.at),
        ),
        v128.load32Splat(i32.constant(0), regions.scoreError.at + 4),
      ),
    ),
    set(error, f32x4.add(error, error)),
    set(
      unclear,
      i32.or(...pair((h) => i32.shl(i32x4.bitmask(f32x4.le(f32x4.sub(best[h], second[h]), error)), 4 * h))),
    ),
    block((leave) => [
      loop((again) => [
        branch(leave, i32.eqz(unclear)),
        call(decide, [i32.add(row, i32.ctz(unclear))]),
        set(unclear, i32.and(unclear, i32.sub(unclear, 1))),
        branch(again),
      ]),
    ]),
  ];
}

/**
 * scores[j] = constant[j] + Σ_c y_c y[j, c], four centres and eight rows at once. One column a turn: in longer stretches of
 * code the host loads everything first, and then has too few registers.
 */
function blockScores(
  { columns, fused }: KMeansShape,
  {
    x,
    centre,
    constant,
    scores,
  }: {
    readonly x: Local<'i32'>;
    readonly centre: Local<'i32'>;
    readonly constant: Local<'i32'>;
    readonly scores: readonly Pair<Local<'v128'>>[];
  },
): readonly Statement[] {
  const values = pair(() => local('v128'));
  const coefficient = local('v128');
  const at = local('i32');
  const to = local('i32');
  return [
    ...scores.flatMap((score, j) => [
      set(score[0], v128.load(constant, 16 * j)),
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
    set(constant, i32.add(constant, 16 * BLOCK)),
  ];
}

/** The label of one row from its float64 numbers: terms in the order and with the roundings of the formula as it stands. */
function decideFunction(shape: KMeansShape, { regions }: KMeansLayout): WasmFunction {
  const row = local('i32');
  const x = local('i32');
  const k = local('i32');
  const c = local('i32');
  const m = local('i32');
  const sums = pair(() => local('v128'));
  const e = local('v128');
  const value = local('v128');
  const weight = local('v128');
  const best = local('f64');
  const label = local('i32');
  const distance = local('f64');
  const kp = paddedComponents(shape);
  const c2 = paddedColumns(shape);
  const body: readonly Statement[] = [
    set(x, i32.add(i32.mul(row, 8 * c2), regions.rows.at)),
    set(best, f64.constant(Infinity)),
    count(
      k,
      0,
      kp,
      BLOCK,
      [
        ...HALVES.map((h) => set(sums[h], f64x2.constant(0))),
        set(m, i32.add(i32.mul(k, 8), regions.centreColumns.at)),
        count(
          c,
          0,
          8 * shape.columns,
          8,
          [
            set(value, v128.load64Splat(i32.add(x, c))),
            set(weight, v128.load64Splat(c, regions.columnWeights.at)),
            ...HALVES.flatMap((h) => [
              set(e, f64x2.sub(value, v128.load(m, 16 * h))),
              set(sums[h], f64x2.add(sums[h], f64x2.mul(f64x2.mul(weight, e), e))),
            ]),
            set(m, i32.add(m, 8 * kp)),
          ],
          true,
        ),
        ...HALVES.flatMap((h) => [
          set(sums[h], f64x2.add(sums[h], v128.load(i32.mul(k, 8), regions.offsets.at + 16 * h))),
          ...[0, 1].map((l) =>
            when(f64.lt(tee(distance, f64x2.extract(sums[h], l)), best), [
              set(best, distance),
              set(label, i32.add(k, 2 * h + l)),
            ]),
          ),
        ]),
      ],
      true,
    ),
    i32.store(i32.mul(row, 4), label, regions.labels.at),
  ];
  return wasmFunction(undefined, [row], body);
}
