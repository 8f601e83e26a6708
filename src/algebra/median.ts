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

/** Where the first and the last of the values between which Σ weight |value − m| is least stand; −1 without weights. */
export function medianPlaces(
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
): readonly [number, number] {
  const places = new Int32Array(values.length);
  let count = 0;
  let total = 0;
  for (let n = 0; n < values.length; n++) {
    if (!(weights[n] > 0)) continue;
    places[count++] = n;
    total += weights[n];
  }
  if (count === 0) return [-1, -1];
  const own = places.subarray(0, count);
  const find = (part: number): number => placeAt(own, values, weights, total * part);
  return [find(0.5 - HALF_ROUNDING), find(0.5 + HALF_ROUNDING)];
}

/** The place of the smallest value up to which the weights reach `wanted`; `places` are put in another order. */
function placeAt(
  places: Int32Array,
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
  wanted: number,
): number {
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
    else if (below + smaller + equal >= wanted || more === to) return places[less];
    else [from, below] = [more, below + smaller + equal];
  }
}

const middleOf = (a: number, b: number, c: number): number =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
