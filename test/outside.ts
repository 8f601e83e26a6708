/** The folder beside this repository that holds cases and results of others, and its Python programs. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './models.js';

export const shared = join(root, '../shared');
const cli = join(root, 'dist/cli.js');

/** Why the program cannot be tried from outside; undefined when it can. */
export function whyNot(script: string): string | undefined {
  if (!existsSync(join(shared, script))) return `../shared/${script} is not here`;
  if (!existsSync(cli)) return 'dist/cli.js is not built';
  if (spawnSync('python3', ['--version']).status !== 0) return 'python3 is not here';
  return undefined;
}

export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Runs a Python program of that folder over the built command line. */
export const python = (script: string, ...parameters: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const all = [join(shared, script), '--command', `node ${cli}`, ...parameters];
    execFile('python3', all, { encoding: 'utf8', maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      resolve({
        code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1,
        output: stdout + stderr,
      }),
    );
  });
