/**
 * Rows that belong to groups: their latents, given what the rows say. Shared by the engines, since groups are few beside rows.
 */
import { evaluateFloat64 } from '../plan/evaluate-float64.js';
import { frameOf } from '../plan/frame.js';
import { setComponent } from '../plan/program.js';
import type { Parameters, Program } from '../plan/types.js';
import type { RowData } from './types.js';

export interface Posteriors {
  /** [N, K] */
  readonly responsibilities: Float64Array;
  /** [N]: log density of the row; of its group, shared out evenly over the group's weight, where rows belong to groups */
  readonly logDensity: Float64Array;
  /** [groups, combinations of the groups' latents]; empty without groups */
  readonly ofGroups: Float64Array;
  logLikelihood: number;
}

/** Combinations of the values of the groups' latents. */
export const groupCombinations = (program: Program): number =>
  program.axisSizes.reduce((n, size, axis) => n * (isOfRow(program, axis) ? 1 : size), 1);

/** Logits of the groups before their rows: one number per combination of the groups' latents. */
function groupLogits(program: Program, parameters: Parameters): Float64Array {
  const frame = frameOf(program, parameters);
  const perRow = program.axisSizes.reduce((n, size, axis) => n * (isOfRow(program, axis) ? size : 1), 1);
  return Float64Array.from({ length: program.components / perRow }, (_, g) => {
    setComponent(program, frame.indices, g * perRow);
    return program.plan.logits.reduce(
      (s, t) =>
        t.per === 'group' && t.kind === 'constant' ? s + evaluateFloat64(t.value, frame).data[0] : s,
      0,
    );
  });
}

const isOfRow = (program: Program, axis: number): boolean => program.plan.axes[axis].per === 'row';

/** From what engines give by row: responsibilities [N, K], and log Σ exp of the row for each combination [N, G]. */
export function posteriorsOf(
  program: Program,
  data: RowData,
  parameters: Parameters,
  responsibilities: Float64Array,
  ofRow: Float64Array,
): Posteriors {
  const { groups, weights, rows } = data;
  const into: Posteriors = {
    responsibilities,
    logDensity: groups === undefined ? ofRow : new Float64Array(rows),
    ofGroups: new Float64Array((groups?.count ?? 0) * groupCombinations(program)),
    logLikelihood: 0,
  };
  if (groups !== undefined) joinGroups(program, data, parameters, ofRow, into);
  else
    into.logLikelihood = ofRow.reduce((s, l, i) => {
      const w = weights === undefined ? 1 : weights[i];
      // weight 0 leaves a row out, also where its density is 0
      return w === 0 ? s : s + w * l;
    }, 0);
  return into;
}

/** b, its softmax, and the product with the rows' own. */
export function joinGroups(
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
    // a group whose rows all have weight 0 says nothing: its density is 1, and its latents are as their priors have them
    if (weight[j] > 0) total += density[j];
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
export function softmax(a: Float64Array, r: Float64Array, hard: boolean): number {
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

/** Σ_g r[g,k]. */
export function groupWeight(program: Program, ofGroups: Float64Array): Float64Array {
  const g = groupCombinations(program);
  const weight = new Float64Array(g);
  ofGroups.forEach((r, at) => (weight[at % g] += r));
  return weight;
}

/**
 * The groups' responsibilities from those of their rows: their weighted mean, the rows' own latents summed out; the plain mean
 * where all weights are 0.
 */
export function groupsOf(program: Program, data: RowData, r: Float64Array): Float64Array {
  if (data.groups === undefined) return new Float64Array(0);
  const { of, count } = data.groups;
  const g = groupCombinations(program);
  const l = program.components / g;
  const shares = new Float64Array(count * g);
  const weight = new Float64Array(count);
  data.weights?.forEach((w, i) => (weight[of[i]] += w));
  for (let i = 0; i < data.rows; i++) {
    const w = data.weights === undefined || weight[of[i]] === 0 ? 1 : data.weights[i];
    for (let c = 0; c < program.components; c++)
      shares[of[i] * g + Math.floor(c / l)] += w * r[i * program.components + c];
  }
  for (let j = 0; j < count; j++) {
    const own = shares.subarray(j * g, j * g + g);
    const total = own.reduce((a, b) => a + b, 0);
    if (total > 0) for (let c = 0; c < g; c++) own[c] /= total;
  }
  return shares;
}
