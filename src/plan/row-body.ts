/**
 * A row body: what is computed from one row, as numbers that name each other. It is the same for every component; what
 * differs between components, and from step to step, comes in through *slots*. An engine turns a body into its own
 * language: code of one row, or operations over columns of rows.
 *
 *     nodes:  0 column 3     1 slot (source 0, entry 0)     2 multiply 0 1     …
 */
import type { Expr, FunctionName, Relation } from '../algebra/types.js';
import type { Program } from './types.js';

/** The position of a node in its body. */
export type NodeId = number;

export type RowNode =
  | { readonly kind: 'number'; readonly value: number }
  /** a column of the program */
  | { readonly kind: 'column'; readonly column: number }
  /** a number of the parameters: the entry of a source, for the component at hand and what the row says of its stratum */
  | { readonly kind: 'slot'; readonly source: number; readonly entry: number }
  /** 1 where the row is inside `Plan.supports[support]`, else 0 */
  | { readonly kind: 'support'; readonly support: number }
  | { readonly kind: 'add' | 'maximum'; readonly left: NodeId; readonly right: NodeId }
  /** a product of numbers that are finite */
  | { readonly kind: 'product'; readonly left: NodeId; readonly right: NodeId }
  /** a product in which a zero leaves nothing, whatever the other is: 0 log 0 = 0 */
  | { readonly kind: 'multiply'; readonly left: NodeId; readonly right: NodeId }
  | { readonly kind: 'power'; readonly base: NodeId; readonly exponent: number }
  | { readonly kind: 'function'; readonly name: FunctionName; readonly argument: NodeId }
  | { readonly kind: 'condition'; readonly relation: Relation; readonly left: NodeId; readonly right: NodeId }
  /** `then` where `when` is not 0 */
  | { readonly kind: 'choose'; readonly when: NodeId; readonly then: NodeId; readonly otherwise: NodeId }
  /** Σ_i (Σ_j W[i, j] e[j])², W a triangle whose entries by rows are those of a source: L⁻¹, or the Rᵀ of P = R Rᵀ */
  | {
      readonly kind: 'squares';
      readonly residual: readonly NodeId[];
      readonly source: number;
      readonly triangle: 'lower' | 'upper';
    };

/** Values of running indices beside those of components and strata, from 0. */
export type Indices = Readonly<Record<string, number>>;

/** Numbers of the parameters that a body reads: `length` of them for each component and combination of the stratum. */
export type Source = {
  readonly length: number;
  /** 0: the same for every row; else an index into `Plan.strata` */
  readonly stratum: number;
  /** the same for every component */
  readonly isShared: boolean;
  readonly at: Indices;
} & (
  | { readonly kind: 'value'; readonly of: Expr }
  /** the sum of several numbers, from left to right */
  | { readonly kind: 'total'; readonly of: readonly Expr[] }
  /** L⁻¹ of the Cholesky factor of `of`, or Rᵀ of a precision `of`; zeros where `unless` is 0 */
  | {
      readonly kind: 'whitening';
      readonly of: Expr;
      readonly isInverse: boolean;
      readonly size: number;
      readonly unless: Expr;
    }
);

export interface RowBody {
  readonly nodes: readonly RowNode[];
  readonly sources: readonly Source[];
  /** where a source's numbers begin: [components, length, combinations], or [length, combinations] where it is shared */
  readonly starts: readonly number[];
  readonly slots: number;
}

/** Collects nodes and sources; equal ones are one. */
export interface BodyBuilder {
  readonly node: (node: RowNode) => NodeId;
  readonly number: (value: number) => NodeId;
  /** the number of a source */
  readonly source: (source: Source, key: string) => number;
  readonly nodeAt: (id: NodeId) => RowNode;
  readonly done: (program: Program) => RowBody;
}

export function bodyBuilder(): BodyBuilder {
  const nodes: RowNode[] = [];
  const known = new Map<string, NodeId>();
  const sources: Source[] = [];
  const keys = new Map<string, number>();
  const put = (node: RowNode): NodeId => {
    const key = node.kind === 'number' ? `number ${printNumber(node.value)}` : JSON.stringify(node);
    const found = known.get(key);
    if (found !== undefined) return found;
    nodes.push(node);
    known.set(key, nodes.length - 1);
    return nodes.length - 1;
  };
  const valueOf = (id: NodeId): number | undefined => {
    const node = nodes[id];
    return node.kind === 'number' ? node.value : undefined;
  };
  const number = (value: number): NodeId => put({ kind: 'number', value });
  return {
    number,
    nodeAt: (id) => nodes[id],
    node: (node) => {
      if (node.kind === 'multiply' || node.kind === 'product') {
        const [l, r] = [valueOf(node.left), valueOf(node.right)];
        if (l === 0 || r === 0) return number(0);
        if (l === 1) return node.right;
        if (r === 1) return node.left;
        if (l !== undefined && r !== undefined) return number(l * r);
      }
      if (node.kind === 'add') {
        const [l, r] = [valueOf(node.left), valueOf(node.right)];
        if (l === 0) return node.right;
        if (r === 0) return node.left;
        if (l !== undefined && r !== undefined) return number(l + r);
      }
      if (node.kind === 'power' && node.exponent === 1) return node.base;
      const isSwapped = (node.kind === 'multiply' || node.kind === 'product') && node.left > node.right;
      // the same number
      return put(isSwapped ? { ...node, left: node.right, right: node.left } : node);
    },
    source: (source, key) => {
      const whole = `${String(source.stratum)} ${JSON.stringify(source.at)} ${source.kind} ${key}`;
      const found = keys.get(whole);
      if (found !== undefined) return found;
      sources.push(source);
      keys.set(whole, sources.length - 1);
      return sources.length - 1;
    },
    done: (program) => {
      const starts: number[] = [];
      let slots = 0;
      for (const s of sources) {
        starts.push(slots);
        slots += s.length * program.strataSizes[s.stratum] * (s.isShared ? 1 : program.components);
      }
      return { nodes, sources, starts, slots };
    },
  };
}

const printNumber = (x: number): string => (Object.is(x, -0) ? '-0' : String(x));

/** The nodes that a node is made of. */
export function operands(node: RowNode): readonly NodeId[] {
  switch (node.kind) {
    case 'number':
    case 'column':
    case 'slot':
    case 'support':
      return [];
    case 'add':
    case 'maximum':
    case 'multiply':
    case 'product':
    case 'condition':
      return [node.left, node.right];
    case 'power':
      return [node.base];
    case 'function':
      return [node.argument];
    case 'choose':
      return [node.when, node.then, node.otherwise];
    case 'squares':
      return node.residual;
  }
}

/** The same node of other nodes. */
export function withOperands(node: RowNode, of: (id: NodeId) => NodeId): RowNode {
  switch (node.kind) {
    case 'number':
    case 'column':
    case 'slot':
    case 'support':
      return node;
    case 'add':
    case 'maximum':
    case 'multiply':
    case 'product':
    case 'condition':
      return { ...node, left: of(node.left), right: of(node.right) };
    case 'power':
      return { ...node, base: of(node.base) };
    case 'function':
      return { ...node, argument: of(node.argument) };
    case 'choose':
      return { ...node, when: of(node.when), then: of(node.then), otherwise: of(node.otherwise) };
    case 'squares':
      return { ...node, residual: node.residual.map(of) };
  }
}

/** A node with all that it is made of, equal for equal ones in whichever body: `log (column 0)`. */
export function nodeText(body: RowBody, id: NodeId): string {
  const node = body.nodes[id];
  const parts = operands(node).map((part) => `(${nodeText(body, part)})`);
  const numbers = Object.entries(node).filter(
    ([key, value]) => typeof value === 'string' || !OPERANDS.has(key),
  );
  return [...numbers.map(([, value]) => String(value)), ...parts].join(' ');
}
const OPERANDS = new Set(['left', 'right', 'base', 'argument', 'when', 'then', 'otherwise', 'residual']);

/** The nodes that the wanted ones need, in order. */
export function needed(body: RowBody, wanted: readonly NodeId[]): readonly NodeId[] {
  const seen = new Set<NodeId>();
  const visit = (id: NodeId): void => {
    if (seen.has(id)) return;
    seen.add(id);
    operands(body.nodes[id]).forEach(visit);
  };
  wanted.forEach(visit);
  return [...seen].sort((a, b) => a - b);
}

/** For each node, whether it differs between components. */
export function ofComponents(body: RowBody): readonly boolean[] {
  const own: boolean[] = [];
  for (const node of body.nodes) {
    const sources = node.kind === 'slot' || node.kind === 'squares' ? [node.source] : [];
    own.push(
      operands(node).some((id) => own[id]) || sources.some((source) => !body.sources[source].isShared),
    );
  }
  return own;
}
