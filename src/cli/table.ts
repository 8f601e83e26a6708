/** The data argument: a file, or `-` for a CSV or JSON table on standard input. */
import { parseBinding } from '../data/bind.js';
import { openTable } from '../data/read.js';
import type { Table } from '../data/types.js';
import { exit } from './exit.js';
import type { Reached } from './exit.js';
import { readText, usageLine } from './files.js';
import type { TableFlags } from './flags.js';
import { reportProblems } from './reports.js';
import type { Terminal } from './terminal.js';

export type Bindings = Readonly<Record<string, readonly string[]>>;

export async function openData(terminal: Terminal, data: string, flags: TableFlags): Promise<Reached<Table>> {
  const { missing, delimiter, decimal } = flags;
  const options = {
    ...(missing === undefined ? {} : { missing }),
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(decimal === undefined ? {} : { decimal }),
  };
  if (data !== '-') return given(terminal, await openTable({ kind: 'file', path: data }, options));
  const text = await readText(terminal, '-');
  if ('stopped' in text) return text;
  return given(
    terminal,
    await openTable({ kind: 'text', text: text.value, name: 'standard input' }, options),
  );
}

function given(terminal: Terminal, opened: Awaited<ReturnType<typeof openTable>>): Reached<Table> {
  const { value, problems } = opened;
  return value === undefined ? { stopped: reportProblems(terminal, problems) } : { value };
}

/** `--bind NAME=col,col`, all of them. */
export function readBindings(terminal: Terminal, texts: readonly string[] = []): Reached<Bindings> {
  const bindings: Record<string, readonly string[]> = {};
  for (const text of texts) {
    const binding = parseBinding(text);
    if (binding === undefined || Object.hasOwn(bindings, binding.name)) {
      const why =
        binding === undefined
          ? 'write NAME=column,column, a column with a comma in double quotes'
          : `\`${binding.name}\` is bound twice`;
      terminal.error(usageLine(terminal, `\`--bind ${text}\`: ${why}`));
      return { stopped: exit.usage };
    }
    bindings[binding.name] = binding.columns;
  }
  return { value: bindings };
}
