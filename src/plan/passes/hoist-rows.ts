/**
 * What a row computes from its data alone does not change between steps: it is computed once, before the first, and read as a
 * column afterwards. Plans have such columns already where a logit or a sum is linear in them (lgamma(x[i] + 1) of a count,
 * log x[i] of a gamma); this finds them inside expressions that are no polynomial, as log x[i] in exp(a (log x[i] − log b)).
 * Only what calls a function is worth a column: reading a number from memory costs about as much as adding two.
 *
 *     before   2 log x0     3 slot a   4 product 3 2   5 exp 4
 *     after    2 column C   3 slot a   4 product 3 2   5 exp 4        once: node 2
 *
 * The columns are of the engine's own: moments are not summed over them.
 */
import { needed, ofComponents, operands } from '../row-body.js';
import type { NodeId, RowBody, RowNode } from '../row-body.js';

export interface Hoisted {
  readonly body: RowBody;
  /** nodes of the body before: the n-th is column `columns + n` of the body after */
  readonly once: readonly NodeId[];
}

/** `columns`: how many a row has; nodes keep their positions. */
export function hoistRows(body: RowBody, wanted: readonly NodeId[], columns: number): Hoisted {
  const ofData: boolean[] = [];
  const calls: boolean[] = [];
  for (const node of body.nodes) {
    const parts = operands(node);
    ofData.push(node.kind !== 'slot' && node.kind !== 'squares' && parts.every((id) => ofData[id]));
    calls.push(isCall(node) || parts.some((id) => calls[id]));
  }
  const isOnce = (id: NodeId): boolean => ofData[id] && calls[id];
  const ids = needed(body, wanted);
  const whole = new Set([
    ...wanted.filter(isOnce),
    ...ids.filter((id) => !ofData[id]).flatMap((id) => operands(body.nodes[id]).filter(isOnce)),
  ]);
  const once = [...whole].sort((a, b) => a - b);
  const nodes = body.nodes.map((node, id): RowNode => {
    const at = once.indexOf(id);
    return at < 0 ? node : { kind: 'column', column: columns + at };
  });
  return { body: { ...body, nodes }, once };
}

/**
 * Operations that are the same for all components, which each of them would do again where they are gone through one by one: their
 * values become columns too.
 */
export function hoistCommon(body: RowBody, wanted: NodeId, columns: number): Hoisted {
  const isOwn = ofComponents(body);
  const isLeaf = (node: RowNode): boolean => ['number', 'column', 'slot', 'support'].includes(node.kind);
  const isCommon = (id: NodeId): boolean => !isOwn[id] && !isLeaf(body.nodes[id]);
  const asked = [
    wanted,
    ...needed(body, [wanted])
      .filter((id) => isOwn[id])
      .flatMap((id) => operands(body.nodes[id])),
  ];
  const once = [...new Set(asked.filter(isCommon))].sort((a, b) => a - b);
  const nodes = body.nodes.map((node, id): RowNode => {
    const at = once.indexOf(id);
    return at < 0 ? node : { kind: 'column', column: columns + at };
  });
  return { body: { ...body, nodes }, once };
}

const isCall = (node: RowNode): boolean =>
  node.kind === 'function' || (node.kind === 'power' && node.exponent !== 2 && node.exponent !== -1);
