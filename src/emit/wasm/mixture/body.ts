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

/** What has no form in lanes, in words; undefined where all that the node needs has one. */
export function whyNotInLanes(body: RowBody, node: NodeId): string | undefined {
  for (const id of needed(body, [node])) {
    const reason = whyNot(body, body.nodes[id]);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function whyNot(body: RowBody, node: RowNode): string | undefined {
  switch (node.kind) {
    case 'support':
      return 'distributions that cannot give every value';
    case 'slot':
    case 'squares':
      return body.sources[node.source].stratum === 0
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

/**
 * Writes nodes for component k of each part, whose columns `columns` gives. What is the same for all components is written
 * once, and numbers of the parameters, which stand at `slots`, are read once for all parts.
 */
export function bodyWriter(
  s: Scope,
  body: RowBody,
  slots: number,
  columns: readonly ((column: number) => Vector)[],
  fused: MultiplyAdd,
): (node: NodeId, k: number) => readonly Values[] {
  const isOwn = ofComponents(body);
  const read = new Map<number, Vector>();
  const slotAt = (source: number, entry: number, k: number): Vector => {
    const { length, isShared } = body.sources[source];
    const at = body.starts[source] + (isShared ? 0 : k * length) + entry;
    const found = read.get(at) ?? s.let(v128.load64Splat(0, slots + 8 * at));
    read.set(at, found);
    return found;
  };
  const shared = columns.map(() => new Map<NodeId, Values>());
  return (wanted, k) =>
    columns.map((u, part) => {
      const own = new Map<NodeId, Values>();
      const value = (id: NodeId): Values => {
        const known = isOwn[id] ? own : shared[part];
        const found = known.get(id) ?? written(body.nodes[id]);
        known.set(id, found);
        return found;
      };
      const written = (node: RowNode): Values => {
        switch (node.kind) {
          case 'number':
            return f64x2.constant(node.value);
          case 'column':
            return u(node.column);
          case 'slot':
            return slotAt(node.source, node.entry, k);
          case 'add':
            return s.let(f64x2.add(value(node.left), value(node.right)));
          case 'product':
            return s.let(f64x2.mul(value(node.left), value(node.right)));
          case 'multiply':
            return s.let(carefulProduct(value(node.left), value(node.right)));
          case 'maximum':
            return s.let(f64x2.pmax(value(node.left), value(node.right)));
          case 'power':
            return s.let(power(value(node.base), node.exponent));
          case 'function': {
            const argument = value(node.argument);
            if (node.name === 'abs') return s.let(f64x2.abs(argument));
            return s.let((node.name === 'exp' ? exponential : logarithm)(s, fused, argument));
          }
          case 'condition': {
            const holds = comparisons[node.relation](value(node.left), value(node.right));
            return s.let(v128.and(holds, f64x2.constant(1)));
          }
          case 'choose': {
            const holds = f64x2.ne(value(node.when), 0);
            return s.let(v128.bitselect(value(node.then), value(node.otherwise), holds));
          }
          case 'squares':
            return s.let(squares(node, value, (entry) => slotAt(node.source, entry, k)));
          case 'support':
            throw new Error('a node without a form in lanes');
        }
      };
      return value(wanted);
    });

  function squares(
    { residual, triangle }: Extract<RowNode, { kind: 'squares' }>,
    value: (id: NodeId) => Values,
    entry: (at: number) => Vector,
  ): Values {
    const e = residual.map(value);
    let at = 0;
    return e.reduce<Values>((sum, _, i) => {
      const row = triangle === 'lower' ? e.slice(0, i + 1) : e.slice(i);
      const [first, ...rest] = row.map((x) => ({ x, w: entry(at++) }));
      const t = s.let(
        rest.reduce<Values>((total, { x, w }) => fused.madd(w, x, total), f64x2.mul(first.w, first.x)),
      );
      return i === 0 ? f64x2.mul(t, t) : fused.madd(t, t, sum);
    }, f64x2.constant(0));
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
