/**
 * The weighted median by selection: the numbers are split around one of them until the wanted one is found, in time
 * proportional to their number. Source: Blum, Floyd, Pratt, Rivest, Tarjan (1973); Bickel, Lehmann: Descriptive
 * Statistics for Nonparametric Models II (1975), for the middle of the interval.
 */

/** Weights this close, relative to their sum, are half of it: their rounding must not choose a side. */
const HALF_ROUNDING = 1e-12;

/** The m with the least Σ weight |value − m|; the middle of all such m. NaN where no weight is positive. */
export function weightedMedian(values: ArrayLike<number>, weights: ArrayLike<number>): number {
  const [low, high] = medianPlaces(values, weights);
  return low === high ? (values[low] ?? NaN) : (values[low] + values[high]) / 2;
}

/** One after the other; the same array where it is alone. */
export function concatenated(parts: readonly Float64Array[]): Float64Array {
  if (parts.length === 1) return parts[0];
  const all = new Float64Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    all.set(p, at);
    at += p.length;
  }
  return all;
}

/** Points of a sample that says about where the median is, and how far from it, as a part of all weight, it may be wrong. */
export const SAMPLE = 1024;
const SAMPLE_ERROR = 0.1;
/** As many are looked at all. */
export const FEW = 4 * SAMPLE;

/** Where the first and the last of the values between which Σ weight |value − m| is least stand; −1 without weights. */
export function medianPlaces(
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
): readonly [number, number] {
  let count = 0;
  let total = 0;
  for (let n = 0; n < values.length; n++) {
    if (!(weights[n] > 0)) continue;
    count++;
    total += weights[n];
  }
  if (count === 0) return [-1, -1];
  const around =
    count < FEW ? undefined : windowOf(values, weights, ...limitsAround(sampled(values, weights)));
  return (
    (around && placesWithin(around, values, weights, total)) ??
    placesWithin(windowOf(values, weights, -Infinity, Infinity), values, weights, total) ?? [-1, -1]
  );
}

/** Of points among which the median is looked for: what those below them weigh, they themselves, and all. */
export interface Weighed {
  readonly below: number;
  readonly inside: number;
  readonly total: number;
}

/** The median among points of positive weight; undefined where it is not one of them. */
export function medianWithin(
  values: Float64Array,
  weights: Float64Array,
  { total, ...weighed }: Weighed,
): number | undefined {
  const places = new Int32Array(values.length);
  for (let n = 0; n < places.length; n++) places[n] = n;
  const found = placesWithin({ places, ...weighed }, values, weights, total);
  return found && (found[0] === found[1] ? values[found[0]] : (values[found[0]] + values[found[1]]) / 2);
}

function placesWithin(
  { places, below, inside }: Window,
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
  total: number,
): readonly [number, number] | undefined {
  const [first, last] = [total * (0.5 - HALF_ROUNDING), total * (0.5 + HALF_ROUNDING)];
  const isAll = below === 0 && inside === total;
  if (!isAll && !(below < first && below + inside > last)) return undefined;
  const low = placeAt(places, values, weights, first - below);
  // mostly one value stands on both sides of the half
  if (low.reached >= last - below) return [low.place, low.place];
  return [low.place, placeAt(places, values, weights, last - below).place];
}

interface Window {
  /** of the values in it, in order */
  readonly places: Int32Array;
  /** the weight of smaller values, and of those in it */
  readonly below: number;
  readonly inside: number;
}

/** The points from `least` to `most`: one pass from the first to the last. */
function windowOf(
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
  least: number,
  most: number,
): Window {
  const places = new Int32Array(values.length);
  let [count, below, inside] = [0, 0, 0];
  for (let n = 0; n < values.length; n++) {
    const w = weights[n];
    if (!(w > 0)) continue;
    const x = values[n];
    if (x < least) below += w;
    else if (x <= most) {
      places[count++] = n;
      inside += w;
    }
  }
  return { places: places.subarray(0, count), below, inside };
}

/** Points at equal distances. */
function sampled(
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
): readonly (readonly [number, number])[] {
  const sample: [number, number][] = [];
  const step = values.length / SAMPLE;
  for (let n = 0; n < SAMPLE; n++) {
    const place = Math.floor(n * step);
    if (weights[place] > 0) sample.push([values[place], weights[place]]);
  }
  return sample;
}

/**
 * Between which values about the middle fifth lies, by a sample of values and weights. Source: Floyd, Rivest: Algorithm 489,
 * SELECT (1975).
 */
export function limitsAround(sample: readonly (readonly [number, number])[]): readonly [number, number] {
  const sorted = [...sample].sort(([a], [b]) => a - b);
  const total = sorted.reduce((s, [, weight]) => s + weight, 0);
  let [reached, least] = [0, -Infinity];
  for (const [value, weight] of sorted) {
    if (reached <= total * (0.5 - SAMPLE_ERROR)) least = value;
    reached += weight;
    if (reached >= total * (0.5 + SAMPLE_ERROR)) return [least, value];
  }
  return [least, Infinity];
}

/**
 * The place of the smallest value up to which the weights reach `wanted`, and what they reach with all that equal it; `places`
 * are put in another order.
 */
function placeAt(
  places: Int32Array,
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
  wanted: number,
): { readonly place: number; readonly reached: number } {
  let [from, to, below] = [0, places.length, 0];
  for (;;) {
    const pivot = middleOf(values[places[from]], values[places[(from + to) >> 1]], values[places[to - 1]]);
    // from … less: smaller, less … at: equal, more … to: larger
    let [less, at, more] = [from, from, to];
    let [smaller, equal] = [0, 0];
    while (at < more) {
      const place = places[at];
      const x = values[place];
      if (x > pivot) {
        places[at] = places[--more];
        places[more] = place;
        continue;
      }
      if (x < pivot) {
        places[at] = places[less];
        places[less++] = place;
        smaller += weights[place];
      } else equal += weights[place];
      at++;
    }
    if (less > from && below + smaller >= wanted) to = less;
    else if (below + smaller + equal >= wanted || more === to)
      return { place: places[less], reached: below + smaller + equal };
    else [from, below] = [more, below + smaller + equal];
  }
}

const middleOf = (a: number, b: number, c: number): number =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
