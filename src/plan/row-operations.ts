/** Operations of a row that are made of several nodes, or of another kind where the numbers are known to be finite. */
import { partsOf } from '../algebra/traverse.js';
import type { Expr } from '../algebra/types.js';
import { operands } from './row-body.js';
import type { BodyBuilder, NodeId } from './row-body.js';

/** A polynomial of parameters, and inverses of scales: what is no number there is found before a row is looked at. */
export const isPolynomial = (e: Expr): boolean =>
  e.kind === 'power'
    ? e.exponent > 0 && isPolynomial(e.base)
    : e.kind === 'number'
      ? Number.isFinite(e.value)
      : POLYNOMIAL.has(e.kind) && partsOf(e).every(isPolynomial);
const POLYNOMIAL = new Set<Expr['kind']>([
  ...(['symbol', 'element', 'size', 'add', 'multiply', 'sum', 'dot', 'quadratic', 'vector', 'diag'] as const),
  ...(['diagonal', 'product', 'transpose', 'inverse', 'trace', 'outer', 'identity'] as const),
]);

/** Sums, products and powers of nodes that are known to be; what is found is added to them. */
function isFiniteNode(id: NodeId, build: BodyBuilder, finite: Set<NodeId>): boolean {
  if (finite.has(id)) return true;
  const node = build.nodeAt(id);
  const isOf =
    node.kind === 'number'
      ? Number.isFinite(node.value)
      : node.kind === 'add' || node.kind === 'product' || (node.kind === 'power' && node.exponent > 0)
        ? operands(node).every((part) => isFiniteNode(part, build, finite))
        : false;
  if (isOf) finite.add(id);
  return isOf;
}

interface Operands {
  readonly build: BodyBuilder;
  /** nodes that are finite at whatever finite columns and parameters */
  readonly finite: Set<NodeId>;
}

/** A product, in which a zero leaves nothing where the other need not be finite. */
export function times(left: NodeId, right: NodeId, { build, finite }: Operands): NodeId {
  const areBoth = [left, right].every((id) => isFiniteNode(id, build, finite));
  return build.node({ kind: areBoth ? 'product' : 'multiply', left, right });
}

export const sum = (terms: readonly NodeId[], build: BodyBuilder): NodeId =>
  terms.reduce((a, b) => build.node({ kind: 'add', left: a, right: b }), build.number(0));

export const largest = (parts: readonly NodeId[], build: BodyBuilder): NodeId =>
  parts.reduce((left, right) => build.node({ kind: 'maximum', left, right }));

/** top + log Σ exp(x − top) */
export function logSumExp(parts: readonly NodeId[], build: BodyBuilder): NodeId {
  const top = largest(parts, build);
  const below = build.node({ kind: 'multiply', left: build.number(-1), right: top });
  const exponentials = parts.map((x) =>
    build.node({
      kind: 'function',
      name: 'exp',
      argument: build.node({ kind: 'add', left: x, right: below }),
    }),
  );
  const log = build.node({ kind: 'function', name: 'log', argument: sum(exponentials, build) });
  return build.node({ kind: 'add', left: top, right: log });
}
