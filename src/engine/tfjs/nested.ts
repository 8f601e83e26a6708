/** Parameters as the emitted module takes them: nested arrays in an object. */
import type { ParameterArray, Parameters } from '../../plan/types.js';

export type Nested = number | readonly Nested[];

export const nestedParameters = (parameters: Parameters): Readonly<Record<string, Nested>> =>
  Object.fromEntries([...parameters].map(([name, array]) => [name, nested(array)]));

function nested({ shape, data }: ParameterArray): Nested {
  const [length, ...rest] = shape;
  if (length === undefined) return data[0];
  if (rest.length === 0) return Array.from(data);
  const each = data.length / length;
  return Array.from({ length }, (_, n) =>
    nested({ shape: rest, data: data.subarray(n * each, n * each + each) }),
  );
}
