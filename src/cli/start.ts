/** `--start FILE`: a start file, or a fit. */
import { readStartFile } from '../fit/fit-file.js';
import type { Start } from '../fit/types.js';
import { exit } from './exit.js';
import type { Reached } from './exit.js';
import { readText, usageLine } from './files.js';
import type { Terminal } from './terminal.js';

export async function readStart(terminal: Terminal, file: string): Promise<Reached<Start>> {
  const text = await readText(terminal, file);
  if ('stopped' in text) return text;
  const { value, problem } = readStartFile(text.value);
  if (value !== undefined) return { value };
  terminal.error(usageLine(terminal, `\`${file}\` is no start: ${problem?.reason ?? 'it cannot be read'}`));
  return { stopped: exit.data };
}
