/** Parameters between their arrays and JSON, their component axes, and checks of those that a user gives. */
import { cholesky } from '../linear-algebra/cholesky.js';
import type { Parameter, SymbolName } from '../model/types.js';
import { shapeOfParameter } from '../plan/frame.js';
import type { Axis, ParameterArray, Parameters, Program } from '../plan/types.js';
import type { FitProblem } from './types.js';

export type Nested = number | readonly Nested[];

export function toNested(array: ParameterArray): Nested {
  const build = (axis: number, offset: number, length: number): Nested => {
    if (axis === array.shape.length) return array.data[offset];
    const step = length / array.shape[axis];
    return Array.from({ length: array.shape[axis] }, (_, at) => build(axis + 1, offset + at * step, step));
  };
  return build(0, 0, array.data.length);
}

/** All parameters as nested arrays, in the order of their declaration. */
export const parametersToJson = (
  parameters: Parameters,
  program: Program,
): Readonly<Record<string, Nested>> =>
  Object.fromEntries(program.plan.model.parameters.map((p) => [p.name, toNested(parameters.get(p.name)!)]));

/** Axes of a parameter's array that run over the values of a latent. */
export function componentAxes(parameter: Parameter, program: Program, axis: Axis): readonly number[] {
  const { model } = program.plan;
  const axes: number[] = [];
  const own = model.latents.find((l) => l.name === axis.latent)!.type.plate;
  parameter.plates.forEach((plate, n) => {
    if (plate === own) axes.push(n);
  });
  const plate = model.plates.find((p) => p.name === own);
  const upTo = plate?.range.kind === 'count' ? plate.range.upTo : undefined;
  parameter.type.shape.forEach((size, n) => {
    const isPlate = size.kind === 'plate' && size.plate === own;
    const isItsSize =
      parameter.type.domain === 'simplex' &&
      size.kind === 'constant' &&
      upTo?.kind === 'constant' &&
      size.name === upTo.name;
    if (isPlate || isItsSize) axes.push(parameter.plates.length + n);
  });
  return axes;
}

/** Reorders the values of a latent: new value k is old value order[k]. */
export function permuteComponents(
  parameters: Parameters,
  order: readonly number[],
  program: Program,
  axis: Axis,
): Parameters {
  return new Map(
    program.plan.model.parameters.map((p) => {
      const array = componentAxes(p, program, axis).reduce(
        (a, n) => permuteAxis(a, n, order),
        parameters.get(p.name)!,
      );
      return [p.name, array];
    }),
  );
}

function permuteAxis(array: ParameterArray, axis: number, order: readonly number[]): ParameterArray {
  const before = array.shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const after = array.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const n = array.shape[axis];
  const data = new Float64Array(array.data.length);
  for (let b = 0; b < before; b++)
    for (let k = 0; k < n; k++) {
      const from = (b * n + order[k]) * after;
      data.set(array.data.subarray(from, from + after), (b * n + k) * after);
    }
  return { shape: array.shape, data };
}

// ------------------------------------------------------------------------------------------------ given by the user

/** Reads parameters given as nested arrays. `needed` must all be there; others may be. */
export function parametersFromJson(
  given: Readonly<Record<string, unknown>>,
  program: Program,
  needed: ReadonlySet<string>,
): { readonly value: Parameters | undefined; readonly problems: readonly FitProblem[] } {
  const problems: FitProblem[] = [];
  const value = new Map<SymbolName, ParameterArray>();
  const invalid = (symbol: string, reason: string): void => {
    problems.push({ kind: 'start-invalid', symbol, reason });
  };
  for (const name of Object.keys(given))
    if (!program.plan.model.parameters.some((p) => p.name === name))
      invalid(name, 'the model has no such parameter');
  for (const parameter of program.plan.model.parameters) {
    const raw = given[parameter.name];
    if (raw === undefined) {
      if (needed.has(parameter.name))
        invalid(parameter.name, 'it is not in the start, and the E-step needs it');
      continue;
    }
    const shape = shapeOfParameter(program, parameter.name);
    const read = readNested(raw, shape);
    if (typeof read === 'string') {
      invalid(parameter.name, read);
      continue;
    }
    const array = { shape, data: read };
    const reason = infeasible(parameter, array);
    if (reason === undefined) value.set(parameter.name, array);
    else invalid(parameter.name, reason);
  }
  return { value: problems.length > 0 ? undefined : value, problems };
}

const sizes = (shape: readonly number[]): string =>
  shape.length === 0 ? 'a number' : `an array of ${shape.join(' × ')}`;

function shapeOfNested(raw: unknown): readonly number[] {
  const shape: number[] = [];
  let at: unknown = raw;
  while (Array.isArray(at)) {
    shape.push(at.length);
    at = at[0];
  }
  return shape;
}

function readNested(raw: unknown, shape: readonly number[]): Float64Array | string {
  const flat: number[] = [];
  let good = true;
  const walk = (x: unknown, axis: number): void => {
    if (axis === shape.length) {
      if (typeof x === 'number' && Number.isFinite(x)) flat.push(x);
      else good = false;
    } else if (Array.isArray(x) && x.length === shape[axis])
      x.forEach((y) => {
        walk(y, axis + 1);
      });
    else good = false;
  };
  walk(raw, 0);
  if (good) return Float64Array.from(flat);
  return `it is ${sizes(shapeOfNested(raw))} in the start, and the model wants ${sizes(shape)} of finite numbers`;
}

/** Why values are not in the parameter's domain; undefined when they are. */
function infeasible(parameter: Parameter, array: ParameterArray): string | undefined {
  const shape = array.shape.slice(parameter.plates.length);
  const each = shape.reduce((a, b) => a * b, 1);
  for (let at = 0; at < array.data.length; at += each) {
    const values = array.data.subarray(at, at + each);
    const which = array.data.length === each ? 'it' : `entry ${String(at / each + 1)} of it`;
    switch (parameter.type.domain) {
      case 'simplex': {
        const total = values.reduce((a, b) => a + b, 0);
        if (values.some((x) => x < 0)) return `${which} has a negative weight`;
        if (Math.abs(total - 1) > 1e-6)
          return `${which} sums to ${String(Number(total.toPrecision(12)))}, and a simplex sums to 1`;
        break;
      }
      case 'positive':
      case 'shape':
        if (values.some((x) => !(x > 0))) return `${which} must be positive`;
        break;
      case 'covariance': {
        const n = shape[0];
        for (let i = 0; i < n; i++)
          for (let j = 0; j < i; j++) {
            const gap = Math.abs(values[i * n + j] - values[j * n + i]);
            if (gap > 1e-8 * Math.sqrt(Math.abs(values[i * n + i] * values[j * n + j])))
              return `${which} is not symmetric`;
          }
        if (cholesky(values, n, 1e-14) === undefined) return `${which} is not positive definite`;
        break;
      }
      case 'unit':
        if (values.some((x) => x < 0 || x > 1)) return `${which} must lie between 0 and 1`;
        break;
      case 'real':
      case 'orthogonal':
      case 'count':
      case 'boolean':
      case 'category':
      case 'plate':
      case 'unknown':
        break;
    }
  }
  return undefined;
}
