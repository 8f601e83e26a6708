/** Updates that are run by functions made for the program, and the layout that all updates share. */
import { sizeOf } from '../algebra/evaluate.js';
import { withTies } from '../derive/copies.js';
import { shapeOfParameter } from './frame.js';
import type { StageFailure } from './parameter-stage.js';
import type { Moments, ParameterArray, Parameters, PlannedUpdate, Program } from './types.js';

/**
 * Updates as functions made for the program (`emit/javascript/parameter-code.ts`): they fill `out`, and the reason of a
 * failure for each copy (0: none, else from 1 an entry of REASONS). `values` are the parameters' arrays in the model's order.
 */
export type UpdateFunctions = ReadonlyMap<PlannedUpdate, UpdateFunction>;
export type UpdateFunction = (
  values: readonly (Float64Array | undefined)[],
  moments: Moments,
  before: Float64Array | undefined,
  out: Float64Array,
  status: Uint8Array,
) => void;
const REASONS = ['empty', 'singular', 'not-finite'] as const;

/** What the updates of a program have in common from step to step. */
export interface Layout {
  readonly shape: readonly number[];
  readonly lengths: readonly number[];
  readonly size: number;
  readonly copies: number;
}
const layouts = new WeakMap<Program, Map<PlannedUpdate, Layout>>();

export function layoutOf(update: PlannedUpdate, program: Program): Layout {
  const own = layouts.get(program) ?? new Map<PlannedUpdate, Layout>();
  layouts.set(program, own);
  const found = own.get(update);
  if (found !== undefined) return found;
  const shape = shapeOfParameter(program, update.parameter);
  // a simplex is solved entry by entry: its own index runs like a plate
  const ranges = update.entry === undefined ? update.ranges : [...update.ranges, update.entry];
  const lengths = ranges.map((r) => sizeOf(r.dim, program.sizes));
  const product = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1);
  const made = { shape, lengths, size: product(shape), copies: product(lengths) };
  own.set(update, made);
  return made;
}

/** As `runUpdate` in `parameter-stage.ts`. */
export function runFunction(
  made: UpdateFunction,
  update: PlannedUpdate,
  program: Program,
  moments: Moments,
  parameters: Parameters,
  before: ParameterArray | undefined,
  failures: StageFailure[],
): ParameterArray {
  const { shape, lengths, size, copies } = layoutOf(update, program);
  const data = new Float64Array(size);
  const status = new Uint8Array(copies);
  const values = program.plan.model.parameters.map((p) => parameters.get(p.name)?.data);
  made(values, moments, before?.data, data, status);
  const perFirst = lengths.length === 0 ? 1 : copies / lengths[0];
  for (let copy = 0; copy < copies; copy++)
    if (status[copy] > 0)
      failures.push({
        parameter: update.parameter,
        component: lengths.length === 0 ? undefined : Math.floor(copy / perFirst) + 1,
        reason: REASONS[status[copy] - 1],
      });
  return { shape, data: withTies(data, update.ties, lengths) };
}
