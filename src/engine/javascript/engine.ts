/**
 * The JavaScript engine: the data stage as code generated for the program (`emit/javascript`), which answers before any
 * library would be loaded. Every structure the language states runs here.
 */
import { asksRows } from '../../plan/types.js';
import type { Moments, Parameters, Program } from '../../plan/types.js';
import { groupsOf, groupWeight, joinGroups } from '../groups.js';
import type { Posteriors } from '../groups.js';
import type { Engine, EngineProblem, Expectation, RowData, RowPosterior, Session } from '../types.js';
import { compileKernels, mayGenerate } from './compiled.js';
import { slotFiller } from './parameter-functions.js';
import { rowReading } from './row-reading.js';
import { kernelRows } from './shape.js';
import { summing } from './sums.js';
import { host } from '../../host/host.js';

export const javascriptEngine: Engine = {
  name: 'javascript',
  precision: 'float64',
  device: 'cpu',
  threads: 1,
  version: host.version,
  open: (program, data) => Promise.resolve(open(program, data)),
};

/** The engine, where code may be made. */
export function openJavascript(): {
  readonly engine: Engine | undefined;
  readonly problem: EngineProblem | undefined;
} {
  if (mayGenerate()) return { engine: javascriptEngine, problem: undefined };
  const reason = 'this process forbids code made from text; --engine reference needs none';
  return {
    engine: undefined,
    problem: { kind: 'engine-unavailable', engine: 'javascript', reason, command: undefined },
  };
}

function open(program: Program, data: RowData): Session {
  const { plan, components } = program;
  const { shape, columns } = kernelRows(program, data);
  const { body, groupCombinations: combinations } = shape;
  const kernels = compileKernels(shape);
  const slots = new Float64Array(body.slots);
  const fill = slotFiller(body, program);
  const codes = data.strata ?? [];
  const supports = data.supports ?? [];
  const readRows = rowReading(program, data);
  const summed = summing(program, data);
  const readsRows = plan.statistics.some((s) => asksRows(s.reading));
  // responsibilities are kept only where something asks for them after the step
  let posteriors: Posteriors | undefined;
  const kept = (): Posteriors =>
    (posteriors ??= {
      responsibilities: new Float64Array(data.rows * components),
      logDensity: new Float64Array(data.rows),
      ofGroups: new Float64Array((data.groups?.count ?? 0) * combinations),
      logLikelihood: 0,
    });

  const fillPosteriors = (parameters: Parameters): Posteriors => {
    const into = kept();
    const ofRow = data.groups === undefined ? into.logDensity : new Float64Array(data.rows * combinations);
    fill(parameters, slots);
    kernels.posterior(data.rows, columns, codes, supports, data.labels, slots, into.responsibilities, ofRow);
    if (data.groups !== undefined) joinGroups(program, data, parameters, ofRow, into);
    else into.logLikelihood = weightedTotal(into.logDensity, data.weights);
    return into;
  };

  const momentsUnder = (responsibilities: Float64Array): Moments => {
    const moments = summed((sums, centres) => {
      kernels.moments(data.rows, data.columns, codes, data.weights, responsibilities, sums, centres);
    }, true);
    const shares = data.groups === undefined ? undefined : ofGroups(responsibilities);
    return {
      ...moments,
      ...(shares === undefined ? {} : { groupWeight: groupWeight(program, shares) }),
      ...readRows(responsibilities),
    };
  };
  /** those of the E-step where the responsibilities are its own */
  const ofGroups = (responsibilities: Float64Array): Float64Array =>
    responsibilities === posteriors?.responsibilities
      ? posteriors.ofGroups
      : groupsOf(program, data, responsibilities);

  return {
    expectation: (parameters): Expectation => {
      const { step } = kernels;
      if (step === undefined || readsRows) {
        const { responsibilities, logLikelihood } = fillPosteriors(parameters);
        return { moments: momentsUnder(responsibilities), logLikelihood };
      }
      fill(parameters, slots);
      let logLikelihood = 0;
      const moments = summed((sums, centres) => {
        logLikelihood = step(
          data.rows,
          columns,
          codes,
          supports,
          data.weights,
          data.labels,
          slots,
          sums,
          centres,
        );
      }, false);
      return { moments, logLikelihood };
    },
    momentsOf: momentsUnder,
    posterior: (parameters): RowPosterior => {
      const { responsibilities, logDensity } = fillPosteriors(parameters);
      return { responsibilities: responsibilities.slice(), logDensity: logDensity.slice() };
    },
    dispose: () => undefined,
  };
}

function weightedTotal(values: Float64Array, weights: Float64Array | undefined): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const w = weights === undefined ? 1 : weights[i];
    if (w !== 0) total += w * values[i];
  }
  return total;
}
