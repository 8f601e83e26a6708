/**
 * One tile of rows whose logits are a body's: in turn what is common to all components, the logits of each, their softmax, and the
 * sums of each. In between they stand in memory that the processor has near, so that the numbers of one component are all that
 * its registers have to hold.
 */
import { count, f64x2, i32, local, multiplyAdd, set, v128, wasmFunction } from '../instructions.js';
import { whereLabelled } from '../labels.js';
import { written } from '../scope.js';
import type { Scope } from '../scope.js';
import type { Local, Statement, Value, WasmFunction } from '../types.js';
import { bodyWriter, slotsAt } from './body.js';
import { likelihoodSums, softmax } from './tile.js';
import { commonNodes, heldColumns, parameterPlaces, sumsPerComponent, TILE_ROWS } from './types.js';
import type { MixtureShape } from './types.js';

type Vector = Local<'v128'>;

const COLUMN = 8 * TILE_ROWS;
const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, at) => at);

/**
 * (columns, weights, labels, sums, bytes of a column, scratch, shares): adds the tile's sums to those at `sums`, from the parameters
 * there, and leaves w r at `shares`, which is the scratch or kept for later.
 */
export function bodyTileFunction(shape: MixtureShape, parameters: number): WasmFunction {
  const { logits, components } = shape;
  if (logits.kind === 'polynomial') throw new Error('logits without a body');
  const { body, once } = commonNodes(shape);
  const fused = multiplyAdd(shape.fused);
  const held = heldColumns(shape);
  const [columns, weights, labels, sums] = [local('i32'), local('i32'), local('i32'), local('i32')];
  const [bytes, scratch, shares, row] = [local('i32'), local('i32'), local('i32'), local('i32')];
  const load = (base: Value<'i32'>, column: number): Value<'v128'> =>
    v128.load(i32.add(base, row), COLUMN * column);
  const store = (base: Value<'i32'>, column: number, value: Value<'v128'>): Statement =>
    v128.store(i32.add(base, row), value, COLUMN * column);
  const each = (step: (s: Scope) => void): Statement => count(row, 0, bytes, 16, written(step), true);
  // behind the shares, where these are there too
  const common = shape.rowSums === undefined ? components : 0;
  /** Columns are read where they are first asked for. */
  const reader = (s: Scope): ((column: number) => Vector) => {
    const known = new Map<number, Vector>();
    return (column) => {
      const found =
        known.get(column) ??
        s.let(column < held ? load(columns, column) : load(scratch, common + column - held));
      known.set(column, found);
      return found;
    };
  };

  const commonPass = each((s) => {
    const value = bodyWriter(s, logits.body, slotsAt(s, logits.body, parameters), [reader(s)], fused);
    once.forEach((id, n) => {
      s.push(store(scratch, common + n, value(id, 0)[0]));
    });
  });
  const logitPass = (k: number): Statement =>
    each((s) => {
      const [logit] = bodyWriter(s, body, slotsAt(s, body, parameters), [reader(s)], fused)(logits.node, k);
      s.push(store(shares, k, f64x2.mul(logit, Math.LOG2E)));
    });
  const likelihood = likelihoodSums(shape);
  const softmaxPass = each((s) => {
    const label = shape.labelled ? s.let(load(labels, 0)) : undefined;
    const all = upTo(components).map((k) => {
      const logit = s.let(load(shares, k));
      return label === undefined ? logit : s.let(whereLabelled(label, k + 1, logit));
    });
    const { responsibilities, top, sum } = softmax(s, fused, all);
    const weight = shape.weighted ? s.let(load(weights, 0)) : undefined;
    likelihood.add(s, top, sum, weight);
    responsibilities.forEach((r, k) => {
      s.push(store(shares, k, weight === undefined ? r : f64x2.mul(r, weight)));
    });
  });
  const sumAt = (k: number, n: number): number => k * sumsPerComponent(shape) + n;
  const sumsOf =
    (totals: ReadonlyMap<Sum, Vector>) =>
    (s: Scope): void => {
      const once = <T>(make: (at: T) => Value<'v128'>): ((at: T) => Vector) => {
        const known = new Map<T, Vector>();
        return (at) => {
          const found = known.get(at) ?? s.let(make(at));
          known.set(at, found);
          return found;
        };
      };
      const column = once((a: number) => load(columns, a));
      const share = once((k: number) => load(shares, k));
      for (const k of upTo(components)) {
        const own = [...totals].filter(([sum]) => sum.k === k);
        const d = once((a: number) =>
          f64x2.sub(
            column(a),
            v128.load64Splat(0, parameters + 8 * (parameterPlaces(shape).centreOf(k) + a)),
          ),
        );
        const weighed = once((a: number) => f64x2.mul(d(a), share(k)));
        for (const [{ factors }, total] of own) {
          const [one, other] = factors;
          const squares = own.some(([x]) => x.factors.length === 2 && x.factors[0] === one);
          if (one === undefined) s.push(set(total, f64x2.add(total, share(k))));
          else if (other !== undefined) s.push(set(total, fused.madd(weighed(one), d(other), total)));
          else if (squares) s.push(set(total, f64x2.add(total, weighed(one))));
          else s.push(set(total, fused.madd(d(one), share(k), total)));
        }
      }
    };

  const addTo = (total: Value<'v128'>, at: number): Statement =>
    v128.store(sums, f64x2.add(v128.load(sums, 16 * at), total), 16 * at);
  return wasmFunction(
    undefined,
    [columns, weights, labels, sums, bytes, scratch, shares],
    written((s) => {
      if (once.length > 0) s.push(commonPass);
      s.push(...upTo(components).map(logitPass));
      likelihood.begin(s);
      s.push(softmaxPass);
      for (const block of sumBlocks(shape)) {
        const totals = new Map(block.map((sum) => [sum, local('v128')] as const));
        s.push(...[...totals.values()].map((total) => set(total, f64x2.constant(0))));
        s.push(each(sumsOf(totals)));
        s.push(...[...totals].map(([{ k, n }, total]) => addTo(total, sumAt(k, n))));
      }
      const first = sumAt(components, 0);
      s.push(...likelihood.end(s, bytes).map((total, n) => addTo(total, first + n)));
    }),
  );
}

/** The n-th sum of component k: w r times deviations from the centre. */
interface Sum {
  readonly k: number;
  readonly n: number;
  readonly factors: readonly number[];
}

/** Sums that are made in one loop: as many as registers hold, of few columns, as each is loaded in every loop. */
function sumBlocks(shape: MixtureShape): readonly (readonly Sum[])[] {
  const factors = [[], ...upTo(shape.columns).map((a) => [a]), ...shape.statisticPairs];
  const isProduct = shape.statisticPairs.some(([a, b]) => a !== b);
  const all = upTo(shape.components).map((k) => factors.map((own, n): Sum => ({ k, n, factors: own })));
  if (isProduct) return all;
  // those of one column are wanted together, of all components
  const ofColumn = [-1, ...upTo(shape.columns)].flatMap((a) =>
    all.map((own) => own.filter((sum) => (sum.factors[0] ?? -1) === a)),
  );
  const blocks: Sum[][] = [[]];
  for (const sums of ofColumn) {
    if (blocks.at(-1)!.length + sums.length > REGISTERS) blocks.push([]);
    blocks.at(-1)!.push(...sums);
  }
  return blocks;
}
const REGISTERS = 8;
