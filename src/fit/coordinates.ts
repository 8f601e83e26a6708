/**
 * Coordinates in which parameters move freely around where they are: a positive number on the scale of its logarithm, one
 * between 0 and 1 on that of its log odds, a simplex by softmax, a covariance L T Tᵀ Lᵀ by a triangle T, an orthogonal
 * matrix by a Cayley transform, a shape by logarithms of sum 0. Equations between parameters leave the directions of their
 * null space; values that are held do not move, those that are tied move together; a floor or a cap is
 * stopped at.
 */
import { constraintsOf } from '../derive/constraints.js';
import type { ParameterConstraints } from '../derive/constraints.js';
import { entriesOf, isAt, leaderOf, unravel } from '../derive/copies.js';
import { cholesky } from '../linear-algebra/cholesky.js';
import { lowerPlaces, product, timesItsTranspose } from '../linear-algebra/square.js';
import type { Domain, SymbolName } from '../model/types.js';
import { evaluateFloat64 } from '../plan/evaluate-float64.js';
import { frameOf } from '../plan/frame.js';
import { systemOf } from '../plan/joint-stage.js';
import type { Direction } from '../plan/slot-derivatives.js';
import type { ParameterArray, Parameters, Program } from '../plan/types.js';

/** A set of coordinates, all 0 where the parameters are. */
export interface Chart {
  /** how the parameters change with each coordinate, at 0 */
  readonly directions: (at: Parameters) => readonly Direction[];
  /** the parameters of this chart at these coordinates */
  readonly moved: (at: Parameters, by: Float64Array) => Parameters;
  /** whether a floor or a cap may stop it */
  readonly isBounded: boolean;
}

/** The slopes that lead on: those that point out over a floor or a cap where the parameter stands are 0. */
export function leadingOn(chart: Chart, at: Parameters, slopes: Float64Array): Float64Array {
  if (!chart.isBounded) return slopes;
  return slopes.map((slope, n) => {
    const moved = chart.moved(
      at,
      slopes.map((_, m) => (m === n ? 1e-3 * Math.sign(slope) : 0)),
    );
    return [...moved].every(([name, { data }]) => data.every((x, e) => x === at.get(name)!.data[e]))
      ? 0
      : slope;
  });
}

/** One chart per parameter, or per set of parameters that equations bind. */
export function chartsOf(program: Program): readonly Chart[] {
  const { model } = program.plan;
  const { byParameter } = constraintsOf(model);
  const bound = boundCharts(program);
  const others = model.parameters.flatMap((p): readonly Chart[] => {
    if (bound.some(({ names }) => names.includes(p.name))) return [];
    const constraints = byParameter.get(p.name) ?? { held: [], ties: [], bounds: [] };
    const frame = frameOf(program, new Map());
    const clamp = (x: number, copy: readonly number[]): number =>
      constraints.bounds
        .filter((b) => isAt(b.at, copy))
        .reduce(
          (v, b) => Math[b.side === 'floor' ? 'max' : 'min'](v, evaluateFloat64(b.value, frame).data[0]),
          x,
        );
    return [chartOf(p.name, p.type.domain, p.plates.length, constraints, clamp)];
  });
  return [...bound.map((b) => b.chart), ...others];
}

function boundCharts(
  program: Program,
): readonly { readonly names: readonly SymbolName[]; readonly chart: Chart }[] {
  const joints = new Set(
    program.plan.updates.flatMap((u) =>
      u.joint !== undefined && u.joint.constraints.length > 0 ? [u.joint] : [],
    ),
  );
  return [...joints].map((joint) => {
    const { layout, equations } = systemOf(joint, program);
    const split = (v: Float64Array): Direction =>
      new Map(
        layout.parts.map((p) => [
          p.parameter,
          v.slice(p.start, p.start + p.shape.reduce((a, b) => a * b, 1)),
        ]),
      );
    const directions = equations.basis.map(split);
    return {
      names: joint.parameters,
      chart: {
        isBounded: false,
        directions: () => directions,
        moved: (at, by) =>
          new Map(
            layout.parts.map(({ parameter }) => {
              const { shape, data } = at.get(parameter)!;
              const moved = data.map((x, n) =>
                directions.reduce((s, d, j) => s + by[j] * d.get(parameter)![n], x),
              );
              return [parameter, { shape, data: moved }];
            }),
          ),
      },
    };
  });
}

/** The chart of one copy of a parameter: its own numbers in, directions and moved numbers out. */
interface Local {
  readonly directions: (own: Float64Array) => readonly Float64Array[];
  readonly moved: (own: Float64Array, by: Float64Array) => Float64Array;
}

function chartOf(
  name: SymbolName,
  domain: Domain,
  plates: number,
  { held, ties, bounds }: ParameterConstraints,
  bound: (x: number, copy: readonly number[]) => number,
): Chart {
  /** The copies that move, with their charts and the starts of those that move with them. */
  const copies = ({ shape, data }: ParameterArray) => {
    const lengths = shape.slice(0, plates);
    const count = lengths.reduce((a, b) => a * b, 1);
    const each = data.length / count;
    const leaders = Array.from({ length: count }, (_, copy) =>
      leaderOf(ties, unravel(copy, lengths)).reduce((at, v, axis) => at * lengths[axis] + v, 0),
    );
    return leaders.flatMap((leader, copy) => {
      const at = unravel(copy, lengths);
      if (leader !== copy || held.some((h) => isAt(h.at, at))) return [];
      const starts = leaders.flatMap((other, n) => (other === leader ? [n * each] : []));
      const entries = entriesOf(held, ties, at);
      // the sets of entries that move together; those held are in none
      const groups = Array.from({ length: each }, (_, e) => e).flatMap(
        (e): readonly (readonly number[])[] => {
          if (entries.held.includes(e + 1)) return [];
          const tie = entries.ties.find((t) => t.includes(e + 1));
          return tie === undefined ? [[e]] : tie[0] === e + 1 ? [tie.map((x) => x - 1)] : [];
        },
      );
      const local = localChart(domain, shape.at(-1) ?? 1, groups, (x) => bound(x, at));
      return [{ start: copy * each, starts, each, local }];
    });
  };
  return {
    isBounded: bounds.length > 0,
    directions: (at) => {
      const array = at.get(name)!;
      return copies(array).flatMap(({ start, starts, each, local }) =>
        local.directions(array.data.subarray(start, start + each)).map((own): Direction => {
          const whole = new Float64Array(array.data.length);
          for (const s of starts) whole.set(own, s);
          return new Map([[name, whole]]);
        }),
      );
    },
    moved: (at, by) => {
      const { shape, data } = at.get(name)!;
      const next = data.slice();
      let first = 0;
      for (const { start, starts, each, local } of copies({ shape, data })) {
        const own = data.subarray(start, start + each);
        const size = local.directions(own).length;
        const moved = local.moved(own, by.subarray(first, first + size));
        for (const s of starts) next.set(moved, s);
        first += size;
      }
      return new Map([[name, { shape, data: next }]]);
    },
  };
}

function localChart(
  domain: Domain,
  n: number,
  groups: readonly (readonly number[])[],
  bound: (x: number) => number,
): Local {
  switch (domain) {
    case 'positive':
      return entrywise(
        (x) => x,
        (x, t) => bound(x * Math.exp(t)),
      );
    case 'unit':
      return entrywise(
        (x) => x * (1 - x),
        (x, t) => (x === 0 || x === 1 ? x : bound(1 / (1 + ((1 - x) / x) * Math.exp(-t)))),
      );
    case 'simplex':
      return simplexChart(groups);
    case 'shape':
      return {
        directions: (own) =>
          Array.from(own, (_, e) => own.map((x, d) => x * ((d === e ? 1 : 0) - 1 / own.length))),
        moved: (own, by) => {
          const mean = by.reduce((a, b) => a + b, 0) / by.length;
          return own.map((x, d) => x * Math.exp(by[d] - mean));
        },
      };
    case 'covariance':
      return covarianceChart(n);
    case 'orthogonal':
      return orthogonalChart(n);
    case 'real':
    case 'count':
    case 'boolean':
    case 'category':
    case 'plate':
    case 'unknown':
      return entrywise(
        () => 1,
        (x, t) => bound(x + t),
      );
  }
}

const entrywise = (slope: (x: number) => number, move: (x: number, t: number) => number): Local => ({
  directions: (own) =>
    Array.from(own, (x, e) => {
      const d = new Float64Array(own.length);
      d[e] = slope(x);
      return d;
    }),
  moved: (own, by) => own.map((x, e) => move(x, by[e])),
});

/** Free shares p_e ∝ p_e exp t, one t for each set of entries that move together; they keep their sum. */
function simplexChart(groups: readonly (readonly number[])[]): Local {
  const entries = groups.flat();
  const totalOf = (own: Float64Array): number => entries.reduce((s, e) => s + own[e], 0);
  return {
    directions: (own) => {
      const total = totalOf(own);
      return groups.map((group) => {
        const share = group.reduce((s, e) => s + own[e], 0) / total;
        return own.map((x, d) => (entries.includes(d) ? x * ((group.includes(d) ? 1 : 0) - share) : 0));
      });
    },
    moved: (own, by) => {
      const total = totalOf(own);
      const next = own.slice();
      groups.forEach((group, j) => {
        for (const e of group) next[e] = own[e] * Math.exp(by[j]);
      });
      const sum = totalOf(next);
      for (const e of entries) next[e] = (next[e] * total) / sum;
      return next;
    },
  };
}

/** Σ = L T Tᵀ Lᵀ with T a lower triangle whose diagonal is exp t: units of the data do not matter. */
function covarianceChart(n: number): Local {
  const places = lowerPlaces(n);
  const factor = (own: Float64Array): Float64Array => {
    const l = cholesky(own, n);
    if (l === undefined) throw new Error('a covariance is not positive definite');
    return l;
  };
  return {
    // d(L T Tᵀ Lᵀ) = L (E + Eᵀ) Lᵀ: columns i and j of L side by side
    directions: (own) => {
      const l = factor(own);
      return places.map(([i, j]) =>
        Float64Array.from({ length: n * n }, (_, at) => {
          const [a, b] = [Math.floor(at / n), at % n];
          return l[a * n + i] * l[b * n + j] + l[a * n + j] * l[b * n + i];
        }),
      );
    },
    moved: (own, by) => {
      const l = factor(own);
      const t = new Float64Array(n * n);
      places.forEach(([i, j], p) => (t[i * n + j] = i === j ? Math.exp(by[p]) : by[p]));
      return timesItsTranspose(product(l, t, n), n);
    },
  };
}

/** Q (I − A/2)⁻¹ (I + A/2) with A antisymmetric. */
function orthogonalChart(n: number): Local {
  const places = lowerPlaces(n).filter(([i, j]) => i > j);
  const antisymmetric = (by: ArrayLike<number>): Float64Array => {
    const a = new Float64Array(n * n);
    places.forEach(([i, j], p) => {
      a[i * n + j] = by[p];
      a[j * n + i] = -by[p];
    });
    return a;
  };
  return {
    directions: (own) =>
      places.map((_, p) => product(own, antisymmetric(places.map((__, q) => (p === q ? 1 : 0))), n)),
    moved: (own, by) => {
      const half = antisymmetric(by).map((x) => x / 2);
      const plus = half.map((x, at) => x + (at % (n + 1) === 0 ? 1 : 0));
      const minus = half.map((x, at) => (at % (n + 1) === 0 ? 1 : 0) - x);
      return product(own, solved(minus, plus, n), n);
    },
  };
}

/** A⁻¹ B by elimination with pivots; I − A/2 is never singular. */
function solved(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const [left, right] = [a.slice(), b.slice()];
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(left[r * n + c]) > Math.abs(left[pivot * n + c])) pivot = r;
    for (const m of [left, right])
      for (let j = 0; j < n; j++) [m[c * n + j], m[pivot * n + j]] = [m[pivot * n + j], m[c * n + j]];
    const scale = 1 / left[c * n + c];
    for (const m of [left, right]) for (let j = 0; j < n; j++) m[c * n + j] = m[c * n + j] * scale;
    for (let r = 0; r < n; r++) {
      const x = left[r * n + c];
      if (r === c || x === 0) continue;
      for (const m of [left, right])
        for (let j = 0; j < n; j++) m[r * n + j] = m[r * n + j] - x * m[c * n + j];
    }
  }
  return right;
}
