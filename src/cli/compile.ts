/** `gmm compile`: what a model compiles to, as files that a person can read. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { rowsDim } from '../derive/translate.js';
import { cannotEmit, emit, missingFor } from '../emit/emit.js';
import type { EmittedFile } from '../emit/emit.js';
import { exit } from './exit.js';
import type { ExitCode } from './exit.js';
import { usageLine } from './files.js';
import type { CompileFlags } from './flags.js';
import { givenValues } from './given-values.js';
import { readModel } from './source.js';
import type { Terminal } from './terminal.js';

export async function compileVerb(terminal: Terminal, model: string, flags: CompileFlags): Promise<ExitCode> {
  const { target, output } = flags;
  if (target === 'graph' && output === undefined) {
    terminal.error(usageLine(terminal, 'a graph is a folder of files: say where with `-o DIR`'));
    return exit.usage;
  }
  const source = await readModel(terminal, model);
  if ('stopped' in source) return source.stopped;
  const { plan, text } = source.value;
  const values = givenValues(terminal, plan, flags.set ?? {});
  if ('stopped' in values) return values.stopped;
  const cannot = cannotEmit(plan, target);
  if (cannot !== undefined) {
    terminal.error(
      usageLine(
        terminal,
        `the target ${target} has no code for ${cannot}, which this model has; --target json, and \`gmm fit\`, do`,
      ),
    );
    return exit.usage;
  }
  const missing = missingFor(plan, target, values.value);
  if (missing.length > 0) {
    const flagsWanted = missing.map((name) => `--set ${name}=…`).join(' ');
    const what = missing.includes(rowsDim(plan.model))
      ? ` (${rowsDim(plan.model)} is the number of rows)`
      : '';
    terminal.error(
      usageLine(
        terminal,
        `the target ${target} needs a value for ${missing.join(', ')}${what}: ${flagsWanted}`,
      ),
    );
    return exit.usage;
  }
  const files = emit(plan, target, { ...values.value, source: text });
  if (output === undefined || output === '-') {
    terminal.result(files.map((file) => ('text' in file ? file.text : '')).join('\n'));
    return exit.success;
  }
  return write(terminal, output, files);
}

async function write(terminal: Terminal, folder: string, files: readonly EmittedFile[]): Promise<ExitCode> {
  for (const file of files) {
    const path = join(folder, file.path);
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, 'text' in file ? file.text : file.bytes);
    } catch (error) {
      terminal.error(
        usageLine(
          terminal,
          `cannot write \`${path}\`: ${error instanceof Error ? error.message : String(error)}`,
        ),
      );
      return exit.usage;
    }
    terminal.note(`wrote ${path}`);
  }
  return exit.success;
}
