/** The kernel's module: `step(lane)` adds up a lane's rows, `total()` the lanes, `posterior(lane)` answers for some rows. */
import { encodeModule } from '../encoder.js';
import { block, branch, call, count, f64, i32, local, set, wasmFunction, when } from '../instructions.js';
import type { Operand } from '../instructions.js';
import { MEMORY_IMPORT } from '../layout.js';
import type { Local, Statement, Value, WasmFunction } from '../types.js';
import { totalFunction } from '../totals.js';
import { productsFunction, pushFunction } from './sums.js';
import { logarithm, rowLogits, rowPowers, rowVariables } from './row.js';
import type { RowVariables } from './row.js';
import { ANSWERED, paddedColumns, sumsPerComponent, sumsPerLane, workPlaces } from './types.js';
import type { WhitenedLayout, WhitenedShape } from './types.js';

/** Responsibilities beneath are not summed. */
const TINY = 1e-20;
/** A product of sums that may be multiplied by one more of them, however many components. */
const LARGE = 1e280;

export const whitenedModule = (shape: WhitenedShape, places: WhitenedLayout): Uint8Array =>
  encodeModule({
    memory: MEMORY_IMPORT,
    functions: [
      stepFunction(shape, places),
      posteriorFunction(shape, places),
      totalFunction(places.regions.sums.at, 8 * sumsPerLane(shape), shape.lanes),
    ],
  });

/** The lane's share of the rows: bounds, and the address of its work. */
function laneOf(
  shape: WhitenedShape,
  { regions }: WhitenedLayout,
  lane: Local<'i32'>,
  { work }: RowVariables,
) {
  // shares of lanes, so that lane x rows stays within 32 bits
  const share = Math.ceil(shape.rows / shape.lanes);
  const least = (a: Value<'i32'>, b: number): Value<'i32'> =>
    i32.sub(a, i32.mul(i32.sub(a, b), i32.gtS(a, b)));
  const firstOf = (n: Operand<'i32'>): Value<'i32'> => least(i32.mul(n, share), shape.rows);
  return {
    first: firstOf(lane),
    end: firstOf(i32.add(lane, 1)),
    begin: set(work, i32.add(i32.mul(lane, workPlaces(shape).bytes), regions.work.at)),
  };
}

function lookAtRow(
  shape: WhitenedShape,
  { regions }: WhitenedLayout,
  i: Local<'i32'>,
  variables: RowVariables,
): readonly Statement[] {
  const { row, owner } = variables;
  const ofRow = i32.shl(i, 2);
  const label = shape.labelled ? local('i32') : undefined;
  return [
    set(row, i32.add(i32.mul(i, 8 * paddedColumns(shape)), regions.rows.at)),
    set(owner, i32.load(ofRow, regions.owners.at)),
    ...(label === undefined ? [] : [set(label, i32.load(ofRow, regions.labels.at))]),
    ...rowLogits(shape, regions.parameters.at, variables, label),
    i32.store(ofRow, owner, regions.owners.at),
  ];
}

// ------------------------------------------------------------------------------------------------ step

function stepFunction(shape: WhitenedShape, places: WhitenedLayout): WasmFunction {
  const { regions } = places;
  const variables = rowVariables();
  const { work, kept, top } = variables;
  const own = workPlaces(shape);
  const [lane, i, n, at, sums, k] = [
    local('i32'),
    local('i32'),
    local('i32'),
    local('i32'),
    local('i32'),
    local('i32'),
  ];
  const [sum, r, weight, tops, logarithms, product, log, pairs] = [
    local('f64'),
    local('f64'),
    local('f64'),
    local('f64'),
    local('f64'),
    local('f64'),
    local('f64'),
    local('f64'),
  ];
  const { first, end, begin } = laneOf(shape, places, lane, variables);
  const perLane = 8 * sumsPerLane(shape);
  const perComponent = 8 * sumsPerComponent(shape);
  const products = productsFunction(shape);
  const push = pushFunction(shape, products);
  const weigh = (x: Value<'f64'>): Value<'f64'> => (shape.weighted ? f64.mul(x, weight) : x);

  const takeLogarithm = [...logarithm(shape, product, log), set(logarithms, f64.add(logarithms, log))];
  const addLikelihood: readonly Statement[] = shape.weighted
    ? [
        ...logarithm(shape, sum, log),
        set(tops, f64.add(tops, f64.mul(weight, top))),
        set(logarithms, f64.add(logarithms, f64.mul(weight, log))),
      ]
    : [
        // the logarithm of a product is that of many sums
        set(tops, f64.add(tops, top)),
        set(product, f64.mul(product, sum)),
        when(f64.gt(product, LARGE), [...takeLogarithm, set(product, f64.constant(1))]),
      ];
  const addSums = count(
    n,
    0,
    kept,
    1,
    [
      set(r, weigh(f64.div(f64.load(i32.add(work, i32.shl(n, 3)), own.logits), sum))),
      when(f64.gt(r, TINY), [
        set(k, i32.load(i32.add(work, i32.shl(n, 2)), own.kept)),
        call(push, [
          i32.add(work, i32.mul(n, 8 * paddedColumns(shape))),
          r,
          work,
          k,
          i32.add(sums, i32.mul(k, perComponent)),
        ]),
      ]),
    ],
    true,
  );
  const oneRow = block((leave) => [
    ...(shape.weighted
      ? [
          set(weight, f64.load(i32.shl(i, 3), regions.weights.at)),
          // weight 0 leaves a row out
          branch(leave, f64.eq(weight, 0)),
        ]
      : []),
    ...lookAtRow(shape, places, i, variables),
    set(pairs, f64.add(pairs, f64.fromI32(kept))),
    ...rowPowers(shape, variables, sum),
    ...addLikelihood,
    addSums,
  ]);
  return wasmFunction(
    'step',
    [lane],
    [
      begin,
      set(sums, i32.add(i32.mul(lane, perLane), regions.sums.at)),
      count(at, sums, i32.add(sums, perLane), 8, [f64.store(at, 0)]),
      count(k, 0, i32.constant(shape.components), 1, [
        i32.store(i32.add(work, i32.shl(k, 2)), 0, own.filled),
      ]),
      set(product, f64.constant(1)),
      count(i, first, end, 1, [oneRow]),
      count(k, 0, i32.constant(shape.components), 1, [
        call(products, [work, k, i32.add(sums, i32.mul(k, perComponent))]),
      ]),
      ...takeLogarithm,
      ...[tops, logarithms, pairs].map((value, n) =>
        f64.store(sums, value, shape.components * perComponent + 8 * n),
      ),
    ],
  );
}

// ------------------------------------------------------------------------------------------------ posterior

/** Responsibilities and log₂ densities of ANSWERED rows of each lane, from row `first` on, lane after lane. */
function posteriorFunction(shape: WhitenedShape, places: WhitenedLayout): WasmFunction {
  const { regions } = places;
  const variables = rowVariables();
  const { work, kept, top } = variables;
  const own = workPlaces(shape);
  const [lane, i, n, at, from, end] = [
    local('i32'),
    local('i32'),
    local('i32'),
    local('i32'),
    local('i32'),
    local('i32'),
  ];
  const [sum, log] = [local('f64'), local('f64')];
  const { begin } = laneOf(shape, places, lane, variables);
  const width = 8 * shape.components;
  const entry = (component: Value<'i32'>): Value<'i32'> => i32.add(at, i32.shl(component, 3));
  return wasmFunction(
    'posterior',
    [lane],
    [
      begin,
      set(from, i32.add(i32.load(0, regions.first.at), i32.mul(lane, ANSWERED))),
      set(end, i32.add(from, ANSWERED)),
      when(i32.gtS(end, shape.rows), [set(end, i32.constant(shape.rows))]),
      count(i, from, end, 1, [
        ...lookAtRow(shape, places, i, variables),
        ...rowPowers(shape, variables, sum),
        ...logarithm(shape, sum, log),
        set(at, i32.add(i32.mul(lane, ANSWERED), i32.sub(i, from))),
        f64.store(i32.shl(at, 3), f64.add(top, log), regions.logDensities.at),
        set(at, i32.mul(at, width)),
        count(n, 0, i32.constant(shape.components), 1, [f64.store(entry(n), 0, regions.responsibilities.at)]),
        count(
          n,
          0,
          kept,
          1,
          [
            f64.store(
              entry(i32.load(i32.add(work, i32.shl(n, 2)), own.kept)),
              f64.div(f64.load(i32.add(work, i32.shl(n, 3)), own.logits), sum),
              regions.responsibilities.at,
            ),
          ],
          true,
        ),
      ]),
    ],
  );
}
