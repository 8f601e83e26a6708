/** Nodes of a row body as operations on blocks of rows: [K, B] where a node differs between components, else [1, B] or a number. */
import { needed, ofComponents } from '../../plan/row-body.js';
import type { NodeId, RowBody } from '../../plan/row-body.js';
import type { FunctionName } from '../../algebra/types.js';
import * as op from './operations.js';
import type { Scope } from './operations.js';
import type { Edge } from './types.js';

/** What a body reads. */
export interface RowInputs {
  readonly components: number;
  readonly strataSizes: readonly number[];
  /** [slots] */
  readonly slots: Edge;
  /** [1, B] */
  readonly column: (column: number) => Edge;
  /** int32 [B] */
  readonly codes: (stratum: number) => Edge;
  /** [1, B], 1 inside */
  readonly support: (support: number) => Edge;
}

/** Triangles up to this size are written out entry by entry; larger ones are products of matrices. */
const UNROLLED = 3;

/** The wanted node. */
export function rowEdge(scope: Scope, body: RowBody, wanted: NodeId, inputs: RowInputs): Edge {
  const isOwn = ofComponents(body);
  const edges = new Map<NodeId, Edge>();
  const sources = new Map<number, Edge>();
  /** [K or 1, length, combinations] */
  const sourceOf = (n: number): Edge => {
    const known = sources.get(n);
    if (known !== undefined) return known;
    const { length, stratum, isShared } = body.sources[n];
    const shape = [isShared ? 1 : inputs.components, length, inputs.strataSizes[stratum]];
    const size = shape.reduce((a, b) => a * b, 1);
    const flat = op.slice(scope, 'source', inputs.slots, [body.starts[n]], [size]);
    const made = op.reshape(scope, 'source', flat, shape);
    sources.set(n, made);
    return made;
  };
  /** [K or 1, 1] or, told apart by what the row says, [K or 1, B] */
  const slot = (source: number, entry: number): Edge => {
    const { stratum, isShared } = body.sources[source];
    const combinations = inputs.strataSizes[stratum];
    const components = isShared ? 1 : inputs.components;
    const part = op.slice(scope, 'slot', sourceOf(source), [0, entry, 0], [components, 1, combinations]);
    const flat = op.reshape(scope, 'slot', part, [components, combinations]);
    return stratum === 0 ? flat : op.gather(scope, 'slotOfRow', flat, inputs.codes(stratum), 1);
  };
  for (const id of needed(body, [wanted]))
    edges.set(id, edgeOf(scope, body, id, edges, { inputs, slot, sourceOf, isOwn }));
  return edges.get(wanted)!;
}

interface Reading {
  readonly inputs: RowInputs;
  readonly slot: (source: number, entry: number) => Edge;
  readonly sourceOf: (source: number) => Edge;
  readonly isOwn: readonly boolean[];
}

const number = (scope: Scope, value: number): Edge => op.constant(scope, 'double', [1, 1], [value]);

function edgeOf(
  scope: Scope,
  body: RowBody,
  id: NodeId,
  edges: ReadonlyMap<NodeId, Edge>,
  reading: Reading,
): Edge {
  const node = body.nodes[id];
  const of = (other: NodeId): Edge => edges.get(other)!;
  const zero = (): Edge => number(scope, 0);
  switch (node.kind) {
    case 'number':
      return number(scope, node.value);
    case 'column':
      return reading.inputs.column(node.column);
    case 'support':
      return reading.inputs.support(node.support);
    case 'slot':
      return reading.slot(node.source, node.entry);
    case 'add':
      return op.binary(scope, 'sum', 'AddV2', of(node.left), of(node.right));
    case 'product':
      return op.binary(scope, 'product', 'Mul', of(node.left), of(node.right));
    case 'multiply':
      return withoutZeros(scope, of(node.left), of(node.right));
    case 'maximum':
      return op.binary(scope, 'maximum', 'Maximum', of(node.left), of(node.right));
    case 'power':
      return power(scope, of(node.base), node.exponent);
    case 'function':
      return functionOf(scope, node.name, of(node.argument));
    case 'condition': {
      const [left, right] = [of(node.left), of(node.right)];
      const one = number(scope, 1);
      switch (node.relation) {
        case '=':
          return op.select(scope, 'holds', op.equal(scope, 'equal', left, right), one, zero());
        case '!=':
          return op.select(scope, 'holds', op.equal(scope, 'equal', left, right), zero(), one);
        case '<':
          return op.select(scope, 'holds', op.compare(scope, 'less', 'Less', left, right), one, zero());
        case '<=':
          return op.select(
            scope,
            'holds',
            op.compare(scope, 'atMost', 'LessEqual', left, right),
            one,
            zero(),
          );
        case '>':
          return op.select(scope, 'holds', op.compare(scope, 'more', 'Greater', left, right), one, zero());
        case '>=':
          return op.select(
            scope,
            'holds',
            op.compare(scope, 'atLeast', 'GreaterEqual', left, right),
            one,
            zero(),
          );
      }
    }
    // eslint-disable-next-line no-fallthrough -- every relation returns
    case 'choose': {
      const isZero = op.equal(scope, 'isZero', of(node.when), zero());
      return op.select(scope, 'chosen', isZero, of(node.otherwise), of(node.then));
    }
    case 'squares':
      return squares(scope, body, node, of, reading);
  }
}

/** MulNoNan leaves 0 where its second factor is 0; the other way round it is asked for. */
function withoutZeros(scope: Scope, left: Edge, right: Edge): Edge {
  const product = op.binary(scope, 'product', 'MulNoNan', left, right);
  const zero = number(scope, 0);
  return op.select(scope, 'product', op.equal(scope, 'isZero', left, zero), zero, product);
}

function power(scope: Scope, base: Edge, exponent: number): Edge {
  if (exponent === 2) return op.unary(scope, 'square', 'Square', base);
  if (exponent === -1) return op.unary(scope, 'reciprocal', 'Reciprocal', base);
  if (exponent === 0.5) return op.unary(scope, 'root', 'Sqrt', base);
  return op.binary(scope, 'power', 'Pow', base, number(scope, exponent));
}

function functionOf(scope: Scope, name: FunctionName, x: Edge): Edge {
  switch (name) {
    case 'log':
      return op.unary(scope, 'log', 'Log', x);
    case 'exp':
      return op.unary(scope, 'exp', 'Exp', x);
    case 'logistic':
      return op.unary(scope, 'logistic', 'Sigmoid', x);
    case 'softplus': {
      const below = op.unary(scope, 'below', 'Neg', op.unary(scope, 'size', 'Abs', x));
      const rest = op.unary(scope, 'rest', 'Log1p', op.unary(scope, 'exp', 'Exp', below));
      return op.binary(
        scope,
        'softplus',
        'AddV2',
        op.binary(scope, 'positive', 'Maximum', x, number(scope, 0)),
        rest,
      );
    }
    case 'lgamma':
      return op.unary(scope, 'lgamma', 'Lgamma', x);
    case 'digamma':
      return op.unary(scope, 'digamma', 'Digamma', x);
    case 'trigamma':
      return op.binary(
        scope,
        'trigamma',
        'Polygamma',
        op.binary(
          scope,
          'one',
          'AddV2',
          op.binary(scope, 'none', 'Mul', x, number(scope, 0)),
          number(scope, 1),
        ),
        x,
      );
    case 'abs':
      return op.unary(scope, 'abs', 'Abs', x);
    case 'cos':
      return op.unary(scope, 'cos', 'Cos', x);
    case 'sin':
      return op.unary(scope, 'sin', 'Sin', x);
    // I₀(x) = e^|x| I₀ₑ(x), and the exponentials cancel in the ratio
    case 'logbesseli0': {
      const scaled = op.unary(scope, 'log', 'Log', op.unary(scope, 'bessel0', 'BesselI0e', x));
      return op.binary(scope, 'logbesseli0', 'AddV2', scaled, op.unary(scope, 'abs', 'Abs', x));
    }
    case 'besselratio':
      return op.binary(
        scope,
        'besselratio',
        'RealDiv',
        op.unary(scope, 'bessel1', 'BesselI1e', x),
        op.unary(scope, 'bessel0', 'BesselI0e', x),
      );
  }
}

/** Σ (W e)² over the coordinates. */
function squares(
  scope: Scope,
  body: RowBody,
  node: Extract<RowBody['nodes'][number], { kind: 'squares' }>,
  of: (id: NodeId) => Edge,
  reading: Reading,
): Edge {
  const n = node.residual.length;
  const { stratum, isShared, length } = body.sources[node.source];
  const lower = node.triangle === 'lower';
  const columnsOf = (i: number): readonly number[] =>
    lower ? Array.from({ length: i + 1 }, (_, j) => j) : Array.from({ length: n - i }, (_, j) => i + j);
  if (n <= UNROLLED || stratum > 0) {
    let at = 0;
    const rows = Array.from({ length: n }, (_, i) =>
      op.addAll(
        scope,
        'whitened',
        columnsOf(i).map((j) =>
          op.binary(scope, 'entry', 'Mul', reading.slot(node.source, at++), of(node.residual[j])),
        ),
      ),
    );
    return op.addAll(
      scope,
      'squares',
      rows.map((row) => op.unary(scope, 'square', 'Square', row)),
    );
  }
  // the packed triangle with a zero behind it, spread over a square
  const components = isShared ? 1 : reading.inputs.components;
  const packed = op.reshape(scope, 'triangle', reading.sourceOf(node.source), [components, length]);
  const padded = op.concat(
    scope,
    'triangle',
    [packed, op.constant(scope, 'double', [components, 1], [0])],
    1,
  );
  let next = 0;
  const positions = Array.from({ length: n }, (_, i) => {
    const own = new Set(columnsOf(i));
    return Array.from({ length: n }, (__, j) => (own.has(j) ? next++ : length));
  }).flat();
  const square = op.gather(scope, 'triangle', padded, op.constant(scope, 'int32', [n * n], positions), 1);
  const matrix = op.reshape(scope, 'whitening', square, [components, n, n]);
  // coordinates that do not differ between components are spread over them where others do
  const isOwn = node.residual.some((id) => reading.isOwn[id]);
  const one = op.constant(scope, 'double', [isOwn ? reading.inputs.components : 1, 1], [1]);
  const e = op.pack(
    scope,
    'residual',
    node.residual.map((id) => op.binary(scope, 'coordinate', 'Mul', of(id), one)),
  );
  const byComponent = op.transpose(scope, 'residual', e, [1, 0, 2]);
  const whitened = op.batchMatMul(scope, 'whitened', matrix, byComponent);
  return op.reduce(scope, 'squares', 'Sum', op.unary(scope, 'square', 'Square', whitened), [1], false);
}
