/**
 * The JavaScript engine: the data stage as code generated for the program (`emit/javascript`), which answers before any
 * library would be loaded, on all threads where the data are large (`lanes.ts`). Every structure the language states runs here.
 */
import { kernelSource } from '../../emit/javascript/kernel.js';
import { workOf } from '../../emit/javascript/kernel-shape.js';
import type { Moments, Parameters, Program } from '../../plan/types.js';
import { host } from '../../host/host.js';
import { groupsOf, groupWeight, joinGroups } from '../groups.js';
import type { Posteriors } from '../groups.js';
import type { Engine, EngineProblem, Expectation, RowData, RowPosterior, Session } from '../types.js';
import { mayGenerate } from './compiled.js';
import { openLanes } from './lanes.js';
import type { LaneOptions, Pass } from './lanes.js';
import { slotFiller } from './parameter-functions.js';
import { rowReading } from './row-reading.js';
import { kernelRows } from './shape.js';
import { summing } from './sums.js';

export const javascriptEngine = (options: LaneOptions): Engine => ({
  name: 'javascript',
  precision: 'float64',
  device: 'cpu',
  threads: host.sharesMemory ? options.threads : 1,
  version: host.version,
  open: (program, data) => Promise.resolve(open(program, data, options)),
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

function open(program: Program, given: RowData, options: LaneOptions): Session {
  const { components } = program;
  const { shape, columns: read } = kernelRows(program, given);
  const { body, groupCombinations: combinations } = shape;
  const lanes = openLanes(given.rows, workOf(shape), options);
  const data = lanes.sharedRows(given);
  const columns = read.map(lanes.shared);
  const { rows, weights, labels, strata: codes = [], supports = [] } = data;
  const source = kernelSource(shape);
  const slots = lanes.floats(body.slots);
  const fill = slotFiller(body, program);
  const readRows = rowReading(program, data, lanes);
  const sums = summing(program, data, lanes);

  // responsibilities are kept only where something asks for them after the step
  let posteriors: Posteriors | undefined;
  const kept = (): Posteriors =>
    (posteriors ??= {
      responsibilities: lanes.floats(rows * components),
      logDensity: lanes.floats(rows),
      ofGroups: new Float64Array((data.groups?.count ?? 0) * combinations),
      logLikelihood: 0,
    });
  let ofRow: Float64Array | undefined;
  const ofRows = (): Float64Array =>
    (ofRow ??= data.groups === undefined ? kept().logDensity : lanes.floats(rows * combinations));

  const step = once(() => {
    const r = shape.keeps ? kept().responsibilities : undefined;
    const args = [columns, codes, supports, weights, labels, slots, r, sums.centres];
    return lanes.pass(
      source,
      'step',
      args,
      sums.sums.map((own) => [own]),
    );
  });
  const posterior = once(() => {
    const args = [columns, codes, supports, labels, slots, kept().responsibilities, ofRows()];
    return lanes.pass(source, 'posterior', args);
  });
  const sumsUnder = new Map<Float64Array, Pass>();
  const momentsPass = (r: Float64Array): Pass => {
    const found =
      sumsUnder.get(r) ??
      lanes.pass(
        source,
        'moments',
        [data.columns, codes, weights, r, sums.centres],
        sums.sums.map((own) => [own]),
      );
    sumsUnder.set(r, found);
    return found;
  };

  const fillPosteriors = (parameters: Parameters): Posteriors => {
    const into = kept();
    fill(parameters, slots);
    posterior()();
    if (data.groups !== undefined) joinGroups(program, data, parameters, ofRows(), into);
    else into.logLikelihood = weightedTotal(into.logDensity, weights);
    return into;
  };
  /** with the groups' weights under their responsibilities, and what reads the rows */
  const whole = (moments: Moments, r: Float64Array, ofGroups: Float64Array): Moments => ({
    ...moments,
    ...(data.groups === undefined ? {} : { groupWeight: groupWeight(program, ofGroups) }),
    ...readRows(r),
  });

  // those of a caller, where kernels can read them
  const held = lanes.holding(rows * components);

  return {
    expectation: (parameters): Expectation => {
      if (data.groups !== undefined) {
        const { responsibilities: r, logLikelihood, ofGroups } = fillPosteriors(parameters);
        return { moments: whole(sums.moments(momentsPass(r)), r, ofGroups), logLikelihood };
      }
      fill(parameters, slots);
      let logLikelihood = 0;
      const moments = sums.moments(() => {
        logLikelihood = step()().reduce((a, b) => a + b, 0);
      });
      if (!shape.keeps) return { moments, logLikelihood };
      return { moments: whole(moments, kept().responsibilities, kept().ofGroups), logLikelihood };
    },
    momentsOf: (responsibilities) => {
      const r = held(responsibilities);
      return whole(sums.moments(momentsPass(r)), r, groupsOf(program, data, r));
    },
    posterior: (parameters): RowPosterior => {
      const { responsibilities, logDensity } = fillPosteriors(parameters);
      return { responsibilities: responsibilities.slice(), logDensity: logDensity.slice() };
    },
    dispose: lanes.dispose,
  };
}

const once = <T>(make: () => T): (() => T) => {
  let found: T | undefined;
  return () => (found ??= make());
};

function weightedTotal(values: Float64Array, weights: Float64Array | undefined): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const w = weights === undefined ? 1 : weights[i];
    if (w !== 0) total += w * values[i];
  }
  return total;
}
