/** Where a graph meets its caller: what comes in, what goes out, and how rows are divided among lanes. */
import type { PartOf, PerRow, Total } from './lanes.js';
import * as op from './operations.js';
import type { Scope } from './operations.js';
import type { Door, Edge, GraphModel, Shape } from './types.js';

export interface GraphOptions {
  /** N */
  readonly rows: number;
  readonly lanes: number;
  /** the most rows in a block */
  readonly block: number;
  /** the columns come as they are, and are standardised block by block: u = (x − shift) · factor */
  readonly standardise?: boolean;
  /** what blocks are computed in, once their columns are standardised; sums over blocks are float64 */
  readonly precision?: 'float64' | 'float32';
}

/** Float64 from outside, as a double inside. */
export function doubles(scope: Scope, inputs: Door[], name: string, shape: Shape): Edge {
  const edge = op.placeholder(scope, `${name}/bytes`, 'int32', [...shape, 2]);
  inputs.push({ name, edge, shape: [...shape, 2] });
  return op.bitcast(scope, name, edge, 'double');
}

export function output(scope: Scope, name: string, edge: Edge, shape: Shape): Door {
  return { name, edge: op.bitcast(scope, `${name}/bytes`, edge, 'int32'), shape: [...shape, 2] };
}

export function summedGraph(
  scope: Scope,
  inputs: readonly Door[],
  totals: readonly Total[],
  sums: readonly Edge[],
): GraphModel {
  const outputs = totals.map(({ name, shape }, at) => output(scope, name, sums[at], shape));
  return { nodes: scope.nodes, functions: [...scope.functions.values()], inputs, outputs };
}

/** What one lane makes of its part of every per-row input. */
export type LaneOf<T> = (part: PartOf) => T;

/** As many rows from the input `start` (int32 []) as there are in `lanes` blocks: each lane takes one block of them. */
export function inLanes<T>(
  scope: Scope,
  inputs: Door[],
  options: GraphOptions,
  perRow: readonly PerRow[],
  lane: LaneOf<T>,
): readonly T[] {
  const start = op.placeholder(scope, 'start', 'int32', []);
  inputs.push({ name: 'start', edge: start, shape: [] });
  const end = op.integer(scope, options.rows);
  const zero = op.integer(scope, 0);
  return Array.from({ length: options.lanes }, (_, at) => {
    const offset = op.binary(scope, 'offset', 'AddV2', start, op.integer(scope, at * options.block));
    const first = op.binary(scope, 'first', 'Minimum', offset, end);
    const left = op.binary(scope, 'left', 'Sub', end, first);
    const count = op.binary(scope, 'count', 'Minimum', left, op.integer(scope, options.block));
    const part = (name: string): Edge => {
      const whole = perRow.find((p) => p.name === name)!;
      const lengths = whole.shape(0).map((n) => op.integer(scope, n));
      const alongRows = (here: Edge, elsewhere: (axis: number) => Edge): readonly Edge[] =>
        lengths.map((_, axis) => (axis === whole.rowAxis ? here : elsewhere(axis)));
      const begin = op.pack(
        scope,
        `${name}/begin`,
        alongRows(first, () => zero),
      );
      const size = op.pack(
        scope,
        `${name}/size`,
        alongRows(count, (axis) => lengths[axis]),
      );
      return op.sliceOfSize(scope, `${name}/block`, whole.edge, begin, size);
    };
    return lane(part);
  });
}
