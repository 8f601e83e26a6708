/**
 * The JavaScript engine: the data stage as code generated for the program (`emit/javascript`), which answers before any
 * library would be loaded, on all threads where the data are large (`lanes.ts`). Every structure the language states runs here.
 */
import { kernelSource } from '../../emit/javascript/kernel.js';
import { workOf } from '../../emit/javascript/kernel-shape.js';
import type { Moments, Parameters, Program } from '../../plan/types.js';
import { host } from '../../host/host.js';
import { densityOfRows, groupsOf, groupWeight, joinedGroups } from '../groups.js';
import type { JoinedGroups } from '../groups.js';
import type { Engine, EngineProblem, Expectation, RowData, RowPosterior, Session } from '../types.js';
import { mayGenerate } from './compiled.js';
import { openLanes } from './lanes.js';
import type { LaneOptions } from './lanes.js';
import { forEachPair, once } from './once.js';
import { slotFiller } from './parameter-functions.js';
import { rowReading } from './row-reading.js';
import { kernelRows } from './shape.js';
import { summing } from './sums.js';
import { openTogether } from './together.js';

export const javascriptEngine = (options: LaneOptions): Engine => ({
  name: 'javascript',
  precision: 'float64',
  device: 'cpu',
  threads: host.sharesMemory ? options.threads : 1,
  version: host.version,
  open: (program, data) => {
    const asStated = (): Session => open(program, data, options);
    return Promise.resolve(openTogether(program, data, options, asStated) ?? asStated());
  },
});

/** The engine, where code may be made. */
export function openJavascript(options: LaneOptions): {
  readonly engine: Engine | undefined;
  readonly problem: EngineProblem | undefined;
} {
  if (mayGenerate()) return { engine: javascriptEngine(options), problem: undefined };
  const reason = 'this process forbids code made from text; --engine reference needs none';
  return {
    engine: undefined,
    problem: { kind: 'engine-unavailable', engine: 'javascript', reason, command: undefined },
  };
}

function open(program: Program, rowsGiven: RowData, options: LaneOptions): Session {
  const { components } = program;
  const { shape, columns: read } = kernelRows(program, rowsGiven);
  const { body, groupCombinations: combinations } = shape;
  const lanes = openLanes(rowsGiven.rows, workOf(shape), options);
  const data = lanes.sharedRows(rowsGiven);
  const columns = read.map(lanes.shared);
  const { rows, weights, labels, strata: codes = [], supports = [] } = data;
  const source = kernelSource(shape);
  const slots = lanes.floats(body.slots);
  const fill = slotFiller(body, program);
  const readRows = rowReading(program, data, lanes);
  const sums = summing(program, rowsGiven, lanes);

  // responsibilities are kept only where something asks for them after the step
  const responsibilities = once(() => lanes.floats(rows * components));
  const ofRow = once(() => lanes.floats(rows * combinations));
  const ofGroups = lanes.floats((data.groups?.count ?? 0) * combinations);

  const ownSums = sums.sums.map((own) => [own]);
  const step = once(() => {
    const r = shape.keeps ? responsibilities() : undefined;
    const args = [columns, codes, supports, weights, labels, slots, r, sums.centres];
    return lanes.pass(source, 'step', args, ownSums);
  });
  const posterior = once(() =>
    lanes.pass(source, 'posterior', [columns, codes, supports, labels, slots, responsibilities(), ofRow()]),
  );
  const join = once(() => lanes.pass(source, 'join', [data.groups!.of, ofGroups, responsibilities()]));
  const sumsUnder = forEachPair((r: Float64Array, centres: readonly Float64Array[]) =>
    lanes.pass(source, 'moments', [data.columns, codes, weights, r, centres], ownSums),
  );

  /** Leaves responsibilities, and the rows' own densities or, with groups, those of their groups. */
  const fillPosteriors = (parameters: Parameters): JoinedGroups | undefined => {
    fill(parameters, slots);
    posterior()();
    if (data.groups === undefined) return undefined;
    const joined = joinedGroups(program, data, parameters, ofRow());
    ofGroups.set(joined.ofGroups);
    join()();
    return joined;
  };
  /** with the groups' weights under their responsibilities, and what reads the rows */
  const whole = (moments: Moments, r: Float64Array, shares: Float64Array): Moments => ({
    ...moments,
    ...(data.groups === undefined ? {} : { groupWeight: groupWeight(program, shares) }),
    ...readRows(r),
  });
  const momentsUnder = (r: Float64Array, shares: Float64Array, always: boolean): Moments =>
    whole(sums.moments(sumsUnder(r, sums.centres), always), r, shares);

  // those of a caller, where kernels can read them
  const held = lanes.holding(rows * components);

  return {
    expectation: (parameters): Expectation => {
      if (data.groups !== undefined) {
        const { logLikelihood } = fillPosteriors(parameters)!;
        return { moments: momentsUnder(responsibilities(), ofGroups, false), logLikelihood };
      }
      fill(parameters, slots);
      let logLikelihood = 0;
      const moments = sums.moments(() => {
        logLikelihood = step()().reduce((a, b) => a + b, 0);
      });
      return { moments: shape.keeps ? whole(moments, responsibilities(), ofGroups) : moments, logLikelihood };
    },
    momentsOf: (given) => {
      const r = held(given);
      return momentsUnder(r, groupsOf(program, data, r), true);
    },
    posterior: (parameters): RowPosterior => {
      const joined = fillPosteriors(parameters);
      const logDensity = joined === undefined ? ofRow().slice() : densityOfRows(data, joined);
      return { responsibilities: responsibilities().slice(), logDensity };
    },
    dispose: lanes.dispose,
  };
}
