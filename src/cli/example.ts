/** `gmm example`: the models that come with the program. */
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nearest } from '../model/nearest.js';
import { exit } from './exit.js';
import type { ExitCode } from './exit.js';
import { usageLine } from './files.js';
import type { ExampleFlags } from './flags.js';
import type { Terminal } from './terminal.js';

/** From `dist/`, where the bundled program lies. */
const MODELS = fileURLToPath(new URL('../models/', import.meta.url));

interface Example {
  readonly name: string;
  /** paths below `models/` */
  readonly model: string;
  readonly data: string;
}

export async function example(
  terminal: Terminal,
  name: string | undefined,
  flags: ExampleFlags,
): Promise<ExitCode> {
  const examples = JSON.parse(await readFile(join(MODELS, 'examples.json'), 'utf8')) as readonly Example[];
  if (name === undefined) return list(terminal, examples);
  const chosen = examples.find((e) => e.name === name);
  if (chosen === undefined) {
    const near = nearest(
      name,
      examples.map((e) => e.name),
    );
    const hint = near === undefined ? '`gmm example` lists them' : `did you mean \`${near}\`?`;
    terminal.error(usageLine(terminal, `there is no example \`${name}\`; ${hint}`));
    return exit.usage;
  }
  return copy(terminal, chosen, flags.output ?? name);
}

async function list(terminal: Terminal, examples: readonly Example[]): Promise<ExitCode> {
  const width = Math.max(...examples.map((e) => e.name.length));
  const lines = await Promise.all(
    examples.map(
      async (e) =>
        `  ${terminal.out.cyan(e.name.padEnd(width))}   ${await firstComment(join(MODELS, e.model))}`,
    ),
  );
  terminal.result(`${lines.join('\n')}\n`);
  terminal.note(`\nTo begin with one: gmm example ${examples[0]?.name ?? 'NAME'}`);
  return exit.success;
}

/** What the model's first line says of it. */
async function firstComment(file: string): Promise<string> {
  const [first = ''] = (await readFile(file, 'utf8')).split('\n', 1);
  return /^#+\s*(.*)$/.exec(first)?.[1] ?? '';
}

async function copy(terminal: Terminal, chosen: Example, folder: string): Promise<ExitCode> {
  const sources = [chosen.model, chosen.data];
  const targets = sources.map((path) => join(folder, basename(path)));
  const existing = targets.find((target) => existsSync(target));
  if (existing !== undefined) {
    terminal.error(usageLine(terminal, `\`${existing}\` is there already; choose a folder with \`-o DIR\``));
    return exit.usage;
  }
  try {
    await mkdir(folder, { recursive: true });
    for (const [n, path] of sources.entries()) await copyFile(join(MODELS, path), targets[n]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    terminal.error(usageLine(terminal, `cannot write to \`${folder}\`: ${why}`));
    return exit.usage;
  }
  const [model, data] = targets;
  terminal.result(`${targets.join('\n')}\n`);
  terminal.note(`\nTry next:\n  gmm derive ${model}\n  gmm fit ${model} ${data}`);
  return exit.success;
}
