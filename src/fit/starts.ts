/**
 * Where EM begins. A start is responsibilities (an M-step follows) or parameters (an E-step follows). Start r draws from
 * the stream `seed/start/r`, whatever the number of restarts.
 *
 * `kmeans++`: Arthur, Vassilvitskii (2007): centres among the rows, each drawn with probability proportional to the
 * squared distance to the nearest centre so far; then each row goes to its nearest centre.
 */
import type { RowData } from '../engine/types.js';
import { stream } from '../random.js';
import type { RandomStream } from '../random.js';

export interface StartInput {
  readonly components: number;
  readonly data: RowData;
  /** numeric columns that the model reads, for distances; in the user's units or standardised by the caller */
  readonly columns: readonly Float64Array[];
  readonly seed: string;
  readonly init: 'kmeans++' | 'random';
}

/** Hard responsibilities [N, K] of start `restart` (from 1). Known labels stay. */
export function startResponsibilities(input: StartInput, restart: number): Float64Array {
  const random = stream(input.seed, 'start', restart);
  const owner =
    input.init === 'random' || input.columns.length === 0
      ? randomOwners(input, random)
      : kmeansOwners(input, random);
  return oneHot(owner, input.components, input.data.labels);
}

export function oneHot(owner: Int32Array, components: number, labels: Int32Array | undefined): Float64Array {
  const r = new Float64Array(owner.length * components);
  for (let i = 0; i < owner.length; i++) {
    const label = labels === undefined ? 0 : labels[i];
    r[i * components + (label > 0 ? label - 1 : owner[i])] = 1;
  }
  return r;
}

const randomOwners = (input: StartInput, random: RandomStream): Int32Array =>
  Int32Array.from({ length: input.data.rows }, () => random.below(input.components));

function kmeansOwners(input: StartInput, random: RandomStream): Int32Array {
  const { components, columns } = input;
  const { rows, weights, labels } = input.data;
  const nearest = new Float64Array(rows).fill(Infinity);
  const owner = new Int32Array(rows);
  const seeds = labelledCentres(input);
  for (let k = 0; k < components; k++) {
    const centre =
      seeds[k] ??
      rowCentre(columns, drawRow(k === 0 && seeds.length === 0 ? undefined : nearest, rows, weights, random));
    for (let i = 0; i < rows; i++) {
      let s = 0;
      for (let d = 0; d < columns.length; d++) {
        const gap = columns[d][i] - centre[d];
        s += gap * gap;
      }
      if (s < nearest[i]) {
        nearest[i] = s;
        owner[i] = k;
      }
    }
  }
  return labels === undefined ? owner : owner.map((k, i) => (labels[i] > 0 ? labels[i] - 1 : k));
}

const rowCentre = (columns: readonly Float64Array[], row: number): readonly number[] =>
  columns.map((c) => c[row]);

/** A component with known labels begins at the mean of its labelled rows, so that the labels keep their meaning. */
function labelledCentres(input: StartInput): readonly (readonly number[] | undefined)[] {
  const { labels, rows } = input.data;
  if (labels === undefined) return [];
  return Array.from({ length: input.components }, (_, k) => {
    const members = Array.from({ length: rows }, (__, i) => i).filter((i) => labels[i] === k + 1);
    if (members.length === 0) return undefined;
    return input.columns.map((c) => members.reduce((s, i) => s + c[i], 0) / members.length);
  });
}

/** A row with probability proportional to weight × squared distance; by weight alone where all distances are zero. */
function drawRow(
  nearest: Float64Array | undefined,
  rows: number,
  weights: Float64Array | undefined,
  random: RandomStream,
): number {
  const mass = (i: number, useDistance: boolean): number => {
    const w = weights === undefined ? 1 : weights[i];
    const d = nearest === undefined || !useDistance ? 1 : nearest[i];
    return d === Infinity ? w : w * d;
  };
  for (const useDistance of [true, false]) {
    let total = 0;
    for (let i = 0; i < rows; i++) total += mass(i, useDistance);
    if (!(total > 0)) continue;
    let left = random.uniform() * total;
    let last = 0;
    for (let i = 0; i < rows; i++) {
      const m = mass(i, useDistance);
      if (m <= 0) continue;
      last = i;
      left -= m;
      if (left < 0) return i;
    }
    return last;
  }
  return 0;
}
