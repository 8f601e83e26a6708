/** A model file, read and compiled; its diagnostics go to standard error. */
import { compileSource } from '../compile.js';
import type { Compiled } from '../compile.js';
import type { Derivation } from '../derive/types.js';
import type { Plan } from '../plan/types.js';
import { exit } from './exit.js';
import type { Reached } from './exit.js';
import { readText } from './files.js';
import { reportDiagnostics } from './reports.js';
import type { Terminal } from './terminal.js';

export interface Source {
  readonly text: string;
  /** as it was named; null for standard input */
  readonly file: string | null;
  readonly compiled: Compiled;
  readonly derivation: Derivation;
  readonly plan: Plan;
  readonly compileMs: number;
}

export async function readModel(terminal: Terminal, file: string): Promise<Reached<Source>> {
  const text = await readText(terminal, file);
  return 'stopped' in text ? text : compileText(terminal, text.value, file === '-' ? null : file);
}

export function compileText(
  terminal: Terminal,
  text: string,
  file: string | null,
  { isSilent = false } = {},
): Reached<Source> {
  const shown = file ?? 'standard input';
  const begin = performance.now();
  const compiled = compileSource(text);
  const compileMs = performance.now() - begin;
  const { derivation, plan } = compiled;
  const isBroken = derivation === undefined || plan === undefined;
  if (isBroken || !isSilent)
    reportDiagnostics(terminal, { file: shown, text, diagnostics: compiled.diagnostics });
  if (isBroken) return { stopped: exit.model };
  return { value: { text, file, compiled, derivation, plan, compileMs } };
}
