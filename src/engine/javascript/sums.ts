/**
 * Sums of the kernels as moments. They are around the means of the columns, and where a component is so far from those
 * that digits would cancel, once more around the means just found: an answer depends on the parameters alone, not on what
 * was asked before.
 */
import { sumsPerComponent } from '../../emit/javascript/kernel-shape.js';
import type { Moments, Pairs, Program } from '../../plan/types.js';
import { columnFacts } from '../column-facts.js';
import { keepMeansWithin, rangesOf } from '../standardise.js';
import type { RowData } from '../types.js';
import type { Lanes } from './lanes.js';

type Arrays = readonly Float64Array[];

/** Squared distance from the centre, in units of the component's own spread, from which three of sixteen digits cancel. */
const FAR = 1e3;

export interface Summing {
  /** [C of each component and combination], stratum by stratum: what is summed is around them */
  readonly centres: Arrays;
  /** for each lane the sums [P of each component and combination], stratum by stratum */
  readonly sums: readonly Arrays[];
  /**
   * Moments by a pass that adds to the sums; it is called again where a component is far from its centre, and `always` where no
   * digit shall be lost, as at a start, which is summed once.
   */
  readonly moments: (pass: () => void, always?: boolean) => Moments;
}

/** `isWithin`: whether what is summed lies among the values of the columns. */
export function summing(
  program: Program,
  data: RowData,
  lanes: Pick<Lanes, 'count' | 'floats'>,
  isWithin = true,
): Summing {
  const columns = data.columns.length;
  const ranges = isWithin ? rangesOf(data) : undefined;
  const strata = program.plan.strata.map(({ pairs }, n) => ({
    pairs,
    components: program.components * program.strataSizes[n],
  }));
  const start = columnFacts(data).map((f) => f.mean);
  const origins = strata.map(({ components }) =>
    Float64Array.from({ length: components * columns }, (_, at) => start[at % columns]),
  );
  const centres = origins.map((o) => lanes.floats(o.length));
  const sums = Array.from({ length: lanes.count }, () =>
    strata.map((s) => lanes.floats(s.components * sumsPerComponent(columns, s.pairs))),
  );
  const around = (pass: () => void, places: Arrays): readonly Around[] => {
    places.forEach((place, n) => {
      centres[n].set(place);
    });
    for (const lane of sums) for (const own of lane) own.fill(0);
    pass();
    const [total, ...others] = sums;
    for (const lane of others)
      lane.forEach((own, n) => {
        const into = total[n];
        for (let at = 0; at < own.length; at++) into[at] += own[at];
      });
    return strata.map(({ pairs, components }, n) =>
      momentsAround(centres[n], total[n], { components, columns, pairs }),
    );
  };
  return {
    centres,
    sums,
    moments: (pass, always = false) => {
      let found = around(pass, origins);
      if (always || found.some((f) => f.isFar))
        found = around(
          pass,
          found.map((f) => f.moments.mean),
        );
      const [first, ...others] = found.map((f) =>
        ranges === undefined ? f.moments : keepMeansWithin(ranges, f.moments),
      );
      return others.length === 0 ? first : { ...first, strata: others };
    },
  };
}

interface Around {
  readonly moments: Moments;
  readonly isFar: boolean;
}

/** mean = m + S1 / n and scatter_ab = S_ab − S_a S_b / n, with sums around m; what owns nothing has 0. */
function momentsAround(
  centres: Float64Array,
  sums: Float64Array,
  {
    components,
    columns: c,
    pairs,
  }: { readonly components: number; readonly columns: number; readonly pairs: Pairs },
): Around {
  const width = sumsPerComponent(c, pairs);
  const size = pairs === 'all' ? c * c : pairs === 'squares' ? c : 0;
  const weight = new Float64Array(components);
  const mean = new Float64Array(components * c);
  const scatter = new Float64Array(components * size);
  let isFar = false;
  for (let k = 0; k < components; k++) {
    const from = k * width;
    const n = sums[from];
    weight[k] = n;
    if (!(n > 0)) continue;
    for (let a = 0; a < c; a++) mean[k * c + a] = centres[k * c + a] + sums[from + 1 + a] / n;
    let at = from + 1 + c;
    for (let a = 0; a < c && size > 0; a++)
      for (let b = a; b < (pairs === 'squares' ? a + 1 : c); b++, at++) {
        const ofMean = (sums[from + 1 + a] * sums[from + 1 + b]) / n;
        const s = sums[at] - ofMean;
        const value = a === b ? Math.max(0, s) : s;
        if (a === b && ofMean > FAR * value) isFar = true;
        if (pairs === 'squares') scatter[k * c + a] = value;
        else scatter[(k * c + a) * c + b] = scatter[(k * c + b) * c + a] = value;
      }
  }
  return { moments: { components, columns: c, weight, mean, scatter }, isFar };
}
