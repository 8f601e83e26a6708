/**
 * A small random instance of a model: sizes, feasible parameters, data and latents, all unsymmetric. Steps are replayed
 * and certificates computed on it. The numbers come from the caller, so that this stays pure.
 */
import type { Tensor } from '../algebra/evaluate.js';
import { sizeOf } from '../algebra/evaluate.js';
import type { Dim } from '../algebra/types.js';
import { pointMassesOf } from '../model/point-masses.js';
import type { Domain, Model } from '../model/types.js';
import { constraintsOf } from './constraints.js';
import { entriesOf, unravel, withTies } from './copies.js';
import type { Tie } from './copies.js';
import type { HeldValue } from './types.js';
import { dimOf, plateDim, rowsDim, shapeDims } from './translate.js';

export interface Randomness {
  readonly uniform: () => number;
  readonly normal: () => number;
}

export interface Instance {
  readonly sizes: Readonly<Record<string, number>>;
  readonly parameters: ReadonlyMap<string, Tensor<number>>;
  readonly constants: ReadonlyMap<string, Tensor<number>>;
  readonly data: ReadonlyMap<string, Tensor<number>>;
  /** values of each latent from 0, one per row or per group */
  readonly latents: ReadonlyMap<string, readonly number[]>;
}

const COMPONENTS = 3;
const COORDINATES = 2;
const GROUPS = 3;

/** Enough rows that no scale or system of the model is singular. */
export function instanceRows(model: Model): number {
  const longest = Math.max(COORDINATES, ...model.sizes.map((s) => s.value ?? 0), ...allDims(model));
  return 5 + 2 * longest;
}

const allDims = (model: Model): readonly number[] =>
  [...model.parameters, ...model.data, ...model.definitions].flatMap((s) =>
    s.type.shape.map((d) => (d.kind === 'number' ? d.value : 0)),
  );

export function randomInstance(model: Model, random: Randomness, rows = instanceRows(model)): Instance {
  const sizes = instanceSizes(model, rows);
  const latents = new Map(
    model.latents.map((l) => {
      const k = l.type.plate === undefined ? 2 : sizeOf(plateDim(l.type.plate, model), sizes);
      const copies = l.plates.reduce((n, plate) => n * sizeOf(plateDim(plate, model), sizes), 1);
      return [l.name, categories(copies, k, random)] as const;
    }),
  );
  const constants = new Map(
    model.constants.map((c) => [c.name as string, constantTensor(c, model, sizes, random)] as const),
  );
  const data = new Map<string, Tensor<number>>();
  for (const d of model.data) {
    const shape = shapeDims(d.type, model).map((dim) => sizeOf(dim, sizes));
    const values = categoriesOf(d, model);
    if (values !== undefined)
      // numbered from 1, every category there
      data.set(d.name, {
        shape: [rows],
        data: categories(rows, sizeOf(values, sizes), random).map((c) => c + 1),
      });
    else
      data.set(
        d.name,
        withMasses(
          pointMassesOf(d.name, model),
          draw(d.as === 'weight' ? 'positive' : d.type.domain, [rows], shape, random),
        ),
      );
  }
  return { sizes, constants, data, latents, parameters: randomParameters(model, sizes, random) };
}

/** A value that a point mass gives stands in every third row, so that there are such rows. */
function withMasses(masses: readonly number[], drawn: Tensor<number>): Tensor<number> {
  if (masses.length === 0) return drawn;
  return {
    shape: drawn.shape,
    data: drawn.data.map((x, i) => (i % 3 === 0 ? masses[(i / 3) % masses.length] : x)),
  };
}

/** Values from 0 to k − 1, each at least once where there is room. */
const categories = (length: number, k: number, random: Randomness): readonly number[] =>
  Array.from({ length }, (_, i) => (i < k ? i : Math.floor(random.uniform() * k)));

/** How many values a data symbol may have; undefined for one that is a number. */
function categoriesOf(d: Model['data'][number], model: Model): Dim | undefined {
  if (d.type.domain === 'plate' && d.type.plate !== undefined) return plateDim(d.type.plate, model);
  return d.type.domain === 'category' && d.type.categories !== undefined
    ? dimOf(d.type.categories, model)
    : undefined;
}

export function randomParameters(
  model: Model,
  sizes: Readonly<Record<string, number>>,
  random: Randomness,
): ReadonlyMap<string, Tensor<number>> {
  const { byParameter } = constraintsOf(model);
  return new Map(
    model.parameters.map((p) => {
      const plates = p.plates.map((plate) => sizeOf(plateDim(plate, model), sizes));
      const shape = shapeDims(p.type, model).map((dim) => sizeOf(dim, sizes));
      const drawn = draw(p.type.domain, plates, shape, random);
      const { held, ties } = byParameter.get(p.name) ?? { held: [], ties: [] };
      return [p.name, { shape: drawn.shape, data: feasible([...drawn.data], plates, held, ties) }] as const;
    }),
  );
}

/** Copies that are tied made one; entries of a simplex that are tied given their mean. */
function feasible(
  data: number[],
  plates: readonly number[],
  held: readonly HeldValue[],
  ties: readonly Tie[],
): readonly number[] {
  const copies = plates.reduce((a, b) => a * b, 1);
  const each = data.length / copies;
  for (let copy = 0; copy < copies; copy++)
    for (const tie of entriesOf(held, ties, unravel(copy, plates)).ties) {
      const mean = tie.reduce((s, at) => s + data[copy * each + at - 1], 0) / tie.length;
      for (const at of tie) data[copy * each + at - 1] = mean;
    }
  const whole = ties.filter((tie) => tie[0].length === plates.length);
  return withTies(data, whole, plates);
}

function instanceSizes(model: Model, rows: number): Readonly<Record<string, number>> {
  const sizes: Record<string, number> = { [rowsDim(model)]: rows };
  for (const s of model.sizes) sizes[s.name] = s.value ?? COORDINATES;
  for (const p of model.plates)
    if (p.range.kind === 'distinct') sizes[String(plateDim(p.name, model))] = GROUPS;
  for (const c of model.constants) if (typeof c.value === 'number') sizes[c.name] = c.value;
  for (const c of model.constants)
    if (c.isSize) sizes[c.name] = typeof c.value === 'number' && c.value <= 4 ? c.value : COMPONENTS;
  return sizes;
}

function constantTensor(
  c: Model['constants'][number],
  model: Model,
  sizes: Readonly<Record<string, number>>,
  random: Randomness,
): Tensor<number> {
  if (c.isSize) return { shape: [], data: [sizes[c.name]] };
  // what is derived holds for any value: one of the size of the data keeps the arithmetic away from 0 and infinity
  // how often something is tried bounds what is counted
  if (c.type.domain === 'count' && typeof c.value === 'number') return { shape: [], data: [c.value] };
  const isModerate = typeof c.value === 'number' && Math.abs(c.value) >= 0.05 && Math.abs(c.value) <= 5;
  if (isModerate && c.type.shape.length === 0) return { shape: [], data: [c.value] };
  if (Array.isArray(c.value)) {
    const rows = c.value as readonly (number | readonly number[])[];
    const flat = rows.flatMap((row) => (typeof row === 'number' ? [row] : [...row]));
    return {
      shape: Array.isArray(rows[0]) ? [rows.length, flat.length / rows.length] : [rows.length],
      data: flat,
    };
  }
  return draw(
    c.type.domain === 'real' || c.untyped ? 'positive' : c.type.domain,
    [],
    shapeDims(c.type, model).map((d: Dim) => sizeOf(d, sizes)),
    random,
  );
}

/** Values of a domain: [plates…, shape…]. */
function draw(
  domain: Domain,
  plates: readonly number[],
  shape: readonly number[],
  random: Randomness,
): Tensor<number> {
  const copies = plates.reduce((a, b) => a * b, 1);
  const data = Array.from({ length: copies }, () => drawOne(domain, shape, random)).flat();
  return { shape: [...plates, ...shape], data };
}

function drawOne(domain: Domain, shape: readonly number[], random: Randomness): readonly number[] {
  const length = shape.reduce((a, b) => a * b, 1);
  const fill = (f: () => number): number[] => Array.from({ length }, f);
  switch (domain) {
    case 'positive':
      return fill(() => 0.3 + 2 * random.uniform());
    case 'unit':
      return fill(() => 0.1 + 0.8 * random.uniform());
    case 'simplex': {
      const raw = fill(() => 0.2 + random.uniform());
      const total = raw.reduce((a, b) => a + b, 0);
      return raw.map((x) => x / total);
    }
    case 'shape': {
      const logs = fill(() => random.normal() / 2);
      const mean = logs.reduce((a, b) => a + b, 0) / length;
      return logs.map((x) => Math.exp(x - mean));
    }
    case 'covariance': {
      const n = shape[0] ?? 1;
      const a = fill(() => random.normal());
      return Array.from({ length }, (_, at) => {
        const [i, j] = [Math.floor(at / n), at % n];
        let s = i === j ? 0.7 : 0;
        for (let t = 0; t < n; t++) s += a[i * n + t] * a[j * n + t];
        return s;
      });
    }
    case 'orthogonal': {
      const n = shape[0] ?? 1;
      return givensProduct(n, random);
    }
    case 'count':
      // wider than Poisson counts are, so that a negative binomial has a shape
      return fill(() => Math.min(Math.floor(-2 * Math.log(1 - random.uniform())), 8));
    case 'boolean':
      return fill(() => (random.uniform() < 0.5 ? 0 : 1));
    case 'real':
    case 'category':
    case 'plate':
    case 'unknown':
      return fill(() => 1.5 * random.normal() + 0.3);
  }
}

function givensProduct(n: number, random: Randomness): readonly number[] {
  const q: number[] = Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
  for (let a = 0; a < n; a++)
    for (let b = a + 1; b < n; b++) {
      const angle = random.normal();
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let i = 0; i < n; i++) {
        const [x, y] = [q[i * n + a], q[i * n + b]];
        q[i * n + a] = c * x - s * y;
        q[i * n + b] = s * x + c * y;
      }
    }
  return q;
}

/**
 * Directions in which one copy of a parameter can move without leaving its domain, to first order; entries of a simplex
 * that are held stay, and those that are tied move alike. Used for derivatives and for feasible perturbations.
 */
export function tangentDirection(
  domain: Domain,
  shape: readonly number[],
  { held, ties }: ReturnType<typeof entriesOf>,
  random: Randomness,
  values: readonly number[],
): readonly number[] {
  const length = shape.reduce((a, b) => a * b, 1);
  const raw = alike(
    Array.from({ length }, () => random.normal()),
    ties,
  );
  // shares move in proportion to themselves: one that is 0, or a number at 0 or 1, stays there
  if (domain === 'unit') return raw.map((x, at) => x * values[at] * (1 - values[at]));
  if (domain === 'simplex') {
    const free = values.map((x, at) => (held.includes(at + 1) ? 0 : x));
    const total = free.reduce((a, b) => a + b, 0);
    const mean = raw.reduce((s, x, at) => s + free[at] * x, 0) / total;
    return raw.map((x, at) => free[at] * (x - mean));
  }
  if (domain === 'covariance') {
    const n = shape[0] ?? 1;
    return raw.map((_, at) => (raw[at] + raw[(at % n) * n + Math.floor(at / n)]) / 2);
  }
  if (domain === 'shape') {
    // Σ log A stays where it is: Σ δ_d / A_d = 0
    const mean = raw.reduce((a, b) => a + b, 0) / length;
    return raw.map((x, at) => (x - mean) * values[at]);
  }
  if (domain === 'orthogonal') {
    // Q K with K antisymmetric
    const n = shape[0] ?? 1;
    const k = raw.map((_, at) => raw[at] - raw[(at % n) * n + Math.floor(at / n)]);
    return raw.map((_, at) => {
      let s = 0;
      for (let t = 0; t < n; t++) s += values[Math.floor(at / n) * n + t] * k[t * n + (at % n)];
      return s;
    });
  }
  return raw;
}

/** The same number for entries that are tied, counted from 1. */
export const alike = (numbers: readonly number[], ties: readonly (readonly number[])[]): readonly number[] =>
  numbers.map((x, at) => {
    const tie = ties.find((t) => t.includes(at + 1));
    return tie === undefined ? x : numbers[tie[0] - 1];
  });
