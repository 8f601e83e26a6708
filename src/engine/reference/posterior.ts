/**
 * The E-step of the reference engine. The components of a row are the combinations of its latents' values. Where rows
 * belong to groups, a group's latents come first: with G combinations of them and L of the row's own,
 *
 *     a[i, g] = log Σ_l exp logit[i, (g, l)]           the row's own latents summed out
 *     b[j, g] = group logit + Σ_{i in j} w[i] a[i, g]  the rows of a group are independent given its latents
 *     r[i, (g, l)] = softmax_g(b[j]) × softmax_l(logit[i, (g, ·)])
 *
 * Without groups G = 1 and the first factor is 1.
 */
import type { Parameters, Program } from '../../plan/types.js';
import type { RowData } from '../types.js';
import { groupCombinations, posteriorsOf, softmax } from '../groups.js';
import type { Posteriors } from '../groups.js';
import { logitFunctions } from './logits.js';
import type { Incomplete } from './moments.js';

export function emptyPosteriors(program: Program, data: RowData): Posteriors {
  return {
    responsibilities: new Float64Array(data.rows * program.components),
    logDensity: new Float64Array(data.rows),
    ofGroups: new Float64Array((data.groups?.count ?? 0) * groupCombinations(program)),
    logLikelihood: 0,
  };
}

/** Fills `into` at these parameters; a row with a label belongs to it. */
export function fillPosteriors(
  program: Program,
  data: RowData,
  parameters: Parameters,
  into: Posteriors,
  incomplete: Incomplete | undefined,
): void {
  const k = program.components;
  const logitAt = logitsOfRows(program, data, parameters, incomplete);
  const g = groupCombinations(program);
  const l = k / g;
  const allowed = labelled(program, data);
  const hard = program.plan.assignment === 'hard';
  const { responsibilities: r } = into;
  const a = new Float64Array(k);
  const ofRow = new Float64Array(data.rows * g);
  for (let i = 0; i < data.rows; i++) {
    logitAt(i, a);
    allowed?.(i, a);
    r.set(a, i * k);
    for (let c = 0; c < g; c++) ofRow[i * g + c] = softmax(r, i * k + c * l, l, hard);
  }
  const found = posteriorsOf(program, data, parameters, r, ofRow);
  into.logDensity.set(found.logDensity);
  into.ofGroups.set(found.ofGroups);
  into.logLikelihood = found.logLikelihood;
}

/** Rows with missing cells are written into columns of one row, filled as each component fills it. */
function logitsOfRows(
  program: Program,
  data: RowData,
  parameters: Parameters,
  incomplete: Incomplete | undefined,
): (row: number, into: Float64Array) => void {
  const logits = logitFunctions(program, parameters, data);
  if (incomplete === undefined)
    return (row, into) => {
      for (let j = 0; j < logits.length; j++) into[j] = logits[j](row);
    };
  const filledRow = data.columns.map(() => new Float64Array(1));
  const strata = (data.strata ?? []).map(() => new Int32Array(1));
  const supports = (data.supports ?? []).map(() => new Uint8Array(1));
  const filledLogits = logitFunctions(program, parameters, { columns: filledRow, strata, supports });
  return (row, into) => {
    const isIncomplete = incomplete.rows.has(row);
    strata.forEach((s, n) => (s[0] = data.strata![n][row]));
    supports.forEach((s, n) => (s[0] = data.supports![n][row]));
    for (let j = 0; j < logits.length; j++) {
      if (!isIncomplete) {
        into[j] = logits[j](row);
        continue;
      }
      const filled = incomplete.fill[j](row);
      filledRow.forEach((c, at) => (c[0] = filled.values[at]));
      into[j] = filledLogits[j](0) + filled.logVolume;
    }
  };
}

/** Leaves only the components that a row's labels allow. */
function labelled(program: Program, data: RowData): ((row: number, a: Float64Array) => void) | undefined {
  if (data.labels.every((l) => l === undefined)) return undefined;
  const { axisSizes, components } = program;
  const steps = axisSizes.map((_, axis) => axisSizes.slice(axis + 1).reduce((x, y) => x * y, 1));
  return (row, a) => {
    data.labels.forEach((labels, axis) => {
      const label = labels === undefined ? 0 : labels[row];
      if (label === 0) return;
      for (let c = 0; c < components; c++)
        if (Math.floor(c / steps[axis]) % axisSizes[axis] !== label - 1) a[c] = -Infinity;
    });
  };
}
