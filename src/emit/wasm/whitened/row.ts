/** One row: its logits as far as they matter, and the posterior of the components that are left. */
import { exp2, log2 } from '../elementary.js';
import {
  block,
  branch,
  count,
  f64,
  f64x2,
  i32,
  local,
  loop,
  multiplyAdd,
  set,
  v128,
  when,
} from '../instructions.js';
import { NEGLIGIBLE, NEVER } from '../limits.js';
import { written } from '../scope.js';
import type { Local, Statement, Value } from '../types.js';
import { BLOCK, blocksOf, firstOfRows, numbersPerComponent, paddedColumns, workPlaces } from './types.js';
import type { WhitenedShape } from './types.js';

export interface RowVariables {
  /** address of the row's u */
  readonly row: Local<'i32'>;
  /** address of the lane's work */
  readonly work: Local<'i32'>;
  /** components that were not left, in the order in which their d and logits stand in the work */
  readonly kept: Local<'i32'>;
  /** the largest logit, and the component that has it */
  readonly top: Local<'f64'>;
  readonly owner: Local<'i32'>;
}

export const rowVariables = (): RowVariables => ({
  row: local('i32'),
  work: local('i32'),
  kept: local('i32'),
  top: local('f64'),
  owner: local('i32'),
});

/** Leaves d, number and logit of each component that matters; `only` the one of a label where that is not 0. */
export function rowLogits(
  shape: WhitenedShape,
  parameters: number,
  variables: RowVariables,
  only: Value<'i32'> | undefined,
): readonly Statement[] {
  const { row, work, kept, top, owner } = variables;
  const { madd } = multiplyAdd(shape.fused);
  const places = workPlaces(shape);
  const width = 8 * paddedColumns(shape);
  const [turn, k, first, numbers, d, matrix, b, j, logit] = [
    local('i32'),
    local('i32'),
    local('i32'),
    local('i32'),
    local('i32'),
    local('i32'),
    local('i32'),
    local('i32'),
    local('f64'),
  ];
  // two for odd columns, two for even ones: a multiply-add takes four cycles, and two begin in each
  const sums = Array.from({ length: 4 }, () => local('v128'));
  const centre = 16;
  const blockBytes = 8 * BLOCK;

  /** d of the block's columns, then (R d)² of its rows off the logit */
  const blockOfRows: readonly Statement[] = [
    ...[0, 16].map((at) =>
      v128.store(
        i32.add(d, b),
        f64x2.sub(v128.load(i32.add(row, b), at), v128.load(i32.add(numbers, b), centre + at)),
        at,
      ),
    ),
    ...sums.map((sum) => set(sum, f64x2.constant(0))),
    count(
      j,
      0,
      i32.add(b, blockBytes),
      blockBytes,
      [
        ...written((s) => {
          const at = s.let(i32.add(d, j));
          for (let n = 0; n < BLOCK; n++) {
            const x = s.let(v128.load64Splat(at, 8 * n));
            const [low, high] = n % 2 === 0 ? [sums[0], sums[1]] : [sums[2], sums[3]];
            s.push(set(low, madd(v128.load(matrix, 32 * n), x, low)));
            s.push(set(high, madd(v128.load(matrix, 32 * n + 16), x, high)));
          }
        }),
        set(matrix, i32.add(matrix, 8 * BLOCK * BLOCK)),
      ],
      true,
    ),
    ...written((s) => {
      const [low, high] = [s.let(f64x2.add(sums[0], sums[2])), s.let(f64x2.add(sums[1], sums[3]))];
      const squares = s.let(madd(low, low, f64x2.mul(high, high)));
      s.push(set(logit, f64.sub(logit, f64.add(f64x2.extract(squares, 0), f64x2.extract(squares, 1)))));
    }),
  ];
  const isLeft = f64.lt(logit, f64.sub(top, NEGLIGIBLE));

  /** component k, unless it is left */
  const component = block((leave) => [
    ...(only === undefined ? [] : [branch(leave, i32.and(i32.ne(only, 0), i32.ne(only, i32.add(k, 1))))]),
    set(numbers, i32.add(i32.mul(k, 8 * numbersPerComponent(shape)), parameters)),
    set(logit, f64.load(numbers)),
    branch(leave, isLeft),
    set(d, i32.add(work, i32.mul(kept, width))),
    set(matrix, i32.add(numbers, 8 * firstOfRows(shape, 0))),
    count(
      b,
      0,
      i32.constant(blockBytes * blocksOf(shape)),
      blockBytes,
      [...blockOfRows, branch(leave, isLeft)],
      true,
    ),
    i32.store(i32.add(work, i32.shl(kept, 2)), k, places.kept),
    f64.store(i32.add(work, i32.shl(kept, 3)), logit, places.logits),
    set(kept, i32.add(kept, 1)),
    when(f64.gt(logit, top), [set(top, logit), set(owner, k)]),
  ]);

  // the owner of last time first: its logit is the one to fall behind
  return [
    set(first, owner),
    set(k, owner),
    set(kept, i32.constant(0)),
    set(top, f64.constant(NEVER)),
    set(turn, i32.constant(-1)),
    loop((again) => [
      component,
      block((leave) => [
        loop((next) => [set(turn, i32.add(turn, 1)), branch(leave, i32.ne(turn, first)), branch(next)]),
      ]),
      set(k, turn),
      branch(again, i32.ltS(turn, shape.components)),
    ]),
  ];
}

/**
 * Leaves 2^(logit − top) in place of the logits; `sum` of them. Two at a time: what stands beyond the last is set to nothing.
 */
export function rowPowers(
  shape: WhitenedShape,
  { work, kept, top }: RowVariables,
  sum: Local<'f64'>,
): readonly Statement[] {
  const places = workPlaces(shape);
  const [n, at] = [local('i32'), local('i32')];
  const total = local('v128');
  return [
    f64.store(i32.add(work, i32.shl(kept, 3)), NEVER, places.logits),
    set(total, f64x2.constant(0)),
    count(
      n,
      0,
      kept,
      2,
      written((s) => {
        s.push(set(at, i32.add(work, i32.shl(n, 3))));
        const power = exp2(
          s,
          multiplyAdd(shape.fused),
          f64x2.sub(v128.load(at, places.logits), f64x2.splat(top)),
        );
        s.push(v128.store(at, power, places.logits), set(total, f64x2.add(total, power)));
      }),
      true,
    ),
    set(sum, f64.add(f64x2.extract(total, 0), f64x2.extract(total, 1))),
  ];
}

/** log₂ of a number as a statement list: leaves it in `result`. */
export const logarithm = (
  shape: WhitenedShape,
  of: Value<'f64'>,
  result: Local<'f64'>,
): readonly Statement[] =>
  written((s) => {
    const value = log2(s, multiplyAdd(shape.fused), s.let(f64x2.splat(of)));
    s.push(set(result, f64x2.extract(value, 0)));
  });
