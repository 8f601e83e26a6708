/**
 * Reverse-mode automatic differentiation of the rows: how Σ_i w_i Σ_k r[i,k] logit[i,k] changes with every slot of the row
 * body. With r the posterior at the same parameters this is the change of the log-likelihood itself, as the derivative of
 * log Σ_k exp logit_k in logit_k is r_k. Source: Griewank, Walther: Evaluating Derivatives (2008), chapter 3.
 */
import { functions } from '../algebra/functions.js';
import { holds } from '../algebra/build.js';
import { needed } from '../plan/row-body.js';
import type { NodeId, RowBody, RowNode } from '../plan/row-body.js';
import type { Program } from '../plan/types.js';
import type { RowData } from './types.js';

/** Rows at a time: the values of all nodes stay in a processor's cache. */
const BLOCK = 512;

interface Block {
  readonly first: number;
  readonly component: number;
  readonly values: readonly Float64Array[];
  readonly adjoints: readonly Float64Array[];
}

/** [slots]; `responsibilities` is [N, K], `slots` the values at the parameters. */
export function slotAdjoints(
  { body, logit }: { readonly body: RowBody; readonly logit: NodeId },
  program: Program,
  data: RowData,
  responsibilities: Float64Array,
  slots: Float64Array,
): Float64Array {
  const order = needed(body, [logit]);
  const adjoint = new Float64Array(slots.length);
  const values = body.nodes.map(() => new Float64Array(BLOCK));
  const adjoints = body.nodes.map(() => new Float64Array(BLOCK));
  const k = program.components;
  const slotOf = (source: number, entry: number, component: number, row: number): number => {
    const { length, stratum, isShared } = body.sources[source];
    const code = stratum === 0 ? 0 : data.strata![stratum - 1][row];
    const own = isShared ? 0 : component;
    return body.starts[source] + (own * length + entry) * program.strataSizes[stratum] + code;
  };
  for (let first = 0; first < data.rows; first += BLOCK)
    for (let component = 0; component < k; component++) {
      const rows = Math.min(BLOCK, data.rows - first);
      const block: Block = { first, component, values, adjoints };
      for (const id of order) adjoints[id].fill(0);
      let any = false;
      for (let b = 0; b < rows; b++) {
        const i = first + b;
        const a = (data.weights === undefined ? 1 : data.weights[i]) * responsibilities[i * k + component];
        adjoints[logit][b] = a;
        any ||= a !== 0;
      }
      if (!any) continue;
      for (const id of order) {
        const value = valueAt(body.nodes[id], block, data, slots, slotOf);
        for (let b = 0; b < rows; b++) values[id][b] = value(b);
      }
      for (const id of [...order].reverse()) {
        const hand = handing(body.nodes[id], block, slots, adjoint, slotOf);
        const own = adjoints[id];
        // what nothing asks for need not be a number
        if (hand !== undefined) for (let b = 0; b < rows; b++) if (own[b] !== 0) hand(own[b], b);
      }
    }
  return adjoint;
}

type SlotOf = (source: number, entry: number, component: number, row: number) => number;

/** The value of a node at row `b` of the block. */
function valueAt(
  node: RowNode,
  { first, component, values }: Block,
  data: RowData,
  slots: Float64Array,
  slotOf: SlotOf,
): (b: number) => number {
  switch (node.kind) {
    case 'number':
      return () => node.value;
    case 'column': {
      const column = data.columns[node.column];
      return (b) => column[first + b];
    }
    case 'support': {
      const holdsIn = data.supports![node.support];
      return (b) => holdsIn[first + b];
    }
    case 'slot':
      return (b) => slots[slotOf(node.source, node.entry, component, first + b)];
    case 'squares': {
      const w = triangle(node, component, first, slots, slotOf);
      return (b) =>
        w(b).reduce(
          (s, row) => s + row.reduce((t, [x, j]) => t + x * values[node.residual[j]][b], 0) ** 2,
          0,
        );
    }
    case 'power': {
      const base = values[node.base];
      return (b) => base[b] ** node.exponent;
    }
    case 'function': {
      const { value } = functions[node.name];
      const x = values[node.argument];
      return (b) => value(x[b]);
    }
    case 'choose': {
      const [when, then, otherwise] = [node.when, node.then, node.otherwise].map((id) => values[id]);
      return (b) => (when[b] !== 0 ? then[b] : otherwise[b]);
    }
    case 'add':
    case 'product':
    case 'multiply':
    case 'maximum':
    case 'condition': {
      const [x, y] = [values[node.left], values[node.right]];
      switch (node.kind) {
        case 'add':
          return (b) => x[b] + y[b];
        case 'product':
          return (b) => x[b] * y[b];
        case 'multiply':
          return (b) => (x[b] === 0 || y[b] === 0 ? 0 : x[b] * y[b]);
        case 'maximum':
          return (b) => Math.max(x[b], y[b]);
        case 'condition':
          return (b) => (holds(node.relation, x[b], y[b]) ? 1 : 0);
      }
    }
  }
}

/** Hands the adjoint `a` of a node at row `b` on to what it is made of. */
function handing(
  node: RowNode,
  { first, component, values, adjoints }: Block,
  slots: Float64Array,
  adjoint: Float64Array,
  slotOf: SlotOf,
): ((a: number, b: number) => void) | undefined {
  const to = (target: NodeId, b: number, x: number): void => {
    adjoints[target][b] = adjoints[target][b] + x;
  };
  switch (node.kind) {
    case 'number':
    case 'column':
    case 'support':
    case 'condition':
      return undefined;
    case 'slot':
      return (a, b) => {
        const slot = slotOf(node.source, node.entry, component, first + b);
        adjoint[slot] = adjoint[slot] + a;
      };
    case 'add':
      return (a, b) => {
        to(node.left, b, a);
        to(node.right, b, a);
      };
    case 'product':
    case 'multiply': {
      const [x, y] = [values[node.left], values[node.right]];
      return (a, b) => {
        if (y[b] !== 0) to(node.left, b, a * y[b]);
        if (x[b] !== 0) to(node.right, b, a * x[b]);
      };
    }
    case 'maximum': {
      const [x, y] = [values[node.left], values[node.right]];
      return (a, b) => {
        to(x[b] >= y[b] ? node.left : node.right, b, a);
      };
    }
    case 'power': {
      const x = values[node.base];
      return (a, b) => {
        to(node.base, b, a * node.exponent * x[b] ** (node.exponent - 1));
      };
    }
    case 'function': {
      const { slope } = functions[node.name];
      const x = values[node.argument];
      return (a, b) => {
        to(node.argument, b, a * slope(x[b]));
      };
    }
    case 'choose': {
      const when = values[node.when];
      return (a, b) => {
        to(when[b] !== 0 ? node.then : node.otherwise, b, a);
      };
    }
    case 'squares': {
      const w = triangle(node, component, first, slots, slotOf);
      return (a, b) => {
        let entry = 0;
        for (const row of w(b)) {
          const t = row.reduce((s, [x, j]) => s + x * values[node.residual[j]][b], 0);
          for (const [x, j] of row) {
            to(node.residual[j], b, 2 * a * t * x);
            const slot = slotOf(node.source, entry++, component, first + b);
            adjoint[slot] = adjoint[slot] + 2 * a * t * values[node.residual[j]][b];
          }
        }
      };
    }
  }
}

/** The rows of the triangle at a row of the data: entries with their columns. */
function triangle(
  node: Extract<RowNode, { kind: 'squares' }>,
  component: number,
  first: number,
  slots: Float64Array,
  slotOf: SlotOf,
): (b: number) => readonly (readonly (readonly [number, number])[])[] {
  const n = node.residual.length;
  const at = (row: number): readonly (readonly (readonly [number, number])[])[] => {
    let entry = 0;
    return Array.from({ length: n }, (_, i) =>
      Array.from(
        { length: node.triangle === 'lower' ? i + 1 : n - i },
        (_, j) =>
          [
            slots[slotOf(node.source, entry++, component, row)],
            node.triangle === 'lower' ? j : i + j,
          ] as const,
      ),
    );
  };
  // the same for the rows of one combination, which is most often all of them
  const known = new Map<number, ReturnType<typeof at>>();
  return (b) => {
    const key = slotOf(node.source, 0, component, first + b);
    const found = known.get(key) ?? at(first + b);
    known.set(key, found);
    return found;
  };
}
