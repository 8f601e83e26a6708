/**
 * The JavaScript engine: the data stage as code generated for the program (`emit/javascript`), which answers before any
 * library would be loaded. Every structure the language states runs here.
 *
 * Sums are around centres, and each step's centres are the means that the step before found: one pass over the rows, and
 * nothing cancels.
 */
import { sumsPerComponent } from '../../emit/javascript/kernel.js';
import { lowerLogits } from '../../plan/lower-rows.js';
import { fillSlots } from '../../plan/slots.js';
import type { Moments, Pairs, Parameters, Program } from '../../plan/types.js';
import { groupCombinations, groupsOf, groupWeight, joinGroups } from '../groups.js';
import type { Posteriors } from '../groups.js';
import type { Engine, Expectation, RowData, RowPosterior, Session } from '../types.js';
import { compileKernels, rowSums } from './compiled.js';

export const javascriptEngine: Engine = {
  name: 'javascript',
  precision: 'float64',
  device: 'cpu',
  threads: 1,
  version: process.version,
  open: (program, data) => Promise.resolve(open(program, data)),
};

function open(program: Program, data: RowData): Session {
  const { plan, components } = program;
  const { body, logit } = lowerLogits(program);
  const strata = plan.strata.map((s, n) => ({ combinations: program.strataSizes[n], pairs: s.pairs }));
  const combinations = groupCombinations(program);
  const kernels = compileKernels({
    body,
    logit,
    components,
    columns: program.columns.length,
    axisSizes: program.axisSizes,
    groupCombinations: combinations,
    strata,
    weighted: data.weights !== undefined,
    labelled: data.labels.map((l) => l?.some((label) => label > 0) ?? false),
    hard: plan.assignment === 'hard',
  });
  const slots = new Float64Array(body.slots);
  const codes = data.strata ?? [];
  const supports = data.supports ?? [];
  const sumOf = rowSums(program, data);
  const moments = strata.map((s) => centredSums(components * s.combinations, data, s.pairs));
  const readsRows = plan.statistics.some((s) => s.reading.kind === 'general');
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
    fillSlots(body, program, parameters, slots);
    kernels.posterior(
      data.rows,
      data.columns,
      codes,
      supports,
      data.labels,
      slots,
      into.responsibilities,
      ofRow,
    );
    if (data.groups !== undefined) joinGroups(program, data, parameters, ofRow, into);
    else into.logLikelihood = weightedTotal(into.logDensity, data.weights);
    return into;
  };

  const momentsUnder = (responsibilities: Float64Array): Moments => {
    const sums = moments.map((m) => m.begin());
    const centres = moments.map((m) => m.centres);
    kernels.moments(data.rows, data.columns, codes, data.weights, responsibilities, sums, centres);
    const shares = data.groups === undefined ? undefined : ofGroups(responsibilities);
    return {
      ...joined(moments.map((m) => m.end())),
      ...(shares === undefined ? {} : { groupWeight: groupWeight(program, shares) }),
      rowSum: (e, at) => sumOf(e, at, responsibilities),
    };
  };
  /** those of the E-step where the responsibilities are its own */
  const ofGroups = (responsibilities: Float64Array): Float64Array =>
    responsibilities === posteriors?.responsibilities
      ? posteriors.ofGroups
      : groupsOf(program, data, responsibilities);

  return {
    expectation: (parameters): Expectation => {
      if (kernels.step === undefined || readsRows) {
        const { responsibilities, logLikelihood } = fillPosteriors(parameters);
        return { moments: momentsUnder(responsibilities), logLikelihood };
      }
      fillSlots(body, program, parameters, slots);
      const sums = moments.map((m) => m.begin());
      const centres = moments.map((m) => m.centres);
      const logLikelihood = kernels.step(
        data.rows,
        data.columns,
        codes,
        supports,
        data.weights,
        data.labels,
        slots,
        sums,
        centres,
      );
      return { moments: joined(moments.map((m) => m.end())), logLikelihood };
    },
    momentsOf: momentsUnder,
    posterior: (parameters): RowPosterior => {
      const { responsibilities, logDensity } = fillPosteriors(parameters);
      return { responsibilities: responsibilities.slice(), logDensity: logDensity.slice() };
    },
    dispose: () => undefined,
  };
}

const joined = ([first, ...strata]: readonly Moments[]): Moments =>
  strata.length === 0 ? first : { ...first, strata };

function weightedTotal(values: Float64Array, weights: Float64Array | undefined): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const w = weights === undefined ? 1 : weights[i];
    if (w !== 0) total += w * values[i];
  }
  return total;
}

interface CentredSums {
  /** [components, C] */
  readonly centres: Float64Array;
  /** the sums, at zero */
  readonly begin: () => Float64Array;
  /** the moments that the sums say, whose means are the next centres */
  readonly end: () => Moments;
}

function centredSums(components: number, data: RowData, pairs: Pairs): CentredSums {
  const c = data.columns.length;
  const width = sumsPerComponent(c, pairs);
  const sums = new Float64Array(components * width);
  const start = data.columns.map((column) => meanOf(column, data.weights));
  const centres = Float64Array.from({ length: components * c }, (_, at) => start[at % c]);
  const size = pairs === 'all' ? c * c : pairs === 'squares' ? c : 0;
  return {
    centres,
    begin: () => sums.fill(0),
    end: () => {
      const weight = new Float64Array(components);
      const mean = new Float64Array(components * c);
      const scatter = new Float64Array(components * size);
      for (let k = 0; k < components; k++) {
        const from = k * width;
        const n = sums[from];
        weight[k] = n;
        if (!(n > 0)) continue;
        for (let a = 0; a < c; a++) mean[k * c + a] = centres[k * c + a] + sums[from + 1 + a] / n;
        let at = from + 1 + c;
        for (let a = 0; a < c && size > 0; a++)
          for (let b = a; b < (pairs === 'squares' ? a + 1 : c); b++, at++) {
            const s = sums[at] - (sums[from + 1 + a] * sums[from + 1 + b]) / n;
            const value = a === b ? Math.max(0, s) : s;
            if (pairs === 'squares') scatter[k * c + a] = value;
            else scatter[(k * c + a) * c + b] = scatter[(k * c + b) * c + a] = value;
          }
        for (let a = 0; a < c; a++) centres[k * c + a] = mean[k * c + a];
      }
      return { components, columns: c, weight, mean, scatter };
    },
  };
}

/** A place among the values; those that are no numbers belong to no component that is summed. */
function meanOf(column: Float64Array, weights: Float64Array | undefined): number {
  let [n, mean] = [0, 0];
  for (let i = 0; i < column.length; i++) {
    const w = weights === undefined ? 1 : weights[i];
    if (!Number.isFinite(column[i]) || !(w > 0)) continue;
    n += w;
    mean += (w * (column[i] - mean)) / n;
  }
  return mean;
}
