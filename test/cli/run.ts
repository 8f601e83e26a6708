/** Runs the program as a user does: the built file, in a process of its own. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const PROGRAM = resolve('dist', 'cli.js');

if (!existsSync(PROGRAM))
  throw new Error('dist/cli.js is not there: `npm run build -- --no-types` comes before these tests');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Setting {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** flags of Node itself */
  readonly node?: readonly string[];
}

export function gmm(parameters: readonly string[], setting: Setting = {}): Outcome {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...(setting.node ?? []), PROGRAM, ...parameters],
    {
      cwd: setting.cwd,
      input: setting.input ?? '',
      encoding: 'utf8',
      env: { ...withoutColor(), ...setting.env },
      maxBuffer: 1 << 28,
    },
  );
  return { code: status, stdout, stderr };
}

/** The environment without what vitest says about colours. */
function withoutColor(): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  delete environment['FORCE_COLOR'];
  delete environment['NO_COLOR'];
  return environment;
}

export const program = PROGRAM;

/** A fresh folder with these files; the caller removes it. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'gmm-cli-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

export const MODEL = resolve('models', 'mixtures', 'old-faithful.gmm');
export const DATA = resolve('models', 'data', 'faithful.csv');
