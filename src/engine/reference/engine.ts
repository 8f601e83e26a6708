/**
 * The reference engine: the plan in plain float64 JavaScript, line by line as the derivation has it. It is the truth
 * that the other engines are held to; nothing in it is expanded, fused or reordered for speed.
 */
import type { Moments, Parameters, Program } from '../../plan/types.js';
import type { Engine, Expectation, RowData, RowPosterior, Session } from '../types.js';
import { fillers, incompleteRows, startFillers } from './missing.js';
import type { Fill } from './missing.js';
import { momentsOf } from './moments.js';
import type { Incomplete } from './moments.js';
import { groupWeight, groupsOf } from '../groups.js';
import { emptyPosteriors, fillPosteriors } from './posterior.js';
import { rowPoints, rowSum } from './row-sums.js';
import { host } from '../../host/host.js';

export const referenceEngine: Engine = {
  name: 'reference',
  precision: 'float64',
  device: 'cpu',
  threads: 1,
  version: host.version,
  open: (program, data) => Promise.resolve(open(program, data)),
};

function open(program: Program, data: RowData): Session {
  const posteriors = emptyPosteriors(program, data);
  const rows = data.hasMissing === true ? new Set(incompleteRows(data)) : undefined;
  const incomplete = (fill: () => readonly Fill[]): Incomplete | undefined =>
    rows === undefined ? undefined : { rows, fill: fill() };
  const at = (parameters: Parameters): Incomplete | undefined =>
    incomplete(() => fillers(program, parameters, data));
  return {
    expectation: (parameters): Expectation => {
      const missing = at(parameters);
      fillPosteriors(program, data, parameters, posteriors, missing);
      return {
        moments: allMoments(program, data, posteriors.responsibilities, missing, posteriors.ofGroups),
        logLikelihood: posteriors.logLikelihood,
      };
    },
    momentsOf: (r) =>
      allMoments(
        program,
        data,
        r,
        incomplete(() => startFillers(program, data, r)),
        groupsOf(program, data, r),
      ),
    posterior: (parameters): RowPosterior => {
      fillPosteriors(program, data, parameters, posteriors, at(parameters));
      return {
        responsibilities: posteriors.responsibilities.slice(),
        logDensity: posteriors.logDensity.slice(),
      };
    },
    dispose: () => undefined,
  };
}

/** Moments of all rows, of each stratum, of the groups; and sums that are none, while these responsibilities last. */
function allMoments(
  program: Program,
  data: RowData,
  responsibilities: Float64Array,
  incomplete: Incomplete | undefined,
  ofGroups: Float64Array,
): Moments {
  const strata = program.plan.strata
    .slice(1)
    .map((_, n) => momentsOf(program, data, responsibilities, incomplete, n + 1));
  return {
    ...momentsOf(program, data, responsibilities, incomplete),
    ...(strata.length === 0 ? {} : { strata }),
    ...(data.groups === undefined ? {} : { groupWeight: groupWeight(program, ofGroups) }),
    rowSum: (body, place) => rowSum(body, place, program, data, responsibilities),
    rowPoints: (value, weight, place) => rowPoints(value, weight, place, program, data, responsibilities),
  };
}
