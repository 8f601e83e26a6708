/** What `--set` says of a model without its data: constants, and sizes that only data would tell. */
import { rowsDim } from '../derive/translate.js';
import type { EmitOptions } from '../emit/emit.js';
import { sizesOf } from '../plan/program.js';
import type { ParameterArray, Plan } from '../plan/types.js';
import { exit } from './exit.js';
import type { Reached } from './exit.js';
import { usageLine } from './files.js';
import type { Terminal } from './terminal.js';
import type { Constant, Constants } from './values.js';

/** Sizes are D, and N for the rows; a name that the model does not have is wrong usage. */
export function givenValues(
  terminal: Terminal,
  plan: Plan,
  set: Constants,
): Reached<Pick<EmitOptions, 'sizes' | 'constants'>> {
  const { model } = plan;
  const sizeNames = [...model.sizes.map((s) => s.name), rowsDim(model)];
  const constantNames: readonly string[] = model.constants.map((c) => c.name);
  const sizes: Record<string, number> = {};
  const constants = new Map<string, ParameterArray>();
  for (const [name, value] of Object.entries(set)) {
    if (constantNames.includes(name)) constants.set(name, toArray(value));
    else if (sizeNames.includes(name) && typeof value === 'number') sizes[name] = value;
    else {
      const known = [...constantNames, ...sizeNames].join(', ');
      terminal.error(
        usageLine(terminal, `\`--set ${name}\`: the model has no such constant or size (${known})`),
      );
      return { stopped: exit.usage };
    }
  }
  return { value: { sizes, constants } };
}

function toArray(value: Constant): ParameterArray {
  if (typeof value === 'number') return { shape: [], data: Float64Array.of(value) };
  const rows = value.map((row) => (typeof row === 'number' ? [row] : row));
  const isVector = typeof value[0] === 'number';
  return {
    shape: isVector ? [rows.length] : [rows.length, rows[0]?.length ?? 0],
    data: Float64Array.from(rows.flat()),
  };
}

/** Every size with a number: the model's own, and those that were given. */
export function knownSizes(
  { model }: Plan,
  { sizes, constants }: Pick<EmitOptions, 'sizes' | 'constants'>,
): Readonly<Record<string, number>> {
  const given = [...(constants ?? [])].map(([name, { data }]): [string, number] => [name, data[0]]);
  return { ...sizesOf(model), ...Object.fromEntries(given), ...sizes };
}
