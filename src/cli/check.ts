/** `gmm check`: everything that is wrong with models; the report is the result. */
import { compileSource } from '../compile.js';
import type { Compiled } from '../compile.js';
import { renderGithub } from '../diagnostics/render-github.js';
import { renderJson } from '../diagnostics/render-json.js';
import { renderSarif } from '../diagnostics/render-sarif.js';
import { renderText, summary } from '../diagnostics/render-text.js';
import type { Report } from '../diagnostics/types.js';
import { exit } from './exit.js';
import type { ExitCode, Reached } from './exit.js';
import { readText, usageLine } from './files.js';
import { givenValues, knownSizes } from './given-values.js';
import type { CheckFlags } from './flags.js';
import { hasErrors, reportDiagnostics } from './reports.js';
import type { Terminal } from './terminal.js';
import type { Plan } from '../plan/types.js';
import { version } from '../version.js';

export async function check(
  terminal: Terminal,
  files: readonly string[],
  flags: CheckFlags,
): Promise<ExitCode> {
  const { models, data } = modelsAndData(files, flags);
  if (flags.set !== undefined && flags.show !== 'plan') {
    terminal.error(usageLine(terminal, '`--set` gives sizes to `--show plan`'));
    return exit.usage;
  }
  const ofTable = (['bind', 'missing', 'delimiter', 'decimal'] as const).find((f) => flags[f] !== undefined);
  if (data === undefined && ofTable !== undefined) {
    terminal.error(
      usageLine(terminal, `\`--${ofTable}\` is for the data of \`check MODEL DATA --show plan\``),
    );
    return exit.usage;
  }
  if (data === '-' && models.includes('-')) {
    terminal.error(usageLine(terminal, 'the model and the data cannot both come from standard input'));
    return exit.usage;
  }
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
    const value = await show(terminal, compiled, flags.show, flags, data);
    if ('stopped' in value) return value.stopped;
    shown.push(value.value);
  }
  terminal.result(flags.show === undefined ? render(terminal, reports, flags) : shown.join('\n'));
  return reports.some((report) => hasErrors(report.diagnostics)) ? exit.model : exit.success;
}

/** Only the plan knows sizes: there the last of several files may be the data. */
function modelsAndData(
  files: readonly string[],
  { show: station }: CheckFlags,
): { readonly models: readonly string[]; readonly data: string | undefined } {
  const last = files[files.length - 1];
  return station === 'plan' && files.length > 1 && !last.endsWith('.gmm')
    ? { models: files.slice(0, -1), data: last }
    : { models: files, data: undefined };
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

/** What a station made of the model; a model whose errors kept it from being reached ends the command. */
async function show(
  terminal: Terminal,
  { tree, model, derivation, plan }: Compiled,
  station: NonNullable<CheckFlags['show']>,
  flags: CheckFlags,
  data: string | undefined,
): Promise<Reached<string>> {
  const unreached = { stopped: exit.model };
  switch (station) {
    case 'tree':
      return { value: json(tree) };
    case 'model':
      return model === undefined ? unreached : { value: json(model) };
    case 'derivation': {
      if (derivation === undefined) return unreached;
      const { derivationText } = await import('../report/derivation-text.js');
      return { value: derivationText(derivation) };
    }
    case 'plan':
      return plan === undefined ? unreached : showPlan(terminal, plan, flags, data);
  }
}

async function showPlan(
  terminal: Terminal,
  plan: Plan,
  flags: CheckFlags,
  data: string | undefined,
): Promise<Reached<string>> {
  const given = givenValues(terminal, plan, flags.set ?? {});
  if ('stopped' in given) return given;
  const found =
    data === undefined
      ? { value: {} }
      : await (await import('./data-sizes.js')).dataSizes(terminal, plan, data, flags);
  if ('stopped' in found) return found;
  if (flags.json === true || flags.format === 'json') {
    const { emitJson } = await import('../emit/json.js');
    return { value: emitJson(plan) };
  }
  const { planText } = await import('../report/plan-text.js');
  const { bold, cyan, dim } = terminal.out;
  return {
    value: planText(
      plan,
      { ...found.value, ...knownSizes(plan, given.value) },
      { title: bold, label: cyan, note: dim },
    ),
  };
}

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
