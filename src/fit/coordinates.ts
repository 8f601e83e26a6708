/**
 * Coordinates in which parameters move freely around where they are: a positive number on the scale of its logarithm, one
 * between 0 and 1 on that of its log odds, a simplex by softmax, a covariance L T Tᵀ Lᵀ by a triangle T, an orthogonal
 * matrix by a Cayley transform, a shape by logarithms of sum 0. Equations between parameters leave the directions of their
 * null space; values that are held do not move; a floor is stopped at.
 */
import { constraintsOf } from '../derive/constraints.js';
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
}

/** One chart per parameter, or per set of parameters that equations bind. */
export function chartsOf(program: Program): readonly Chart[] {
  const { model } = program.plan;
  const { byParameter } = constraintsOf(model);
  const bound = boundCharts(program);
  const others = model.parameters.flatMap((p): readonly Chart[] => {
    if (bound.some(({ names }) => names.includes(p.name))) return [];
    const { held = [], floors = [] } = byParameter.get(p.name) ?? {};
    const frame = frameOf(program, new Map());
    const floor = floors.reduce((m, f) => Math.max(m, evaluateFloat64(f.value, frame).data[0]), -Infinity);
    const rank = p.plates.length;
    const isHeld = (copy: readonly number[], entry?: number): boolean =>
      held.some(
        (h) =>
          h.at.slice(0, rank).every((v, n) => v === copy[n] + 1) &&
          (h.at.length === rank || (entry !== undefined && h.at[rank] === entry + 1)),
      );
    return [chartOf(p.name, p.type.domain, rank, isHeld, floor)];
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
  isHeld: (copy: readonly number[], entry?: number) => boolean,
  floor: number,
): Chart {
  /** The copies that move, with their charts. */
  const copies = ({ shape, data }: ParameterArray) => {
    const lengths = shape.slice(0, plates);
    const count = lengths.reduce((a, b) => a * b, 1);
    const each = data.length / count;
    return Array.from({ length: count }, (_, copy) => {
      let rest = copy;
      const at = [...lengths].reverse().map((n) => {
        const own = rest % n;
        rest = Math.floor(rest / n);
        return own;
      });
      at.reverse();
      const free = Array.from({ length: each }, (__, e) => domain !== 'simplex' || !isHeld(at, e));
      const size = shape.at(-1) ?? 1;
      return { start: copy * each, each, isHeld: isHeld(at), local: localChart(domain, size, free, floor) };
    }).filter((c) => !c.isHeld);
  };
  return {
    directions: (at) => {
      const array = at.get(name)!;
      return copies(array).flatMap(({ start, each, local }) =>
        local.directions(array.data.subarray(start, start + each)).map((own): Direction => {
          const whole = new Float64Array(array.data.length);
          whole.set(own, start);
          return new Map([[name, whole]]);
        }),
      );
    },
    moved: (at, by) => {
      const { shape, data } = at.get(name)!;
      const next = data.slice();
      let first = 0;
      for (const { start, each, local } of copies({ shape, data })) {
        const own = data.subarray(start, start + each);
        const size = local.directions(own).length;
        next.set(local.moved(own, by.subarray(first, first + size)), start);
        first += size;
      }
      return new Map([[name, { shape, data: next }]]);
    },
  };
}

function localChart(domain: Domain, n: number, free: readonly boolean[], floor: number): Local {
  switch (domain) {
    case 'positive':
      return entrywise(
        (x) => x,
        (x, t) => Math.max(floor, x * Math.exp(t)),
      );
    case 'unit':
      return entrywise(
        (x) => x * (1 - x),
        (x, t) => (x === 0 || x === 1 ? x : 1 / (1 + ((1 - x) / x) * Math.exp(-t))),
      );
    case 'simplex':
      return simplexChart(free);
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
        (x, t) => Math.max(floor, x + t),
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

/** Free shares p_e ∝ p_e exp t_e, which keep their sum. */
function simplexChart(free: readonly boolean[]): Local {
  const entries = free.flatMap((is, e) => (is ? [e] : []));
  const totalOf = (own: Float64Array): number => entries.reduce((s, e) => s + own[e], 0);
  return {
    directions: (own) => {
      const total = totalOf(own);
      return entries.map((e) => own.map((x, d) => (free[d] ? x * ((d === e ? 1 : 0) - own[e] / total) : 0)));
    },
    moved: (own, by) => {
      const total = totalOf(own);
      const next = own.slice();
      entries.forEach((e, j) => (next[e] = own[e] * Math.exp(by[j])));
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
