/**
 * Fewer steps (`--accelerate`): after two EM steps θ0 → θ1 → θ2 the sequence is extrapolated along its own curve,
 * θ0 − 2 α r + α² v with r = θ1 − θ0, v = θ2 − 2 θ1 + θ0 and α = −|r| / |v|, in coordinates where every point is feasible.
 * What the extrapolation does to the objective is looked at: where it is not above that of θ2, θ2 stands.
 * Source: Varadhan, Roland: Simple and globally convergent methods for accelerating the convergence of any EM algorithm
 * (2008), scheme S3 and the bound of its steps in section 6.
 */
import { cholesky } from '../linear-algebra/cholesky.js';
import { lowerPlaces, timesItsTranspose } from '../linear-algebra/square.js';
import type { Domain, Parameter } from '../model/types.js';
import type { ParameterArray, Parameters, Program } from '../plan/types.js';

export interface Accelerator {
  /** called after each EM step with what it reached: a point to try, every second time */
  readonly after: (reached: Parameters) => Parameters | undefined;
  /** whether the point was taken */
  readonly judged: (taken: boolean, reached: Parameters) => void;
}

/** By how much the bound of the steps grows when it was reached, and shrinks when a point was not taken. */
const BOUND_FACTOR = 4;

export function accelerator(program: Program, start: Parameters): Accelerator {
  const { parameters: declared } = program.plan.model;
  let points: readonly Parameters[] = [start];
  let bound = 1;
  let wasBound = false;
  return {
    after: (reached) => {
      points = [...points, reached];
      if (points.length < 3) return undefined;
      const [zero, one, two] = points.map((p) => coordinatesOf(declared, p));
      const r = one.map((x, n) => x - zero[n]);
      const v = two.map((x, n) => x - one[n] - r[n]);
      const length = Math.hypot(...r) / Math.hypot(...v);
      points = [reached];
      if (!(length > 1)) return undefined;
      const step = Math.min(length, bound);
      wasBound = step === bound;
      if (step === 1) {
        // θ0 + 2 r + v is θ2 itself
        bound *= BOUND_FACTOR;
        return undefined;
      }
      return parametersAt(
        declared,
        reached,
        zero.map((x, n) => x + 2 * step * r[n] + step ** 2 * v[n]),
        two,
      );
    },
    judged: (taken, reached) => {
      points = [reached];
      if (!taken) bound = Math.max(1, bound / BOUND_FACTOR);
      else if (wasBound) bound *= BOUND_FACTOR;
    },
  };
}

/** The parameters as one vector without bounds; an orthogonal matrix has no such coordinates, and stands as EM left it. */
function coordinatesOf(declared: readonly Parameter[], parameters: Parameters): Float64Array {
  const all: number[] = [];
  for (const p of declared) {
    const array = parameters.get(p.name)!;
    forEachCopy(array, p, (own, n) => all.push(...coordinatesOfCopy(p.type.domain, own, n)));
  }
  return Float64Array.from(all, (x) => (Number.isFinite(x) ? x : 0));
}

/** The parameters at these coordinates. What EM did not move, as a value that is held, stays to the bit. */
function parametersAt(
  declared: readonly Parameter[],
  reached: Parameters,
  coordinates: Float64Array,
  before: Float64Array,
): Parameters {
  const moved = new Map(reached);
  let first = 0;
  for (const p of declared) {
    const array = reached.get(p.name)!;
    const data = array.data.slice();
    forEachCopy(array, p, (own, n, start) => {
      const size = coordinatesOfCopy(p.type.domain, own, n).length;
      const to = coordinates.subarray(first, first + size);
      const from = before.subarray(first, first + size);
      if (to.some((x, e) => x !== from[e])) data.set(copyAt(p.type.domain, own, n, to, from), start);
      first += size;
    });
    moved.set(p.name, { shape: array.shape, data });
  }
  return moved;
}

function forEachCopy(
  { shape, data }: ParameterArray,
  p: Parameter,
  visit: (own: Float64Array, size: number, start: number) => void,
): void {
  const each = shape.slice(p.plates.length).reduce((a, b) => a * b, 1);
  for (let start = 0; start < data.length; start += each)
    visit(data.subarray(start, start + each), shape.at(-1) ?? 1, start);
}

function coordinatesOfCopy(domain: Domain, own: Float64Array, n: number): readonly number[] {
  switch (domain) {
    case 'positive':
    case 'shape':
    case 'simplex':
      return Array.from(own, Math.log);
    case 'unit':
      return Array.from(own, (x) => Math.log(x / (1 - x)));
    case 'covariance': {
      const l = cholesky(own, n);
      return lowerPlaces(n).map(([i, j]) =>
        l === undefined ? 0 : i === j ? Math.log(l[i * n + i]) : l[i * n + j],
      );
    }
    case 'orthogonal':
      return [];
    case 'real':
    case 'count':
    case 'boolean':
    case 'category':
    case 'plate':
    case 'unknown':
      return [...own];
  }
}

/** One copy at `to`; `own` is where it is, whose coordinates are `from`. */
function copyAt(
  domain: Domain,
  own: Float64Array,
  n: number,
  to: Float64Array,
  from: Float64Array,
): Float64Array {
  // an entry at the edge, or held, stays
  const stays = (e: number): boolean => to[e] === from[e];
  switch (domain) {
    case 'positive':
      return own.map((x, e) => (stays(e) ? x : Math.exp(to[e])));
    case 'unit':
      return own.map((x, e) => (stays(e) ? x : 1 / (1 + Math.exp(-to[e]))));
    case 'shape': {
      const mean = to.reduce((a, b) => a + b, 0) / to.length;
      return own.map((_, e) => Math.exp(to[e] - mean));
    }
    case 'simplex': {
      const free = own.map((x, e) => (stays(e) ? 0 : x)).reduce((a, b) => a + b, 0);
      const raw = own.map((_, e) => (stays(e) ? 0 : Math.exp(to[e])));
      const total = raw.reduce((a, b) => a + b, 0);
      return own.map((x, e) => (stays(e) ? x : (raw[e] * free) / total));
    }
    case 'covariance': {
      const l = new Float64Array(n * n);
      lowerPlaces(n).forEach(([i, j], p) => (l[i * n + j] = i === j ? Math.exp(to[p]) : to[p]));
      return timesItsTranspose(l, n);
    }
    case 'orthogonal':
      return own;
    case 'real':
    case 'count':
    case 'boolean':
    case 'category':
    case 'plate':
    case 'unknown':
      return to.slice();
  }
}
