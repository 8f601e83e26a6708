/** `gmm check`: everything that is wrong with models; the report is the result. */
import { compileSource } from '../compile.js';
import type { Compiled } from '../compile.js';
import { renderGithub } from '../diagnostics/render-github.js';
import { renderJson } from '../diagnostics/render-json.js';
import { renderSarif } from '../diagnostics/render-sarif.js';
import { renderText, summary } from '../diagnostics/render-text.js';
import type { Report } from '../diagnostics/types.js';
import { exit } from './exit.js';
import type { ExitCode } from './exit.js';
import { readText } from './files.js';
import type { CheckFlags } from './flags.js';
import { hasErrors, reportDiagnostics } from './reports.js';
import type { Terminal } from './terminal.js';
import { version } from '../version.js';

export async function check(
  terminal: Terminal,
  models: readonly string[],
  flags: CheckFlags,
): Promise<ExitCode> {
  const reports: Report[] = [];
  const shown: string[] = [];
  for (const model of models) {
    const text = await readText(terminal, model);
    if ('stopped' in text) return text.stopped;
    const file = model === '-' ? 'standard input' : model;
    const compiled = compileSource(text.value, { pedantic: flags.pedantic ?? false });
    const report = { file, text: text.value, diagnostics: compiled.diagnostics };
    reports.push(report);
    if (flags.show === undefined) continue;
    reportDiagnostics(terminal, report);
    const value = await show(compiled, flags.show);
    if (value === undefined) return exit.model;
    shown.push(value);
  }
  terminal.result(flags.show === undefined ? render(terminal, reports, flags) : shown.join('\n'));
  return reports.some((report) => hasErrors(report.diagnostics)) ? exit.model : exit.success;
}

function render(terminal: Terminal, reports: readonly Report[], flags: CheckFlags): string {
  switch (flags.json === true ? 'json' : (flags.format ?? 'text')) {
    case 'text':
      return text(terminal, reports);
    case 'json':
      return renderJson(reports);
    case 'sarif':
      return renderSarif(reports, version);
    case 'github':
      return renderGithub(reports);
  }
}

/** The diagnostics, then what there is in all. */
function text(terminal: Terminal, reports: readonly Report[]): string {
  const found = renderText(reports, terminal.out);
  if (terminal.settings.quiet) return found;
  const files = reports.length === 1 ? reports[0].file : `${String(reports.length)} files`;
  const all = summary(reports.flatMap((report) => report.diagnostics));
  return `${found}${found === '' ? '' : '\n'}${files}: ${all === '' ? 'no problems found' : all}\n`;
}

/** What a station made of the model; undefined where the model's errors kept it from being reached. */
async function show(
  compiled: Compiled,
  station: NonNullable<CheckFlags['show']>,
): Promise<string | undefined> {
  switch (station) {
    case 'tree':
      return json(compiled.tree);
    case 'model':
      return json(compiled.model);
    case 'derivation': {
      if (compiled.derivation === undefined) return undefined;
      const { derivationText } = await import('../report/derivation-text.js');
      return derivationText(compiled.derivation);
    }
    case 'plan': {
      if (compiled.plan === undefined) return undefined;
      const { emitJson } = await import('../emit/json.js');
      return emitJson(compiled.plan);
    }
  }
}

const json = (value: unknown): string | undefined =>
  value === undefined ? undefined : `${JSON.stringify(value, undefined, 2)}\n`;
