/**
 * The reference engine: the plan in plain float64 JavaScript, line by line as the derivation has it. It is the truth
 * that the other engines are held to; nothing in it is expanded, fused or reordered for speed.
 */
import type { Parameters, Program } from '../../plan/types.js';
import type { Engine, Expectation, RowData, RowPosterior, Session } from '../types.js';
import { logitFunctions } from './logits.js';
import { fillers, incompleteRows, startFillers } from './missing.js';
import type { Fill } from './missing.js';
import { momentsOf } from './moments.js';
import type { Incomplete } from './moments.js';

export const referenceEngine: Engine = {
  name: 'reference',
  precision: 'float64',
  device: 'cpu',
  threads: 1,
  version: process.version,
  open: (program, data) => Promise.resolve(open(program, data)),
};

function open(program: Program, data: RowData): Session {
  const responsibilities = new Float64Array(data.rows * program.components);
  const logDensity = new Float64Array(data.rows);
  const rows = data.hasMissing === true ? new Set(incompleteRows(data)) : undefined;
  const incomplete = (fill: () => readonly Fill[]): Incomplete | undefined =>
    rows === undefined ? undefined : { rows, fill: fill() };
  const at = (parameters: Parameters): Incomplete | undefined =>
    incomplete(() => fillers(program, parameters, data));
  return {
    expectation: (parameters): Expectation => {
      const missing = at(parameters);
      posterior(program, data, parameters, responsibilities, logDensity, missing);
      let logLikelihood = 0;
      for (let i = 0; i < data.rows; i++) {
        const w = data.weights === undefined ? 1 : data.weights[i];
        if (w !== 0) logLikelihood += w * logDensity[i];
      }
      return { moments: momentsOf(program, data, responsibilities, missing), logLikelihood };
    },
    momentsOf: (r) =>
      momentsOf(
        program,
        data,
        r,
        incomplete(() => startFillers(program, data, r)),
      ),
    posterior: (parameters): RowPosterior => {
      posterior(program, data, parameters, responsibilities, logDensity, at(parameters));
      return { responsibilities: responsibilities.slice(), logDensity: logDensity.slice() };
    },
    dispose: () => undefined,
  };
}

/** Fills responsibilities [N, K] and log densities [N]; a row with a label belongs to it. */
function posterior(
  program: Program,
  data: RowData,
  parameters: Parameters,
  responsibilities: Float64Array,
  logDensity: Float64Array,
  incomplete: Incomplete | undefined,
): void {
  const k = program.components;
  const logits = logitFunctions(program, parameters, data.columns);
  // an incomplete row is written into columns of one row, filled as each component fills it
  const filledRow = data.columns.map(() => new Float64Array(1));
  const filledLogits = incomplete === undefined ? [] : logitFunctions(program, parameters, filledRow);
  const logitOf = (j: number, i: number): number => {
    if (incomplete?.rows.has(i) !== true) return logits[j](i);
    const filled = incomplete.fill[j](i);
    filledRow.forEach((c, at) => (c[0] = filled.values[at]));
    return filledLogits[j](0) + filled.logVolume;
  };
  const a = new Float64Array(k);
  const hard = program.plan.assignment === 'hard';
  for (let i = 0; i < data.rows; i++) {
    let best = 0;
    for (let j = 0; j < k; j++) {
      a[j] = logitOf(j, i);
      if (a[j] > a[best]) best = j;
    }
    const label = data.labels === undefined ? 0 : data.labels[i];
    if (hard || label > 0) {
      const owner = label > 0 ? label - 1 : best;
      for (let j = 0; j < k; j++) responsibilities[i * k + j] = j === owner ? 1 : 0;
      logDensity[i] = a[owner];
      continue;
    }
    const top = a[best];
    let s = 0;
    for (let j = 0; j < k; j++) {
      a[j] = Math.exp(a[j] - top);
      s += a[j];
    }
    for (let j = 0; j < k; j++) responsibilities[i * k + j] = a[j] / s;
    logDensity[i] = top + Math.log(s);
  }
}
