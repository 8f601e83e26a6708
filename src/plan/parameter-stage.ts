/** The M-step in numbers: moments of the columns in, parameters out. Float64, the same code for every engine. */
import { ascend } from '../algebra/ascent.js';
import { sizeOf } from '../algebra/evaluate.js';
import { isAt, isLeader, withTies } from '../derive/copies.js';
import type { Iteration } from '../derive/types.js';
import type { SymbolName } from '../model/types.js';
import { solveCentred } from './centred-stage.js';
import { evaluateFloat64 } from './evaluate-float64.js';
import type { Frame } from './evaluate-float64.js';
import { forEachIndex, frameOf } from './frame.js';
import { runJoint } from './joint-stage.js';
import { layoutOf, runFunction } from './update-functions.js';
import type { UpdateFunctions } from './update-functions.js';
import type { Moments, ParameterArray, Parameters, PlannedUpdate, Program } from './types.js';

/** Where an update could not be done: the parameter, its component (from 1), and what vanished. */
export interface StageFailure {
  readonly parameter: SymbolName;
  readonly component: number | undefined;
  readonly reason: 'empty' | 'singular' | 'not-finite';
}

export interface StageResult {
  readonly parameters: Parameters;
  readonly failures: readonly StageFailure[];
}

/** How often at most a cycle is repeated, and how many steps that only raise Q stand in one M-step: EM goes on from there. */
export interface Rounds {
  readonly cycle: number;
  readonly newton: number;
  /** of an update that maximises what lies below Q */
  readonly tangents: number;
  /** a cycle with Newton steps in it, where a round is dear */
  readonly mixed: number;
}
export const ROUNDS: Rounds = { cycle: 200, newton: 5, tangents: 1, mixed: 5 };
/** The relative change at which the parameters of a cycle have settled. */
const SETTLED = 1e-13;

/**
 * One M-step. `previous` gives parameters that a solution holds; where a component owns nothing it keeps its own. Updates
 * that contain each other are repeated until they settle: each round raises Q, so stopping early is still EM.
 */
export function parameterStage(
  program: Program,
  moments: Moments,
  previous: Parameters,
  limits: Rounds = ROUNDS,
  functions?: UpdateFunctions,
): StageResult {
  const parameters = new Map(previous);
  let failures: StageFailure[] = [];
  for (const units of groupsOf(program.plan.updates)) {
    // with Newton steps among them rounds are dear, and EM repeats them anyway
    const isOpen = units.some(([u]) =>
      u.joint === undefined ? u.iteration !== undefined : !u.joint.isQuadratic,
    );
    const rounds = units.length === 1 ? 1 : isOpen ? limits.mixed : limits.cycle;
    const before = failures;
    for (let round = 0; round < rounds; round++) {
      failures = [...before];
      let change = 0;
      for (const unit of units) {
        const old = unit.map((u) => parameters.get(u.parameter));
        const [{ joint, iteration }] = unit;
        if (joint !== undefined) runJoint(joint, program, moments, parameters, failures, limits.newton);
        else
          parameters.set(
            unit[0].parameter,
            iteration === undefined
              ? runRepeated(
                  unit[0],
                  program,
                  moments,
                  parameters,
                  old[0],
                  failures,
                  limits.tangents,
                  functions,
                )
              : runIteration(unit[0], iteration, program, moments, parameters, failures, limits.newton),
          );
        unit.forEach((u, n) => {
          const was = old[n];
          const now = parameters.get(u.parameter)!.data;
          change = Math.max(change, was === undefined ? Infinity : relativeChange(was.data, now));
        });
      }
      if (!(change > SETTLED) || failures.length > before.length) break;
    }
  }
  return { parameters, failures };
}

const grouped = new WeakMap<readonly PlannedUpdate[], ReturnType<typeof unitsOf>[]>();

/** The units of each cycle, found once for a plan. */
function groupsOf(updates: readonly PlannedUpdate[]): readonly ReturnType<typeof unitsOf>[] {
  const found = grouped.get(updates) ?? cyclesOf(updates).map(unitsOf);
  grouped.set(updates, found);
  return found;
}

/** Updates that are solved together stand together. */
export function unitsOf(group: readonly PlannedUpdate[]): readonly (readonly PlannedUpdate[])[] {
  const units: PlannedUpdate[][] = [];
  for (const update of group) {
    const last = units.at(-1);
    if (update.joint !== undefined && last?.[0].joint === update.joint) last.push(update);
    else units.push([update]);
  }
  return units;
}

/** Updates as they are run: one by one, those of a cycle together. */
export function cyclesOf(updates: readonly PlannedUpdate[]): readonly (readonly PlannedUpdate[])[] {
  const groups: PlannedUpdate[][] = [];
  for (const update of updates) {
    const last = groups.at(-1);
    const isSame =
      (update.cycle !== undefined && last?.[0].cycle === update.cycle) ||
      (update.joint !== undefined && last?.[0].joint === update.joint);
    if (isSame) last.push(update);
    else groups.push([update]);
  }
  return groups;
}

function relativeChange(a: Float64Array, b: Float64Array): number {
  let size = 0;
  let gap = 0;
  for (let n = 0; n < a.length; n++) {
    size = Math.max(size, Math.abs(b[n]));
    gap = Math.max(gap, Math.abs(a[n] - b[n]));
  }
  return size === 0 ? gap : gap / size;
}

/** An update as often as it moves: once, unless it looks at what the parameter was. */
function runRepeated(
  update: PlannedUpdate,
  program: Program,
  moments: Moments,
  parameters: Parameters,
  before: ParameterArray | undefined,
  failures: StageFailure[],
  rounds: number,
  functions: UpdateFunctions | undefined,
): ParameterArray {
  const made = functions?.get(update);
  const run = (now: Parameters, old: ParameterArray | undefined): ParameterArray =>
    made === undefined
      ? runUpdate(update, program, moments, now, old, failures)
      : runFunction(made, update, program, moments, now, old, failures);
  let at = run(parameters, before);
  for (let round = 1; update.minorised && round < rounds && failures.length === 0; round++) {
    const moved = new Map([...parameters, [update.parameter, at]]);
    const next = run(moved, at);
    const change = relativeChange(at.data, next.data);
    at = next;
    if (!(change > SETTLED)) break;
  }
  return at;
}

function runUpdate(
  update: PlannedUpdate,
  program: Program,
  moments: Moments,
  parameters: Parameters,
  before: ParameterArray | undefined,
  failures: StageFailure[],
): ParameterArray {
  const frame = frameOf(program, parameters, moments);
  const { shape, lengths, size, copies } = layoutOf(update, program);
  const data = new Float64Array(size);
  const ranges = update.entry === undefined ? update.ranges : [...update.ranges, update.entry];
  const each = size / copies;
  forEachIndex(ranges, lengths, frame.indices, (position, at) => {
    const held = update.held.find((h) => isAt(h.at, at));
    const target = data.subarray(position * each, position * each + each);
    frame.failed = false;
    const component = at.length === 0 ? undefined : at[0] + 1;
    if (held !== undefined) {
      target.set(spread(evaluateFloat64(held.value, frame).data, each));
      return;
    }
    const divisor = evaluateFloat64(update.divisor, frame);
    const empty = divisor.data.every((x) => !(Math.abs(x) > 0));
    if (empty) {
      failures.push({ parameter: update.parameter, component, reason: 'empty' });
      if (before !== undefined) target.set(before.data.subarray(position * each, position * each + each));
      else target.fill(NaN);
      return;
    }
    const value = solveCentred(update, program, moments, frame) ?? evaluateFloat64(update.value, frame);
    target.set(spread(value.data, each));
    if (frame.failed) failures.push({ parameter: update.parameter, component, reason: 'singular' });
    else if (target.some((x) => !Number.isFinite(x)))
      failures.push({ parameter: update.parameter, component, reason: 'not-finite' });
  });
  return { shape, data: withTies(data, update.ties, lengths) };
}

/** One copy of the parameter after the other, each seeing what the ones before have become. */
function runIteration(
  update: PlannedUpdate,
  iteration: Iteration,
  program: Program,
  moments: Moments,
  parameters: Parameters,
  failures: StageFailure[],
  rounds: number,
): ParameterArray {
  const { parameter, ranges } = update;
  const before = parameters.get(parameter);
  if (before === undefined) throw new Error(`${parameter} has no value to begin with`);
  const array = { shape: before.shape, data: Float64Array.from(before.data) };
  const lengths = ranges.map((r) => sizeOf(r.dim, program.sizes));
  const each = array.data.length / lengths.reduce((a, b) => a * b, 1);
  const indices: Record<string, number> = {};
  // copies that see each other are gone through again and again, a step at a time
  const sweeps = iteration.coupled && array.data.length > each ? rounds : 1;
  const visit = (position: number, at: readonly number[]): void => {
    if (!isLeader(update.ties, at)) return;
    const own = array.data.subarray(position * each, position * each + each);
    const frameAt = (theta: Float64Array): Frame => {
      own.set(theta);
      withTies(array.data, update.ties, lengths);
      const frame = frameOf(program, new Map([...parameters, [parameter, array]]), moments);
      Object.assign(frame.indices, indices);
      return frame;
    };
    const held = update.held.find((h) => isAt(h.at, at));
    if (held !== undefined) {
      own.set(spread(evaluateFloat64(held.value, frameAt(own)).data, each));
      return;
    }
    const reached = ascend({
      start: Float64Array.from(own),
      scales: Array.from({ length: each }, () => iteration.scale),
      derivatives: (theta) => {
        const frame = frameAt(theta);
        return {
          gradient: evaluateFloat64(iteration.gradient, frame).data,
          hessian: evaluateFloat64(iteration.hessian, frame).data,
        };
      },
      objective: (theta) => evaluateFloat64(iteration.objective, frameAt(theta)).data[0],
      rounds: sweeps > 1 ? 1 : rounds,
    });
    own.set(reached);
    if (reached.some((x) => !Number.isFinite(x)))
      failures.push({
        parameter,
        component: at.length === 0 ? undefined : at[0] + 1,
        reason: 'not-finite',
      });
  };
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const last = Float64Array.from(array.data);
    forEachIndex(ranges, lengths, indices, visit);
    withTies(array.data, update.ties, lengths);
    if (!(relativeChange(last, array.data) > SETTLED) || failures.length > 0) break;
  }
  if (iteration.centred) centre(array.data, each);
  return array;
}

/** Subtracts the mean of all copies. */
function centre(data: Float64Array, each: number): void {
  const copies = data.length / each;
  for (let d = 0; d < each; d++) {
    let mean = 0;
    for (let k = 0; k < copies; k++) mean += data[k * each + d] / copies;
    for (let k = 0; k < copies; k++) data[k * each + d] -= mean;
  }
}

const spread = (values: Float64Array, length: number): Float64Array =>
  values.length === length ? values : new Float64Array(length).fill(values[0]);
