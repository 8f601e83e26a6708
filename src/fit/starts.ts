/**
 * Where EM begins. A start is responsibilities (an M-step follows) or parameters (an E-step follows). Start r draws from
 * the stream `seed/start/r`, whatever the number of restarts.
 *
 * `kmeans++`: Arthur, Vassilvitskii (2007): centres among the rows, each drawn with probability proportional to the
 * squared distance to the nearest centre so far; then each row goes to its nearest centre. The latents of groups are
 * started in the same way from the groups' means; several latents of a row one after the other, the second among the rows
 * that have the same value of the first.
 */
import type { RowData } from '../engine/types.js';
import { stream } from '../random.js';
import type { RandomStream } from '../random.js';

export interface StartInput {
  /** the latents, with the number of their values */
  readonly axes: readonly { readonly per: 'row' | 'group'; readonly size: number }[];
  readonly data: RowData;
  /** numeric columns that the model reads, for distances; in the user's units or standardised by the caller */
  readonly columns: readonly Float64Array[];
  /** for each latent: per row the value, from 1, of data that range over the same plate; undefined where there are none */
  readonly sameKind: readonly (Float64Array | undefined)[];
  /** false where a row cannot come from a component: outside of what its distributions give */
  readonly isPossible?: ((row: number, component: number) => boolean) | undefined;
  readonly seed: string;
  readonly init: 'kmeans++' | 'random';
}

/** What is drawn an owner for: the rows, or the groups of rows by their means. */
interface Units {
  readonly count: number;
  readonly columns: readonly Float64Array[];
  readonly weights: Float64Array | undefined;
  readonly labels: Int32Array | undefined;
}

/** Hard responsibilities [N, K] of start `restart` (from 1). Known labels stay. */
export function startResponsibilities(input: StartInput, restart: number): Float64Array {
  const random = stream(input.seed, 'start', restart);
  const { axes, data } = input;
  const values = axes.map(() => new Int32Array(data.rows));
  for (const per of ['group', 'row'] as const) {
    const own = axes.flatMap((axis, n) => (axis.per === per ? [n] : []));
    if (own.length > 0) drawAxes(own, per, values, input, random);
  }
  axes.forEach((_, n) => {
    data.labels[n]?.forEach((label, i) => {
      if (label > 0) values[n][i] = label - 1;
    });
  });
  const components = axes.reduce((n, axis) => n * axis.size, 1);
  const r = new Float64Array(data.rows * components);
  for (let i = 0; i < data.rows; i++) {
    let component = values.reduce((c, v, n) => c * axes[n].size + v[i], 0);
    if (input.isPossible?.(i, component) === false) {
      const possible = Array.from({ length: components }, (_, c) => c).filter((c) =>
        input.isPossible?.(i, c),
      );
      if (possible.length > 0) component = possible[random.below(possible.length)];
    }
    r[i * components + component] = 1;
  }
  return r;
}

/** Values of the latents of the rows, or of the groups: of the first, then of the second among those of each value, … */
function drawAxes(
  own: readonly number[],
  per: 'row' | 'group',
  values: readonly Int32Array[],
  input: StartInput,
  random: RandomStream,
): void {
  const { data, axes } = input;
  const groupOf = per === 'group' ? data.groups!.of : undefined;
  const units = unitsOf(input, per, own);
  const rowsOfGroup = groupOf === undefined ? undefined : membersOf(groupOf, data.groups!.count);
  let parts: readonly (readonly number[])[] = [Array.from({ length: units.count }, (_, unit) => unit)];
  for (const n of own) {
    const { size } = axes[n];
    const known = input.sameKind[n];
    const ofUnit = new Int32Array(units.count);
    for (const part of parts) {
      const drawn =
        input.init === 'random' || units.columns.length === 0
          ? Int32Array.from(part, () => random.below(size))
          : kmeansOwners(only(units, part), size, random);
      part.forEach((unit, at) => {
        // data of the latent's own kind: one of them, drawn among the unit's rows
        const rows = known === undefined ? [] : (rowsOfGroup?.[unit] ?? [unit]);
        ofUnit[unit] = rows.length === 0 ? drawn[at] : known![rows[random.below(rows.length)]] - 1;
      });
    }
    for (let i = 0; i < data.rows; i++) values[n][i] = ofUnit[groupOf === undefined ? i : groupOf[i]];
    parts = parts.flatMap((part) =>
      Array.from({ length: size }, (_, k) => part.filter((unit) => ofUnit[unit] === k)),
    );
  }
}

/** Some of the units; all of them as they are. */
function only(units: Units, part: readonly number[]): Units {
  if (part.length === units.count) return units;
  return {
    count: part.length,
    columns: units.columns.map((c) => Float64Array.from(part, (unit) => c[unit])),
    weights: units.weights && Float64Array.from(part, (unit) => units.weights![unit]),
    labels: units.labels && Int32Array.from(part, (unit) => units.labels![unit]),
  };
}

function membersOf(of: Int32Array, count: number): readonly (readonly number[])[] {
  const members: number[][] = Array.from({ length: count }, () => []);
  of.forEach((g, i) => members[g].push(i));
  return members;
}

/** Rows as they are, or groups with the weighted means of their rows. */
function unitsOf(input: StartInput, per: 'row' | 'group', own: readonly number[]): Units {
  const { data, columns } = input;
  const labels = own.length === 1 ? data.labels[own[0]] : undefined;
  if (per === 'row') return { count: data.rows, columns, weights: data.weights, labels };
  const { of, count } = data.groups!;
  const weights = new Float64Array(count);
  const ofGroups = new Int32Array(count);
  for (let i = 0; i < data.rows; i++) {
    weights[of[i]] += data.weights === undefined ? 1 : data.weights[i];
    if (labels !== undefined && labels[i] > 0) ofGroups[of[i]] = labels[i];
  }
  const means = columns.map((column) => {
    const mean = new Float64Array(count);
    for (let i = 0; i < data.rows; i++) {
      const w = data.weights === undefined ? 1 : data.weights[i];
      if (weights[of[i]] > 0) mean[of[i]] += (w * column[i]) / weights[of[i]];
    }
    return mean;
  });
  return { count, columns: means, weights, labels: labels === undefined ? undefined : ofGroups };
}

function kmeansOwners(units: Units, components: number, random: RandomStream): Int32Array {
  const { columns, labels, count } = units;
  const nearest = new Float64Array(count).fill(Infinity);
  const owner = new Int32Array(count);
  const seeds = labelledCentres(units, components);
  for (let k = 0; k < components; k++) {
    const centre =
      seeds[k] ??
      rowCentre(columns, drawUnit(k === 0 && seeds.length === 0 ? undefined : nearest, units, random));
    for (let i = 0; i < count; i++) {
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
function labelledCentres(
  { labels, columns, count }: Units,
  components: number,
): readonly (readonly number[] | undefined)[] {
  if (labels === undefined) return [];
  return Array.from({ length: components }, (_, k) => {
    const members = Array.from({ length: count }, (__, i) => i).filter((i) => labels[i] === k + 1);
    if (members.length === 0) return undefined;
    return columns.map((c) => members.reduce((s, i) => s + c[i], 0) / members.length);
  });
}

/** A unit with probability proportional to weight × squared distance; by weight alone where all distances are zero. */
function drawUnit(
  nearest: Float64Array | undefined,
  { count, weights }: Units,
  random: RandomStream,
): number {
  const mass = (i: number, useDistance: boolean): number => {
    const w = weights === undefined ? 1 : weights[i];
    const d = nearest === undefined || !useDistance ? 1 : nearest[i];
    return d === Infinity ? w : w * d;
  };
  for (const useDistance of [true, false]) {
    let total = 0;
    for (let i = 0; i < count; i++) total += mass(i, useDistance);
    if (!(total > 0)) continue;
    let left = random.uniform() * total;
    let last = 0;
    for (let i = 0; i < count; i++) {
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
