/** Nodes of a row body in lanes of two rows: what `emit/javascript/row-code.ts` writes as text. */
import type { FunctionName, Relation } from '../../../algebra/types.js';
import { needed, ofComponents } from '../../../plan/row-body.js';
import type { NodeId, RowBody, RowNode } from '../../../plan/row-body.js';
import { exp2, log2 } from '../elementary.js';
import type { MultiplyAdd } from '../elementary.js';
import { f64x2, v128 } from '../instructions.js';
import type { Scope } from '../scope.js';
import type { Local, Value } from '../types.js';

type Vector = Local<'v128'>;
type Values = Value<'v128'>;

/**
 * What has no form in lanes, in words; undefined where all that the node needs has one. `areAlike`: the rows of a vector are in
 * the same strata and supports.
 */
export function whyNotInLanes(body: RowBody, node: NodeId, areAlike = false): string | undefined {
  for (const id of needed(body, [node])) {
    const reason = whyNot(body, body.nodes[id], areAlike);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function whyNot(body: RowBody, node: RowNode, areAlike: boolean): string | undefined {
  switch (node.kind) {
    case 'support':
      return areAlike ? undefined : 'distributions that cannot give every value';
    case 'slot':
    case 'squares':
      return areAlike || body.sources[node.source].stratum === 0
        ? undefined
        : 'parameters chosen by categories in the data';
    case 'power':
      return POWERS.has(node.exponent)
        ? undefined
        : `the power ${String(node.exponent)} of what differs by row`;
    case 'function':
      return IN_LANES.includes(node.name) ? undefined : `${node.name} of what differs by row and component`;
    case 'number':
    case 'column':
    case 'add':
    case 'maximum':
    case 'product':
    case 'multiply':
    case 'condition':
    case 'choose':
      return undefined;
  }
}

const POWERS = new Set([2, -1, 0.5]);
const IN_LANES: readonly FunctionName[] = ['log', 'exp', 'abs'];

/** What a body reads beside the columns. */
export interface BodyReads {
  /** an entry of a source, for component k */
  readonly slot: (source: number, entry: number, k: number) => Values;
  /** of rows that are alike in it */
  readonly support?: (support: number) => Values;
  /**
   * Makes the values at this place, by a store: V8 puts arithmetic off until a store needs it, so that all that long code reads
   * before stands on the stack meanwhile.
   */
  readonly settle?: (values: readonly Values[]) => void;
}

/** Numbers of the parameters that stand at `slots`, each of which is read once. */
export function slotsAt(s: Scope, body: RowBody, slots: number): BodyReads {
  const read = new Map<number, Vector>();
  return {
    slot: (source, entry, k) => {
      const { length, isShared } = body.sources[source];
      const at = body.starts[source] + (isShared ? 0 : k * length) + entry;
      const found = read.get(at) ?? s.let(v128.load64Splat(0, slots + 8 * at));
      read.set(at, found);
      return found;
    },
  };
}

/**
 * Writes nodes for component k of each part, whose columns `columns` gives; operations of the parts stand side by side. What is
 * the same for all components is written once.
 */
export function bodyWriter(
  s: Scope,
  body: RowBody,
  reads: BodyReads,
  columns: readonly ((column: number) => Vector)[],
  fused: MultiplyAdd,
): (node: NodeId, k: number) => readonly Values[] {
  const isOwn = ofComponents(body);
  const shared = new Map<NodeId, readonly Values[]>();
  return (wanted, k) => {
    const own = new Map<NodeId, readonly Values[]>();
    const value = (id: NodeId): readonly Values[] => {
      const known = isOwn[id] ? own : shared;
      const found = known.get(id) ?? written(body.nodes[id]);
      known.set(id, found);
      return found;
    };
    const same = (x: Values): readonly Values[] => columns.map(() => x);
    const of = (id: NodeId, make: (x: Values) => Values): readonly Values[] =>
      value(id).map((x) => s.let(make(x)));
    const ofTwo = (a: NodeId, b: NodeId, make: (x: Values, y: Values) => Values): readonly Values[] => {
      const [left, right] = [value(a), value(b)];
      return left.map((x, part) => s.let(make(x, right[part])));
    };
    const written = (node: RowNode): readonly Values[] => {
      switch (node.kind) {
        case 'number':
          return same(f64x2.constant(node.value));
        case 'column':
          return columns.map((u) => u(node.column));
        case 'slot':
          return same(s.let(reads.slot(node.source, node.entry, k)));
        case 'support':
          return same(s.let(reads.support!(node.support)));
        case 'add':
          return ofTwo(node.left, node.right, f64x2.add);
        case 'product':
          return ofTwo(node.left, node.right, f64x2.mul);
        case 'multiply':
          return ofTwo(node.left, node.right, carefulProduct);
        case 'maximum':
          return ofTwo(node.left, node.right, f64x2.pmax);
        case 'power':
          return of(node.base, (base) => power(base, node.exponent));
        case 'function':
          return of(node.argument, (x) => {
            if (node.name === 'abs') return f64x2.abs(x);
            return (node.name === 'exp' ? exponential : logarithm)(s, fused, x);
          });
        case 'condition':
          return ofTwo(node.left, node.right, (a, b) =>
            v128.and(comparisons[node.relation](a, b), f64x2.constant(1)),
          );
        case 'choose': {
          const [when, then, otherwise] = [node.when, node.then, node.otherwise].map(value);
          return when.map((x, part) => s.let(v128.bitselect(then[part], otherwise[part], f64x2.ne(x, 0))));
        }
        case 'squares':
          return squares(node, value, (entry) => reads.slot(node.source, entry, k));
      }
    };
    return value(wanted);
  };

  function squares(
    { residual, triangle }: Extract<RowNode, { kind: 'squares' }>,
    value: (id: NodeId) => readonly Values[],
    entry: (at: number) => Values,
  ): readonly Values[] {
    const n = residual.length;
    let at = 0;
    let sums: readonly Values[] = [];
    for (let i = 0; i < n; i++) {
      let totals: readonly Values[] = [];
      for (const x of triangle === 'lower' ? residual.slice(0, i + 1) : residual.slice(i)) {
        // in the order of the rows, so that what is read is used soon
        const e = value(x);
        const w = s.let(entry(at++));
        totals = e.map((one, part) =>
          s.let(totals.length === 0 ? f64x2.mul(w, one) : fused.madd(w, one, totals[part])),
        );
      }
      sums = totals.map((t, part) => s.let(i === 0 ? f64x2.mul(t, t) : fused.madd(t, t, sums[part])));
      reads.settle?.(sums);
    }
    return sums;
  }
}

/** A zero leaves nothing, whatever the other is. */
function carefulProduct(left: Values, right: Values): Values {
  const isZero = v128.or(f64x2.eq(left, 0), f64x2.eq(right, 0));
  return v128.andNot(f64x2.mul(left, right), isZero);
}

function power(base: Values, exponent: number): Values {
  if (exponent === 2) return f64x2.mul(base, base);
  return exponent === -1 ? f64x2.div(f64x2.constant(1), base) : f64x2.sqrt(base);
}

/** eˣ; 0 where it is no normal number, ∞ where it is none. */
function exponential(s: Scope, fused: MultiplyAdd, x: Values): Values {
  const y = s.let(f64x2.mul(x, Math.LOG2E));
  return v128.bitselect(f64x2.constant(Infinity), exp2(s, fused, y), f64x2.ge(y, 1024));
}

const LEAST_NORMAL = 2 ** -1022;

/** The natural logarithm; −∞ below the normal numbers from 0 on. */
function logarithm(s: Scope, fused: MultiplyAdd, x: Values): Values {
  const plain = f64x2.mul(log2(s, fused, x), Math.LN2);
  const orInfinite = v128.bitselect(x, plain, f64x2.eq(x, Infinity));
  const orNothing = v128.bitselect(f64x2.constant(-Infinity), orInfinite, f64x2.lt(x, LEAST_NORMAL));
  const isNumber = f64x2.ge(x, 0);
  return v128.bitselect(orNothing, f64x2.constant(NaN), isNumber);
}

const comparisons: Readonly<Record<Relation, (a: Values, b: Values) => Values>> = {
  '=': f64x2.eq,
  '!=': f64x2.ne,
  '<': f64x2.lt,
  '<=': f64x2.le,
  '>': f64x2.gt,
  '>=': f64x2.ge,
};
