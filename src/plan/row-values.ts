/** Nodes of a row body that read the data alone, row by row. */
import { holds } from '../algebra/build.js';
import { functions } from '../algebra/functions.js';
import { needed } from './row-body.js';
import type { NodeId, RowBody, RowNode } from './row-body.js';

/** For each wanted node its value in every row. `columns` are [C] arrays of rows; throws for what reads parameters. */
export function rowValues(
  body: RowBody,
  wanted: readonly NodeId[],
  rows: number,
  columns: readonly Float64Array[],
  supports: readonly Uint8Array[],
): readonly Float64Array[] {
  const ids = needed(body, wanted);
  const at = new Float64Array(body.nodes.length);
  const found = wanted.map(() => new Float64Array(rows));
  for (let row = 0; row < rows; row++) {
    for (const id of ids) at[id] = valueOf(body.nodes[id], at, row, columns, supports);
    wanted.forEach((id, n) => (found[n][row] = at[id]));
  }
  return found;
}

function valueOf(
  node: RowNode,
  at: Float64Array,
  row: number,
  columns: readonly Float64Array[],
  supports: readonly Uint8Array[],
): number {
  switch (node.kind) {
    case 'number':
      return node.value;
    case 'column':
      return columns[node.column][row];
    case 'support':
      return supports[node.support][row];
    case 'add':
      return at[node.left] + at[node.right];
    case 'product':
      return at[node.left] * at[node.right];
    case 'multiply':
      return at[node.left] === 0 || at[node.right] === 0 ? 0 : at[node.left] * at[node.right];
    case 'maximum':
      return Math.max(at[node.left], at[node.right]);
    case 'power':
      if (node.exponent === 2) return at[node.base] * at[node.base];
      if (node.exponent === -1) return 1 / at[node.base];
      return node.exponent === 0.5 ? Math.sqrt(at[node.base]) : at[node.base] ** node.exponent;
    case 'function':
      return functions[node.name].value(at[node.argument]);
    case 'condition':
      return holds(node.relation, at[node.left], at[node.right]) ? 1 : 0;
    case 'choose':
      return at[node.when] !== 0 ? at[node.then] : at[node.otherwise];
    case 'slot':
    case 'squares':
      throw new Error('a number of the parameters has no value in the rows');
  }
}
