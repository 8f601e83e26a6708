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
import { groupLogits, isOfRow, logitFunctions } from './logits.js';
import type { Incomplete } from './moments.js';

export interface Posteriors {
  /** [N, K] */
  readonly responsibilities: Float64Array;
  /** [N]: log density of the row; of its group, shared out evenly over the group's weight, where rows belong to groups */
  readonly logDensity: Float64Array;
  /** [groups, combinations of the groups' latents]; empty without groups */
  readonly ofGroups: Float64Array;
  logLikelihood: number;
}

export function emptyPosteriors(program: Program, data: RowData): Posteriors {
  return {
    responsibilities: new Float64Array(data.rows * program.components),
    logDensity: new Float64Array(data.rows),
    ofGroups: new Float64Array((data.groups?.count ?? 0) * groupCombinations(program)),
    logLikelihood: 0,
  };
}

/** Combinations of the values of the groups' latents. */
export const groupCombinations = (program: Program): number =>
  program.axisSizes.reduce((n, size, axis) => n * (isOfRow(program, axis) ? 1 : size), 1);

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
  const { responsibilities: r, logDensity } = into;
  const a = new Float64Array(k);
  const ofRow = new Float64Array(data.rows * g);
  for (let i = 0; i < data.rows; i++) {
    logitAt(i, a);
    allowed?.(i, a);
    for (let c = 0; c < g; c++)
      ofRow[i * g + c] = softmax(
        a.subarray(c * l, c * l + l),
        r.subarray(i * k + c * l, i * k + c * l + l),
        hard,
      );
    logDensity[i] = ofRow[i * g];
  }
  if (data.groups === undefined) {
    let total = 0;
    for (let i = 0; i < data.rows; i++) {
      const w = data.weights === undefined ? 1 : data.weights[i];
      if (w !== 0) total += w * logDensity[i];
    }
    into.logLikelihood = total;
    return;
  }
  joinGroups(program, data, parameters, ofRow, into);
}

/** b, its softmax, and the product with the rows' own. */
function joinGroups(
  program: Program,
  data: RowData,
  parameters: Parameters,
  ofRow: Float64Array,
  into: Posteriors,
): void {
  const { of, count } = data.groups!;
  const g = groupCombinations(program);
  const l = program.components / g;
  const prior = groupLogits(program, parameters);
  const b = new Float64Array(count * g);
  const weight = new Float64Array(count);
  for (let j = 0; j < count; j++) b.set(prior, j * g);
  for (let i = 0; i < data.rows; i++) {
    const w = data.weights === undefined ? 1 : data.weights[i];
    weight[of[i]] += w;
    // weight 0 leaves a row out, also where its density is 0
    if (w !== 0) for (let c = 0; c < g; c++) b[of[i] * g + c] += w * ofRow[i * g + c];
  }
  let total = 0;
  const density = new Float64Array(count);
  for (let j = 0; j < count; j++) {
    density[j] = softmax(b.subarray(j * g, j * g + g), into.ofGroups.subarray(j * g, j * g + g), false);
    if (weight[j] > 0) total += density[j];
    else into.ofGroups.fill(0, j * g, j * g + g);
  }
  into.logLikelihood = total;
  for (let i = 0; i < data.rows; i++) {
    into.logDensity[i] = density[of[i]] / (weight[of[i]] || 1);
    for (let c = 0; c < g; c++) {
      const share = into.ofGroups[of[i] * g + c];
      for (let m = 0; m < l; m++) {
        const at = i * program.components + c * l + m;
        into.responsibilities[at] = share === 0 ? 0 : share * into.responsibilities[at];
      }
    }
  }
}

/** exp(a − log Σ exp a) into r; returns log Σ exp a. Hard: all on the largest (the first of them), returns it. */
function softmax(a: Float64Array, r: Float64Array, hard: boolean): number {
  let best = 0;
  for (let j = 1; j < a.length; j++) if (a[j] > a[best]) best = j;
  const top = a[best];
  if (hard || a.length === 1 || top === -Infinity) {
    r.fill(0);
    r[best] = 1;
    return top;
  }
  let s = 0;
  for (let j = 0; j < a.length; j++) {
    r[j] = Math.exp(a[j] - top);
    s += r[j];
  }
  for (let j = 0; j < a.length; j++) r[j] /= s;
  return top + Math.log(s);
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
