/** Files named on the command line, `-` being standard input and output. What cannot be read or written is wrong usage. */
import { access, constants, readFile, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { nearest } from '../model/nearest.js';
import { exit } from './exit.js';
import type { Reached } from './exit.js';
import type { Terminal } from './terminal.js';

/** A text file as UTF-8, without a byte order mark. */
export async function readText(terminal: Terminal, file: string): Promise<Reached<string>> {
  try {
    const text = file === '-' ? await readStandardInput() : await readFile(file, 'utf8');
    return { value: text.replace(/^\uFEFF/, '') };
  } catch (error) {
    terminal.error(usageLine(terminal, `cannot read \`${file}\`: ${await reason(error, file)}`));
    return { stopped: exit.usage };
  }
}

async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Looked at before the work begins, so that no result is lost to a folder that is not there. */
export async function isWritable(terminal: Terminal, file: string | undefined): Promise<boolean> {
  if (file === undefined || file === '-') return true;
  try {
    await access(dirname(file), constants.W_OK);
    return true;
  } catch (error) {
    terminal.error(
      usageLine(terminal, `cannot write \`${file}\`: ${await reason(error, dirname(file), 'folder')}`),
    );
    return false;
  }
}

export async function writeText(terminal: Terminal, file: string, text: string): Promise<ExitOrDone> {
  if (file === '-') {
    terminal.result(text);
    return undefined;
  }
  try {
    await writeFile(file, text);
    return undefined;
  } catch (error) {
    terminal.error(usageLine(terminal, `cannot write \`${file}\`: ${await reason(error, file)}`));
    return exit.usage;
  }
}

/** undefined when it went well */
type ExitOrDone = typeof exit.usage | undefined;

export const usageLine = (terminal: Terminal, text: string): string =>
  `${terminal.err.bold(terminal.err.red('error'))}: ${text}`;

const REASONS: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOSPC: 'no space left',
};

async function reason(error: unknown, file: string, what = 'file'): Promise<string> {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code !== 'ENOENT') return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  const neighbours = await readdir(dirname(file)).catch(() => []);
  const near = nearest(basename(file), neighbours);
  return `there is no such ${what}${near === undefined ? '' : `; did you mean \`${near}\`?`}`;
}
