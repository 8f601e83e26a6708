/**
 * Sums over all rows, in lanes: each lane is a loop over its blocks of rows, the rows left over are one block more, and
 * the results are added in the order of the lanes. TensorFlow runs the lanes on as many threads as it has; the sums are
 * the same to the last bit on any number of them.
 */
import { divideRows } from './blocks.js';
import * as op from './operations.js';
import type { Scope } from './operations.js';
import type { DataType, Edge, Shape } from './types.js';

/** Something with an entry for every row. */
export interface PerRow {
  readonly name: string;
  readonly edge: Edge;
  /** the shape of b rows of it */
  readonly shape: (b: number) => Shape;
  readonly rowAxis: number;
}

/** Something that is the same for all rows. */
export interface Shared {
  readonly name: string;
  readonly edge: Edge;
  readonly shape: Shape;
}

/** A sum over the rows. */
export interface Total {
  readonly name: string;
  readonly shape: Shape;
}

/** The part of a thing that belongs to the block at hand, by the thing's name. */
export type PartOf = (name: string) => Edge;

/** The totals of one block of so many rows. */
export type BlockStep = (scope: Scope, rows: number, part: PartOf) => readonly Edge[];

export interface RowDivision {
  readonly rows: number;
  readonly lanes: number;
  /** the most rows in a block */
  readonly block: number;
}

export function sumOverRows(
  scope: Scope,
  { rows, lanes, block }: RowDivision,
  perRow: readonly PerRow[],
  shared: readonly Shared[],
  totals: readonly Total[],
  step: BlockStep,
): readonly Edge[] {
  const division = divideRows(rows, lanes, block);
  const wholes = [...perRow.map((p) => ({ ...p, shape: p.shape(rows) })), ...shared];
  const variables: readonly Variable[] = [
    { name: 'row', type: 'int32', shape: [] },
    { name: 'end', type: 'int32', shape: [] },
    ...wholes.map(({ name, edge, shape }) => ({ name, type: edge.type, shape })),
    ...totals.map(({ name, shape }) => ({ name: soFar(name), type: 'double' as const, shape })),
  ];
  const zeros = totals.map(({ shape }) => op.constant(scope, 'double', shape, [0]));
  const parts = division.lanes.map((lane) => {
    const start = [op.integer(scope, lane.first), op.integer(scope, lane.end)];
    const results = op.whileLoop(
      scope,
      'lane',
      [...start, ...wholes.map((w) => w.edge), ...zeros],
      variables.map((v) => v.shape),
      op.defineFunction(scope, 'isMore', variables, (inner, row, end) => [op.less(inner, 'more', row, end)]),
      op.defineFunction(
        scope,
        'addBlock',
        variables,
        addBlock(variables, division.block, perRow, totals, step),
      ),
    );
    return results.slice(variables.length - totals.length);
  });
  const left = rows - division.rest;
  if (left > 0 || parts.length === 0) {
    const part = (name: string): Edge => {
      const rowWise = perRow.find((p) => p.name === name);
      if (rowWise === undefined) return shared.find((s) => s.name === name)!.edge;
      if (division.rest === 0) return rowWise.edge;
      const begin = rowWise.shape(0).map((_, axis) => (axis === rowWise.rowAxis ? division.rest : 0));
      return op.slice(scope, `${name}/rest`, rowWise.edge, begin, rowWise.shape(left));
    };
    parts.push([...step(scope, left, part)]);
  }
  return totals.map(({ name }, at) => {
    const ofTotal = parts.map((p) => p[at]);
    return op.addAll(scope, `${name}/total`, ofTotal);
  });
}

interface Variable {
  readonly name: string;
  readonly type: DataType;
  readonly shape: Shape;
}

const soFar = (name: string): string => `${name}SoFar`;

/** The loop's body: the block that begins at `row` is added to the totals. */
function addBlock(
  variables: readonly Variable[],
  rows: number,
  perRow: readonly PerRow[],
  totals: readonly Total[],
  step: BlockStep,
): (scope: Scope, ...edges: readonly Edge[]) => readonly Edge[] {
  return (scope, ...edges) => {
    const before = (name: string): Edge => edges[variables.findIndex((v) => v.name === name)];
    const row = before('row');
    const part = (name: string): Edge => {
      const rowWise = perRow.find((p) => p.name === name);
      if (rowWise === undefined) return before(name);
      const axes = rowWise
        .shape(rows)
        .map((_, axis) => (axis === rowWise.rowAxis ? row : op.integer(scope, 0)));
      const begin = op.pack(scope, `${name}/begin`, axes);
      return op.slice(scope, `${name}/block`, before(name), begin, rowWise.shape(rows));
    };
    const after = new Map([['row', op.binary(scope, 'next', 'AddV2', row, op.integer(scope, rows))]]);
    step(scope, rows, part).forEach((added, at) => {
      const name = soFar(totals[at].name);
      after.set(name, op.binary(scope, `${totals[at].name}/sum`, 'AddV2', before(name), added));
    });
    return variables.map((v, at) => after.get(v.name) ?? edges[at]);
  };
}
