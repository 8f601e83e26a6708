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
export function groupLogits(program: Program, parameters: Parameters): Float64Array {
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
  const { groups, weights } = data;
  if (groups === undefined) {
    let logLikelihood = 0;
    // weight 0 leaves a row out, also where its density is 0
    for (let i = 0; i < ofRow.length; i++) {
      const w = weights === undefined ? 1 : weights[i];
      if (w !== 0) logLikelihood += w * ofRow[i];
    }
    return { responsibilities, logDensity: ofRow, ofGroups: new Float64Array(0), logLikelihood };
  }
  const joined = joinedGroups(program, data, parameters, ofRow);
  shareOut(groups.of, joined.ofGroups, groupCombinations(program), responsibilities);
  return { responsibilities, ...joined, logDensity: densityOfRows(data, joined) };
}

/** What the rows of each group say together. */
export interface JoinedGroups {
  /** [groups, combinations of the groups' latents] */
  readonly ofGroups: Float64Array;
  /** [groups]: log density and weight */
  readonly density: Float64Array;
  readonly weight: Float64Array;
  readonly logLikelihood: number;
}

export function joinedGroups(
  program: Program,
  { rows, weights, groups }: RowData,
  parameters: Parameters,
  ofRow: Float64Array,
): JoinedGroups {
  const { of, count } = groups!;
  const g = groupCombinations(program);
  const prior = groupLogits(program, parameters);
  const weight = weightsOf(groups!, weights);
  const b = new Float64Array(count * g);
  for (let at = 0; at < b.length; at++) b[at] = prior[at % g];
  for (let i = 0; i < rows; i++) {
    const w = weights === undefined ? 1 : weights[i];
    const at = of[i] * g;
    // weight 0 leaves a row out, also where its density is 0
    if (w !== 0) for (let c = 0; c < g; c++) b[at + c] += w * ofRow[i * g + c];
  }
  const density = new Float64Array(count);
  let logLikelihood = 0;
  for (let j = 0; j < count; j++) {
    density[j] = softmax(b, j * g, g);
    // a group whose rows all have weight 0 says nothing: its density is 1, and its latents are as their priors have them
    if (weight[j] > 0) logLikelihood += density[j];
  }
  return { ofGroups: b, density, weight, logLikelihood };
}

const known = new WeakMap<Groups, WeakMap<object, Float64Array>>();
type Groups = NonNullable<RowData['groups']>;

/** What the rows of each group weigh, summed once. */
export function weightsOf(groups: Groups, weights: Float64Array | undefined): Float64Array {
  const own = known.get(groups) ?? new WeakMap<object, Float64Array>();
  known.set(groups, own);
  const found = own.get(weights ?? groups);
  if (found !== undefined) return found;
  const weight = new Float64Array(groups.count);
  groups.of.forEach((group, i) => (weight[group] += weights === undefined ? 1 : weights[i]));
  own.set(weights ?? groups, weight);
  return weight;
}

/** The groups' densities, each shared out over its rows. */
export function densityOfRows(
  { rows, groups }: RowData,
  { density, weight }: Pick<JoinedGroups, 'density' | 'weight'>,
): Float64Array {
  const { of } = groups!;
  return Float64Array.from({ length: rows }, (_, i) => density[of[i]] / (weight[of[i]] || 1));
}

/** The rows' own responsibilities [N, K] times those of their groups. */
function shareOut(of: Int32Array, ofGroups: Float64Array, g: number, r: Float64Array): void {
  const k = r.length / of.length;
  const l = k / g;
  for (let i = 0; i < of.length; i++)
    for (let c = 0; c < k; c++) {
      const share = ofGroups[of[i] * g + Math.floor(c / l)];
      r[i * k + c] = share === 0 ? 0 : share * r[i * k + c];
    }
}

/**
 * exp(a − log Σ exp a) in the place of `length` numbers a from `from` on; returns log Σ exp a. Hard: all on the largest (the
 * first of them), returns it.
 */
export function softmax(a: Float64Array, from: number, length: number, hard = false): number {
  const end = from + length;
  let best = from;
  for (let j = from + 1; j < end; j++) if (a[j] > a[best]) best = j;
  const top = a[best];
  if (hard || length === 1 || top === -Infinity) {
    a.fill(0, from, end);
    a[best] = 1;
    return top;
  }
  let s = 0;
  for (let j = from; j < end; j++) {
    a[j] = Math.exp(a[j] - top);
    s += a[j];
  }
  for (let j = from; j < end; j++) a[j] /= s;
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
