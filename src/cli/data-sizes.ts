/** The sizes that a data file gives to a model: its rows, the columns of its vectors, its groups. */
import { bind } from '../data/bind.js';
import { constantValues, sizesOfData } from '../fit/prepare.js';
import type { Plan } from '../plan/types.js';
import type { CheckFlags } from './flags.js';
import type { Reached } from './exit.js';
import { reportProblems } from './reports.js';
import { openData, readBindings } from './table.js';
import type { Terminal } from './terminal.js';

export async function dataSizes(
  terminal: Terminal,
  plan: Plan,
  data: string,
  flags: CheckFlags,
): Promise<Reached<Readonly<Record<string, number>>>> {
  const { model } = plan;
  const bindings = readBindings(terminal, flags.bind);
  if ('stopped' in bindings) return bindings;
  const own = Object.entries(flags.set ?? {}).filter(([name]) =>
    model.constants.some((c) => c.name === name),
  );
  // a constant without a value stays a letter
  const { value: constants, problems } = constantValues(model, Object.fromEntries(own));
  const wrong = problems.filter((p) => p.kind !== 'constant-needed');
  if (wrong.length > 0) return { stopped: reportProblems(terminal, wrong) };
  const table = await openData(terminal, data, flags);
  if ('stopped' in table) return table;
  try {
    const bound = await bind(model, table.value, { bind: bindings.value, constants, use: 'fit' });
    return bound.value === undefined
      ? { stopped: reportProblems(terminal, bound.problems) }
      : { value: sizesOfData(model, bound.value) };
  } finally {
    table.value.close();
  }
}
