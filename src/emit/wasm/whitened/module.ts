/** The kernel's module: `step(lane)` adds up a lane's rows, `total()` the lanes, `posterior(lane)` answers for some rows. */
import { log2 } from '../elementary.js';
import { encodeModule } from '../encoder.js';
import {
  call,
  callFor,
  count,
  f64,
  f64x2,
  i32,
  local,
  multiplyAdd,
  set,
  v128,
  wasmFunction,
  when,
} from '../instructions.js';
import type { Operand } from '../instructions.js';
import { MEMORY_IMPORT } from '../layout.js';
import { orderOf } from '../order.js';
import { written } from '../scope.js';
import type { Local, Statement, Value, WasmFunction } from '../types.js';
import { totalFunction } from '../totals.js';
import { groupFunction } from './group.js';
import { productsFunction, pushFunction } from './sums.js';
import { upTo, vectors } from './tile.js';
import {
  ANSWERED,
  GROUP,
  LINE,
  numbersPerComponent,
  paddedColumns,
  rowsAtATime,
  rowsPerLane,
  sumsPerComponent,
  sumsPerLane,
  VECTORS,
  workPlaces,
} from './types.js';
import type { WhitenedLayout, WhitenedShape } from './types.js';

export function whitenedModule(shape: WhitenedShape, places: WhitenedLayout): Uint8Array {
  const group = groupFunction(shape, places);
  return encodeModule({
    memory: MEMORY_IMPORT,
    functions: [
      stepFunction(shape, places, group),
      posteriorFunction(shape, places, group),
      totalFunction(places.regions.sums.at, 8 * sumsPerLane(shape), shape.lanes),
    ],
  });
}

/** Address of a lane's work. */
const workOf = (shape: WhitenedShape, { regions }: WhitenedLayout, lane: Local<'i32'>): Value<'i32'> =>
  i32.add(i32.mul(lane, workPlaces(shape).bytes), regions.work.at);

const atMost = (a: Local<'i32'>, b: Operand<'i32'>): Statement =>
  when(i32.gtS(a, b), [set(a, i32.add(b, 0))]);

/**
 * The rows from `first` to `end` in groups, by owner: `body` for each, `at` being where its rows stand, up to `last`; what is
 * missing of the last group is its last row again.
 */
function inGroups(
  shape: WhitenedShape,
  { regions }: WhitenedLayout,
  work: Local<'i32'>,
  rows: readonly [Local<'i32'>, Local<'i32'>],
  [at, last]: readonly [Local<'i32'>, Local<'i32'>],
  body: readonly Statement[],
  where?: (row: Local<'i32'>, body: readonly Statement[]) => readonly Statement[],
): readonly Statement[] {
  const own = workPlaces(shape);
  const places = { owners: regions.owners.at, places: own.places, order: own.order };
  const [near, byte] = [local('i32'), local('i32')];
  const [from, to] = rows.map((row) => i32.add(i32.mul(row, 8 * paddedColumns(shape)), regions.rows.at));
  return [
    // read in order, at the pace of the memory, they are in the cache when they are wanted by owner
    set(near, i32.constant(0)),
    count(byte, from, to, 64, [set(near, i32.add(near, i32.load(byte)))]),
    i32.store(work, near, own.columns),
    ...orderOf(places, shape.components, work, rows, last, where),
    ...upTo(GROUP).map((j) => i32.store(last, i32.load(i32.sub(last, 4)), 4 * j)),
    count(at, i32.add(work, own.order), last, 4 * GROUP, body),
  ];
}

// ------------------------------------------------------------------------------------------------ step

function stepFunction(shape: WhitenedShape, places: WhitenedLayout, group: WasmFunction): WasmFunction {
  const { regions } = places;
  const own = workPlaces(shape);
  const fused = multiplyAdd(shape.fused);
  const [lane, work, sums, first, stop, end] = upTo(6).map(() => local('i32'));
  const [at, last, kept, rows, k, line, n] = upTo(7).map(() => local('i32'));
  const pairs = local('f64');
  const [tops, logarithms] = [local('v128'), local('v128')];
  const scales = vectors();
  const share = rowsPerLane(shape);
  const perLane = 8 * sumsPerLane(shape);
  const perComponent = 8 * sumsPerComponent(shape);
  const products = productsFunction(shape);
  const [pushOne, pushGroup] = [1, GROUP].map((n) => pushFunction(shape, products, n));

  const rowsLeft = i32.shrS(i32.sub(last, at), 2);
  /** none where the last row stands again */
  const weights = written((s) => {
    for (const j of upTo(GROUP)) {
      const weight = shape.weighted
        ? f64.load(i32.shl(i32.load(at, 4 * j), 3), regions.weights.at)
        : f64.constant(1);
      const isRow = f64.fromI32(i32.gtS(rowsLeft, j));
      s.push(f64.store(work, j === 0 ? weight : f64.mul(weight, isRow), own.weights + 8 * j));
    }
  });
  const likelihood = written((s) => {
    for (const v of upTo(VECTORS)) {
      const weight = s.let(v128.load(work, own.weights + 16 * v));
      const total = s.let(v128.load(work, own.totals + 16 * v));
      const top = v128.load(work, own.tops + 16 * v);
      s.push(
        set(tops, fused.madd(weight, top, tops)),
        set(logarithms, fused.madd(weight, log2(s, fused, total), logarithms)),
        set(scales[v], f64x2.div(weight, total)),
      );
    }
  });
  const each = upTo(GROUP).map(() => local('f64'));
  const rowAt = (place: Value<'i32'>): Value<'i32'> =>
    i32.add(i32.mul(i32.load(place), 8 * paddedColumns(shape)), regions.rows.at);
  const ofComponent = [
    work,
    k,
    i32.add(i32.mul(k, 8 * numbersPerComponent(shape)), regions.parameters.at),
    i32.add(sums, i32.mul(k, perComponent)),
  ];
  const addSums = count(n, 0, kept, 1, [
    set(k, i32.load(i32.add(work, i32.shl(n, 2)), own.kept)),
    set(line, i32.add(work, i32.mul(n, LINE))),
    ...written((s) => {
      scales.forEach((scale, v) => {
        const r = s.let(f64x2.mul(v128.load(line, own.logits + 16 * v), scale));
        for (const j of [0, 1]) s.push(set(each[2 * v + j], f64x2.extract(r, j)));
      });
      const hasAll = each.map((r) => f64.gt(r, 0)).reduce((all, has) => i32.and(all, has));
      const places = each.map((_, j) => i32.add(at, 4 * j));
      s.push(
        when(
          hasAll,
          [call(pushGroup, [...places.map(rowAt), ...each, ...ofComponent])],
          each.map((r, j) => when(f64.gt(r, 0), [call(pushOne, [rowAt(places[j]), r, ...ofComponent])])),
        ),
      );
    }),
  ]);
  const oneGroup = [
    set(kept, callFor('i32', group, [work, at])),
    set(rows, rowsLeft),
    atMost(rows, GROUP),
    set(pairs, f64.add(pairs, f64.fromI32(i32.mul(kept, rows)))),
    ...weights,
    ...likelihood,
    addSums,
  ];
  // weight 0 leaves a row out
  const where = (i: Local<'i32'>, body: readonly Statement[]): readonly Statement[] =>
    shape.weighted ? [when(f64.ne(f64.load(i32.shl(i, 3), regions.weights.at), 0), body)] : body;
  const halves = (x: Local<'v128'>): Value<'f64'> => f64.add(f64x2.extract(x, 0), f64x2.extract(x, 1));
  return wasmFunction(
    'step',
    [lane],
    [
      set(work, workOf(shape, places, lane)),
      set(sums, i32.add(i32.mul(lane, perLane), regions.sums.at)),
      count(at, sums, i32.add(sums, perLane), 8, [f64.store(at, 0)]),
      count(k, 0, i32.constant(shape.components), 1, [
        i32.store(i32.add(work, i32.shl(k, 2)), 0, own.filled),
      ]),
      set(tops, f64x2.constant(0)),
      set(logarithms, f64x2.constant(0)),
      // a lane begins at share x lane: both stay within 32 bits
      set(stop, i32.mul(i32.add(lane, 1), share)),
      atMost(stop, shape.rows),
      count(first, i32.mul(lane, share), stop, rowsAtATime(shape), [
        set(end, i32.add(first, rowsAtATime(shape))),
        atMost(end, stop),
        ...inGroups(shape, places, work, [first, end], [at, last], oneGroup, where),
      ]),
      count(k, 0, i32.constant(shape.components), 1, [
        call(products, [work, k, i32.add(sums, i32.mul(k, perComponent))]),
      ]),
      ...[halves(tops), halves(logarithms), pairs].map((value, j) =>
        f64.store(sums, value, shape.components * perComponent + 8 * j),
      ),
    ],
  );
}

// ------------------------------------------------------------------------------------------------ posterior

/** Responsibilities and log₂ densities of ANSWERED rows of each lane, from row `first` on, lane after lane. */
function posteriorFunction(shape: WhitenedShape, places: WhitenedLayout, group: WasmFunction): WasmFunction {
  const { regions } = places;
  const own = workPlaces(shape);
  const fused = multiplyAdd(shape.fused);
  const [lane, work, from, end, at, last, kept, n, k, line] = upTo(10).map(() => local('i32'));
  const answers = upTo(GROUP).map(() => local('i32'));
  const width = 8 * shape.components;
  const oneGroup = written((s) => {
    s.push(set(kept, callFor('i32', group, [work, at])));
    const totals = upTo(VECTORS).map((v) => s.let(v128.load(work, own.totals + 16 * v)));
    const logs = totals.map((total, v) =>
      s.let(f64x2.add(v128.load(work, own.tops + 16 * v), log2(s, fused, total))),
    );
    answers.forEach((answer, j) => {
      s.push(
        set(answer, i32.sub(i32.load(at, 4 * j), i32.load(0, regions.first.at))),
        f64.store(i32.shl(answer, 3), f64x2.extract(logs[j >> 1], j % 2), regions.logDensities.at),
        set(answer, i32.mul(answer, width)),
        count(k, answer, i32.add(answer, width), 8, [f64.store(k, 0, regions.responsibilities.at)]),
      );
    });
    s.push(
      count(
        n,
        0,
        kept,
        1,
        written((inner) => {
          inner.push(
            set(line, i32.add(work, i32.mul(n, LINE))),
            set(k, i32.shl(i32.load(i32.add(work, i32.shl(n, 2)), own.kept), 3)),
          );
          const r = totals.map((total, v) =>
            inner.let(f64x2.div(v128.load(line, own.logits + 16 * v), total)),
          );
          answers.forEach((answer, j) => {
            const entry = f64x2.extract(r[j >> 1], j % 2);
            inner.push(f64.store(i32.add(answer, k), entry, regions.responsibilities.at));
          });
        }),
      ),
    );
  });
  return wasmFunction(
    'posterior',
    [lane],
    [
      set(work, workOf(shape, places, lane)),
      set(from, i32.add(i32.load(0, regions.first.at), i32.mul(lane, ANSWERED))),
      set(end, i32.add(from, ANSWERED)),
      atMost(end, shape.rows),
      ...inGroups(shape, places, work, [from, end], [at, last], oneGroup),
    ],
  );
}
